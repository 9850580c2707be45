// What else happens at a pile, and what it means for the promises there: trouble, a start under way, a
// start that came to nothing, a charge that took the promise up. Asked once, after every decision.
import type { EventOf, PileEvent } from "./events.ts";
import { nothing } from "../kit/mod.ts";
import { slotOf, slotsOf } from "./evolve-slots.ts";
import type { PileDecision } from "./fact.ts";
import { isPilesFault, restoredUntil, troubleAt } from "./slots.ts";
import type { FailedStart, Registered, Slot } from "./state.ts";
import { connectorOf, incident, openTurn, type PileCtx, type Turn } from "./turn.ts";

/** The decision with what it means for the promises of this pile. */
export function withFates(
  state: Registered,
  decision: PileDecision,
  ctx: PileCtx,
): PileDecision {
  if ("refused" in decision) return decision;
  const events = "events" in decision ? decision.events : decision;
  const touched = slotsOf(state).length > 0 || events.some(({ type }) => type === "SlotReserved");
  if (!touched || events.length === 0) return decision;
  const turn = openTurn(state, ctx);
  for (const event of events) {
    turn.add(event);
    fateOf(turn, event);
  }
  return "events" in decision ? { ...decision, events: turn.events } : turn.events;
}

type Fate<T extends PileEvent["type"]> = (turn: Turn, event: EventOf<T>) => void;
/** Events that mean something for promises; all others mean nothing. */
const fates: { [T in PileEvent["type"]]?: Fate<T> } = {
  SlotReserved: (turn, { reservationId, locked }) => {
    if (locked) lookAt(turn, (slot) => slot.reservationId === reservationId);
  },
  SlotLocked: (turn, { reservationId }) =>
    lookAt(turn, (slot) => slot.reservationId === reservationId),
  FaultSeen: (turn, { connector }) =>
    lookAt(turn, (slot) => connector === null || slot.connector === connector),
  PileDisabled: (turn) => lookAt(turn, () => true),
  // a lock may obey again before anybody misses it
  LockNoted: (turn, { connector, fault }) => {
    if (fault === null || turn.ctx.without.has("lock.reserved-fault")) return;
    lookAt(turn, (slot) => slot.locked && slot.connector === connector);
  },
  ConnectorLetGo: (turn, { connector, orderId }) => letGo(turn, connector, orderId),
  StartFailed: (turn, { connector, failed: start }) => failed(turn, connector, start),
  ChargeStarted: (turn, { connector }) => started(turn, connector),
};
function fateOf(turn: Turn, event: PileEvent): void {
  (fates[event.type] as Fate<PileEvent["type"]> | undefined)?.(turn, event);
}

/** No order is under way that takes it up. */
export const isOpen = (slot: Slot): boolean => slot.used === null && slot.orderId === null;

/** The lock begins, or a link that was lost under it has been away for long: who is still there, or what
 * keeps the pile from being used, is trouble. */
export function slotDue(state: Registered, reservationId: string, ctx: PileCtx): PileDecision {
  const slot = slotOf(state, reservationId);
  if (!slot || ctx.at < slot.lockFrom) return nothing;
  if (!slot.locked) return [{ type: "SlotLocked", reservationId, connector: slot.connector }];
  const turn = openTurn(state, ctx);
  lookAt(turn, (one) => one === slot);
  return turn.events;
}

/** Trouble is told once, and stays: whoever was told may go elsewhere. */
function lookAt(turn: Turn, wanted: (slot: Slot) => boolean): void {
  for (const slot of slotsOf(turn.state)) {
    if (!wanted(slot) || !isOpen(slot) || slot.trouble !== null) continue;
    const why = troubleAt(turn.state, slot, turn.ctx);
    if (why !== null) trouble(turn, slot, why);
  }
}

function trouble(turn: Turn, { reservationId, connector }: Slot, why: string): void {
  turn.add({ type: "SlotTroubled", reservationId, connector, why });
  incident(turn, {
    row: "flow-b",
    cause: why,
    words: "reservation.trouble",
    action: "free-cancel",
    outcome: "handled",
    facts: { connector, reservationId },
  });
}

/** A start that was not ordered after all: the promise stands as it did. */
function letGo(turn: Turn, no: number, orderId: string): void {
  const slot = slotsOf(turn.state).find((one) => one.orderId === orderId && one.used === null);
  if (!slot) return;
  const { reservationId } = slot;
  turn.add({ type: "SlotOpened", reservationId, connector: no });
  lookAt(turn, (one) => one.reservationId === reservationId);
}

/** A reserved start came to nothing: by the pile's fault its user may try again, else it was theirs. */
function failed(turn: Turn, no: number, { orderId, why }: FailedStart): void {
  const slot = slotsOf(turn.state).find((one) => one.connector === no && one.orderId === orderId);
  if (!slot) return;
  const { reservationId } = slot;
  const until = restoredUntil(turn.state, slot, turn.ctx);
  const again = isPilesFault(why) && until > turn.ctx.at &&
    !turn.ctx.without.has("reserve.lock-restored");
  if (!again) {
    return turn.add({ type: "SlotFreed", reservationId, connector: no, orderId });
  }
  turn.add({ type: "SlotRestored", reservationId, connector: no, orderId, until });
  incident(turn, {
    row: "flow-b",
    cause: why,
    words: "reservation.restored",
    action: "lock-restored",
    outcome: "compensated",
    facts: { connector: no, reservationId, orderId, until },
  });
}

/** A charge: that of the promise, or a stranger's that the pile let begin. */
function started(turn: Turn, no: number): void {
  const { use } = connectorOf(turn.state, no);
  const owner = use.status === "charging" || use.status === "stopping" ? use.session.owner : null;
  const { at } = turn.ctx;
  for (const slot of slotsOf(turn.state)) {
    if (slot.connector !== no || slot.used !== null || slot.lockFrom > at) continue;
    const theirs = owner !== null && owner.by !== "nobody" && owner.userId === slot.userId;
    const { reservationId } = slot;
    if (theirs) {
      turn.add({ type: "SlotUsed", reservationId, connector: no, orderId: owner.orderId });
    } else if (isOpen(slot) && slot.trouble === null) trouble(turn, slot, "pile.occupied");
  }
}

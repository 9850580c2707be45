// The lock of a connector's bay, as its pile has it: what the use of the connector asks of it, its words
// carried both ways where it hangs on the pile, and the connector closed while it has a fault.
import { nothing, refuse } from "../kit/mod.ts";
import { isActor } from "../kit/who.ts";
import { type LockAnswer, lockIdOf } from "../../wire/lock.ts";
import type { RawCause } from "../../wire/pile.ts";
import { type Of, type PileDecision, takeFact } from "./fact.ts";
import { forbidden, orderAt } from "./keep.ts";
import { closingSlot, lockingSlot } from "./promised.ts";
import { failStart, outcomeOf } from "./start.ts";
import type { BayLock, Connector, PileState, Registered } from "./state.ts";
import { connectorOf, hasConnector, openTurn, type PileCtx, type Turn } from "./turn.ts";
import type { PileEvent } from "./events.ts";

type Wish = NonNullable<BayLock["wish"]>;

/** What the connector's use asks of its lock; null: as it was asked before. */
function wishOf(
  state: Registered,
  connector: Connector,
  without: PileCtx["without"],
): Pick<Wish, "to" | "causeId"> | null {
  const { use } = connector;
  switch (use.status) {
    case "starting":
      return { to: "down", causeId: use.orderId };
    case "free":
      return wishOfFree(state, connector, without);
    case "occupied":
    case "kept":
    case "undoing":
    case "charging":
    case "stopping":
      return null;
  }
}

/** Closed for whoever it is reserved for, else at its rest. */
function wishOfFree(
  state: Registered,
  { no, lock }: Connector,
  without: PileCtx["without"],
): Pick<Wish, "to" | "causeId"> | null {
  const wish = lock?.wish;
  const slot = without.has("lock.kept-for-holder") ? null : closingSlot(state, no);
  if (slot !== null) {
    // its holder opened it already: the lock itself closes it again
    const isTheirs = wish?.causeId === slot.reservationId;
    return isTheirs ? null : { to: "up", causeId: slot.reservationId };
  }
  if (wish === undefined || wish.to === "rest") return null;
  // a driver who opened it has not come yet: the lock itself knows for how long
  if (wish.userId !== undefined && wish.userId === wish.causeId) return null;
  const outlives = wish.to === "up" && without.has("lock.reservation-over");
  return outlives ? null : { to: "rest", causeId: wish.causeId };
}

/** Whatever a command changed, the lock of each bay hears what is asked of it now. */
export function withLocks(
  state: PileState,
  decision: PileDecision,
  ctx: PileCtx,
): PileDecision {
  if ("refused" in decision || state.status === "unregistered") return decision;
  const isList = !("events" in decision);
  const events = isList ? decision : decision.events;
  const hasLock = state.connectors.some(({ lock }) => lock !== undefined);
  if (events.length === 0 || !hasLock) return decision;
  const turn = openTurn(state, ctx);
  for (const event of events) turn.add(event);
  for (const { no } of state.connectors) askLock(turn, no);
  if (turn.events.length === events.length) return decision;
  return isList ? turn.events : { ...decision, events: turn.events };
}

function askLock(turn: Turn, no: number): void {
  const connector = connectorOf(turn.state, no);
  const { lock } = connector;
  const wish = wishOf(turn.state, connector, turn.ctx.without);
  if (lock === undefined || wish === null) return;
  if (lock.wish?.to === wish.to && lock.wish.causeId === wish.causeId) return;
  turn.add({ type: "LockAsked", connector: no, ...wish });
}

/** The lock's own word of itself; the first one makes it known here. */
export function noteLock(
  state: Registered,
  { connector: no, form, position, fault }: Of<"NoteLock">,
  ctx: PileCtx,
): PileDecision {
  if (!isActor(ctx.principal, "lock", lockIdOf(ctx.self.id, no))) return forbidden();
  if (!hasConnector(state, no)) return refuse("pile.connector-unknown", { connector: no });
  const known = connectorOf(state, no).lock;
  const same = known?.form === form && known.position === position &&
    known.fault?.code === fault?.code && known.fault?.since === fault?.since;
  if (same) return nothing;
  const turn = openTurn(state, ctx);
  const waiting = fault !== null && !known?.fault ? waitsFor(connectorOf(state, no), ctx.at) : null;
  turn.add({
    type: "LockNoted",
    connector: no,
    form,
    position,
    fault,
    ...(waiting === null ? {} : { tell: waiting }),
  });
  if (fault !== null) barred(turn, no);
  return turn.events;
}

/** The driver who waits for the bay to open. */
function waitsFor(connector: Connector, at: number): { userId: string; orderId?: string } | null {
  const { use, lock } = connector;
  if (use.status === "starting") return { userId: use.userId, orderId: use.orderId };
  const { userId, until = 0 } = lock?.wish ?? {};
  return userId === undefined || at > until ? null : { userId };
}

/** As the catalogue has it (wire/faults). */
const CODES = { "ground-lock": "lock:fault", "gate": "gate:fault" } as const;

/** A car that is not in yet will not come: its start is over, rather than after all its time. */
function barred(turn: Turn, no: number): void {
  const { use, plugged, lock } = connectorOf(turn.state, no);
  if (use.status !== "starting" || plugged === true || lock === undefined) return;
  if (lock.position === "down" || turn.ctx.without.has("lock.fault-closes")) return;
  const { form, fault } = lock;
  const raw = fault === null ? {} : { raw: fault.code };
  const cause: RawCause = { code: CODES[form], by: "pile", ...raw, fault: form };
  const refused = use.step === "waits-plug" || use.attempt === 0; // nothing can run by it
  failStart(turn, no, "fault", { cause, proven: refused && !use.doubt });
}

/** A driver in front of a closed bay: opened for a while, for the start that follows. What is reserved
 * opens for its holder alone, and closes again over the empty bay if they do not start. */
export function lowerLock(
  state: Registered,
  { connector: no }: Of<"LowerLock">,
  ctx: PileCtx,
): PileDecision {
  if (!hasConnector(state, no)) return refuse("pile.connector-unknown", { connector: no });
  const connector = connectorOf(state, no);
  const userId = ctx.principal.id;
  if (connector.lock === undefined) return refuse("lock.unknown", { connector: no });
  if (state.disabled) return refuse("pile.disabled", { reason: state.disabled.reason });
  if (!isOpenTo(connector, userId)) return refuse("pile.occupied", { connector: no });
  const order = orderAt(connector);
  if (order !== null) return [{ type: "LockAsked", connector: no, to: "down", causeId: order }];
  const forAWhile = { userId, forMs: ctx.settings.lockIdleMs };
  const slot = ctx.without.has("lock.kept-for-holder") ? null : lockingSlot(state, no, ctx.at);
  if (slot === null) {
    return [{ type: "LockAsked", connector: no, to: "down", causeId: userId, ...forAWhile }];
  }
  const { reservationId, until } = slot;
  if (slot.userId !== userId) return refuse("pile.reserved", { connector: no, until });
  return [{
    type: "LockAsked",
    connector: no,
    to: "down",
    causeId: reservationId,
    ...forAWhile,
    after: "up",
  }];
}

function isOpenTo({ use }: Connector, userId: string): boolean {
  switch (use.status) {
    case "free":
      return true;
    case "occupied":
    case "kept":
    case "starting":
      return use.userId === userId;
    case "undoing":
    case "charging":
    case "stopping":
      return false;
  }
}

// ---- where the lock hangs on the pile

/** An order or a question of the lock's actor, to the device. */
export function driveLock(
  state: Registered,
  { connector: no, op, n, id, to }: Of<"DriveLock">,
  ctx: PileCtx,
): PileDecision {
  if (!isActor(ctx.principal, "lock", lockIdOf(ctx.self.id, no))) return forbidden();
  if (state.link.presence === "offline") return [lockReplied(no, { op, n }, { outcome: "none" })];
  const order = id === undefined || to === undefined ? {} : { id, to };
  return [{ type: "LockDriven", connector: no, op, n, ...order }];
}

export function lockDeviceAnswered(
  _state: Registered,
  { ref, answer }: Of<"LockDeviceAnswered">,
): PileDecision {
  const { connector: no, op, n } = ref;
  return [lockReplied(no, { op, n }, lockAnswerOf(no, answer))];
}

function lockAnswerOf(no: number, answer: unknown): LockAnswer {
  const said = outcomeOf(answer);
  if (said === null) return { outcome: "none" };
  const { outcome, code, connectors } = said;
  switch (outcome) {
    case "accepted":
      return { outcome };
    case "refused":
      return { outcome, ...(code === undefined ? {} : { code }) };
    case "known": // repeats what it said the first time
      return code === undefined || code === "accepted"
        ? { outcome: "accepted" }
        : { outcome: "refused", code };
    case "told": {
      const seen = connectors?.find((one) => one.no === no)?.lock;
      return seen === undefined ? { outcome: "none", code: "no-lock" } : { outcome, seen };
    }
  }
}

const lockReplied = (
  connector: number,
  call: { op: "move" | "ask"; n: number },
  answer: LockAnswer,
): PileEvent => ({ type: "LockReplied", connector, ...call, answer });

/** What the pile tells of its lock by itself; of a lock that ops have not made known it is only kept. */
export const reportLock = (
  state: Registered,
  command: Of<"ReportLock">,
  ctx: PileCtx,
): PileDecision =>
  takeFact(state, command, ctx, (turn, { connector: no, seen, deviceAt }) => {
    if (!hasConnector(state, no) || connectorOf(state, no).lock === undefined) return;
    turn.add({ type: "LockTold", connector: no, seen, deviceAt });
  });

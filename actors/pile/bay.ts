// The bay after a charge (占用): its order hears when the car stays, when it has gone, and when we are in
// the way (offline, faulted, out of service). Ops may have the gun unlocked. A use of the connector
// by itself does not say it: a driver who starts and gives up again still stands there.
import { nothing, refuse, replied } from "../kit/mod.ts";
import { isActor } from "../kit/who.ts";
import type { DeviceOutcome } from "../../wire/pile.ts";
import type { PileEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import type { Of, PileDecision } from "./fact.ts";
import { blockingFault, forbidden } from "./keep.ts";
import { momentOf } from "./ledger.ts";
import type { Connector, Registered } from "./state.ts";
import { connectorOf, hasConnector, openTurn, type PileCtx, type Turn } from "./turn.ts";

/** Tries in vain to unlock a gun, after which somebody has to go there. */
const UNLOCKS_MAX = 3;

/** These can change what holds of a bay; readings do not. */
const TOUCHING: ReadonlySet<PileEvent["type"]> = new Set([
  "ChargeEnded",
  "ChargeStarted",
  "PlugSeen",
  "LinkOpened",
  "LinkLost",
  "FaultSeen",
  "FaultCleared",
  "PileDisabled",
  "PileEnabled",
  "LockNoted",
]);

/** Why staying costs nothing now; null: it may. */
function inTheWay(state: Registered, connector: Connector): string | null {
  if (state.link.presence === "offline") return "offline";
  if (state.disabled) return "out-of-service";
  // behind a gate that does not open nobody drives off
  return blockingFault(state, connector) || connector.lock?.fault ? "faulted" : null;
}

/** The decision with what it means for the bays of charges that are over. */
export function withBays(
  before: Registered,
  decision: PileDecision,
  ctx: PileCtx,
): PileDecision {
  if ("refused" in decision) return decision;
  const events = "events" in decision ? decision.events : decision;
  if (!events.some(({ type }) => TOUCHING.has(type))) return decision;
  const more = bayEvents(before, events, ctx);
  if (more.length === 0) return decision;
  const all = [...events, ...more];
  return "events" in decision ? { ...decision, events: all } : all;
}

function bayEvents(
  before: Registered,
  events: readonly PileEvent[],
  ctx: PileCtx,
): PileEvent[] {
  let state = before;
  for (const event of events) state = evolve(state, event, ctx) as Registered;
  return state.connectors.flatMap((one) => {
    const ended = events.findLast((event) =>
      event.type === "ChargeEnded" && event.connector === one.no && event.left !== true
    );
    const { use } = connectorOf(before, one.no);
    return changes(one, events, {
      ended: ended?.type === "ChargeEnded" && ended.owner.by === "order" ? ended.owner : null,
      way: inTheWay(state, one),
      offsetMs: "session" in use ? use.session.clockOffsetMs : 0,
      at: ctx.at,
    });
  });
}

interface Seen {
  ended: { orderId: string } | null;
  way: string | null;
  offsetMs: number;
  at: number;
}
function changes(
  { no: connector, stay, use, plugged }: Connector,
  events: readonly PileEvent[],
  { ended, way, offsetMs, at }: Seen,
): PileEvent[] {
  if (stay) {
    const again = events.some((event) =>
      event.type === "ChargeStarted" && event.connector === connector
    );
    const { orderId } = stay;
    if (again) return [{ type: "BayLeft", connector, orderId, why: "charges-again" }];
    if (plugged !== true) {
      const out = events.findLast((event) =>
        event.type === "PlugSeen" && event.connector === connector
      );
      const leftAt = out?.type === "PlugSeen" ? momentOf(out.deviceAt, at, stay.offsetMs) : at;
      return [{ type: "BayLeft", connector, orderId, why: "unplugged", leftAt }];
    }
    if (way !== null && stay.blocked === undefined) {
      return [{ type: "BayBlocked", connector, orderId, why: way }];
    }
    return way === null && stay.blocked !== undefined
      ? [{ type: "BayOpened", connector, orderId }]
      : [];
  }
  if (!ended || use.status !== "occupied") return [];
  const { orderId } = ended;
  const why = way === null ? {} : { why: way };
  return [{ type: "BayTaken", connector, orderId, ...why, ...(offsetMs ? { offsetMs } : {}) }];
}

/** Whether the car of that order still stands there, and by which clock. */
export function askBay(
  state: Registered,
  { orderId, connector: no }: Of<"AskBay">,
  ctx: PileCtx,
): PileDecision {
  if (!isActor(ctx.principal, "order", orderId)) return forbidden();
  const stays = hasConnector(state, no) && connectorOf(state, no).stay?.orderId === orderId;
  return replied(nothing, () => ({ at: ctx.at, stays }));
}

/** Ops want gun and bay released; the order has seen to reason, warning and confirmation. */
export function releaseBay(
  state: Registered,
  { orderId, connector: no, by, reason, shut }: Of<"ReleaseBay">,
  ctx: PileCtx,
): PileDecision {
  if (!isActor(ctx.principal, "order", orderId)) return forbidden();
  if (!hasConnector(state, no)) return refuse("pile.connector-unknown", { connector: no });
  const turn = openTurn(state, ctx);
  if (shut && !state.disabled) turn.add({ type: "PileDisabled", reason, by });
  const { stay } = connectorOf(state, no);
  if (stay?.orderId !== orderId) {
    turn.add({ type: "UnlockAnswered", connector: no, orderId, ok: true, why: "gone" });
    return turn.events;
  }
  unlock(turn, no, { orderId, id: `${orderId}-unlock-${ctx.v + 1}`, by, reason, tries: 1 });
  return turn.events;
}

interface Unlock {
  orderId: string;
  id: string;
  by: string;
  reason: string;
  tries: number;
}
function unlock(turn: Turn, no: number, asked: Unlock): void {
  if (turn.state.link.presence === "offline") {
    const { orderId } = asked;
    turn.add({ type: "UnlockAnswered", connector: no, orderId, ok: false, why: "offline" });
    return;
  }
  turn.add({ type: "UnlockAsked", connector: no, ...asked });
}

/** The same command id on each try: a gun that is unlocked already says so. */
export function unlockAnswered(
  state: Registered,
  no: number,
  outcome: DeviceOutcome | null,
  ctx: PileCtx,
): PileDecision {
  const asked = connectorOf(state, no).stay?.unlock;
  const orderId = connectorOf(state, no).stay?.orderId;
  if (!asked || orderId === undefined) return nothing;
  const turn = openTurn(state, ctx);
  const done = outcome?.outcome === "accepted" || outcome?.outcome === "known";
  if (done || asked.tries >= UNLOCKS_MAX || outcome?.outcome === "refused") {
    const why = done ? {} : { why: outcome?.code ?? "no-answer" };
    turn.add({ type: "UnlockAnswered", connector: no, orderId, ok: done, ...why });
  } else unlock(turn, no, { orderId, ...asked, tries: asked.tries + 1 });
  return turn.events;
}

// Stopping: sent again and again until the pile reports the end or proves that nothing runs. It serves
// running charges and failed starts alike.
import type { Safeguard } from "../../wire/safeguards.ts";
import { nothing, refuse } from "../kit/mod.ts";
import { isActor } from "../kit/who.ts";
import type { DeviceOutcome, RawCause } from "../../wire/pile.ts";
import type { Of, PileDecision } from "./fact.ts";
import { drive, unproven } from "./drive.ts";
import { endSession } from "./end.ts";
import { forbidden, orderAt } from "./keep.ts";
import { failStart, neverHeard, type Seen } from "./start.ts";
import type { Connector, Registered, Stop, StopBy } from "./state.ts";
import { connectorOf, hasConnector, openTurn, type PileCtx, type Turn } from "./turn.ts";

/** An unproven connector needs a person after this, online or not. */
export const PERSON_MS = 600_000;
/** One look may cross the report of the end on its way: two, a retry apart, are proof. */
const IDLE_PROOF = 2;

export function stopConnector(
  state: Registered,
  { orderId, connector: no, by }: Of<"StopConnector">,
  ctx: PileCtx,
): PileDecision {
  if (!isActor(ctx.principal, "order", orderId)) return forbidden();
  if (!hasConnector(state, no)) return refuse("pile.connector-unknown", { connector: no });
  const connector = connectorOf(state, no);
  if (orderAt(connector) !== orderId) return over(state, orderId, no);
  const turn = openTurn(state, ctx);
  switch (connector.use.status) {
    case "kept":
      return [{ type: "ConnectorLetGo", connector: no, orderId, why: "order" }];
    case "starting":
      failStart(turn, no, "stopped", { proven: neverHeard(connector.use) });
      return turn.events;
    case "charging":
      stopCharge(turn, no, by);
      return turn.events;
    case "stopping":
    case "undoing":
    case "free":
    case "occupied":
      return nothing;
  }
}

/** What charged here has ended and its order was told; what never did is refused, which proves it. */
function over(state: Registered, orderId: string, no: number): PileDecision {
  const charged = state.transactions.some((one) => one.orderId === orderId);
  return charged ? nothing : refuse("pile.not-kept", { connector: no });
}

/** Begins the stop of a running charge. */
export function stopCharge(
  turn: Turn,
  no: number,
  by: StopBy,
  more: { limit?: string; cause?: RawCause } = {},
): void {
  turn.add({ type: "StopRequested", connector: no, by, ...more });
  drive(turn, no);
}

type Limit = Of<"ReachLimit">["limit"];
const GUARDS: Partial<Record<Limit, Safeguard>> = {
  energy: "limit.energy",
  time: "limit.time",
  money: "limit.money",
  soc: "limit.soc",
  platform: "limit.platform-max",
};

/** The fast lane saw a limit, or its timer came. */
export function reachLimit(turn: Turn, no: number, orderId: string, limit: Limit): void {
  const guard = GUARDS[limit];
  if (guard && turn.ctx.without.has(guard)) return;
  const { use } = connectorOf(turn.state, no);
  if (use.status !== "charging" || use.session.owner.orderId !== orderId) return;
  turn.add({ type: "LimitReached", connector: no, orderId, limit });
  stopCharge(turn, no, "limit", { limit });
}

export function limitReached(
  state: Registered,
  { connector: no, orderId, limit }: Of<"ReachLimit">,
  ctx: PileCtx,
): PileDecision {
  if (!hasConnector(state, no)) return nothing;
  const turn = openTurn(state, ctx);
  reachLimit(turn, no, orderId, limit);
  return turn.events;
}

const stopAt = ({ use }: Connector): Stop | null =>
  use.status === "stopping" || use.status === "undoing" ? use.stop : null;
const step = (
  turn: Turn,
  no: number,
  phase: Stop["phase"],
  more: { idle?: true; newId?: true } = {},
): void => {
  turn.add({ type: "StopStepped", connector: no, phase, ...more });
  drive(turn, no);
};

/** The pile's answer to a stop command: what it says is no proof yet. */
export function stopAnswered(turn: Turn, no: number, _answer: DeviceOutcome | null): void {
  const connector = connectorOf(turn.state, no);
  if (stopAt(connector)?.phase !== "sent") return drive(turn, no);
  // A running charge reports its end; where none was ever seen only a question can tell.
  step(turn, no, connector.use.status === "undoing" ? "ask" : "wait");
}

/** Time for the next look at a stop that nothing has proven. */
export function stopTimedOut(state: Registered, no: number, ctx: PileCtx): PileDecision {
  const turn = openTurn(state, ctx);
  const connector = connectorOf(state, no);
  const stop = stopAt(connector);
  if (stop === null || ctx.without.has("stop.until-proven")) return nothing;
  if (state.link.presence === "offline") return nothing; // goes on when the link opens
  const next = connector.use.status === "undoing" && stop.phase !== "sent" ? "send" : "ask";
  const underWay = connector.calls.includes(next === "send" ? "stop" : "ask");
  if (underWay && stop.phase === next) return nothing; // its answer goes on from here
  step(turn, no, next);
  return turn.events;
}

export function personDue(state: Registered, no: number, ctx: PileCtx): PileDecision {
  const turn = openTurn(state, ctx);
  const connector = connectorOf(state, no);
  const stop = stopAt(connector);
  if (stop === null) return nothing;
  unproven(turn, no, "needs-person", { presence: state.link.presence, attempts: stop.attempts });
  return turn.events;
}

/** What the pile says runs, while a stop is under way. */
export function stopSeen(turn: Turn, no: number, seen: Seen): void {
  const connector = connectorOf(turn.state, no);
  const stop = stopAt(connector);
  if (stop === null || stop.phase !== "ask") return;
  // An undone start asks right after its stop: the next stop waits for the timer.
  const again = connector.use.status === "undoing" ? "wait" : "send";
  switch (seen?.state) {
    case "idle":
    case "plugged":
      return provenIdle(turn, connector, stop, seen.registerWh);
    case "charging":
      return step(turn, no, again, stop.heard ? { newId: true } : {});
    case "unknown":
    case undefined:
      return step(turn, no, again);
  }
}

function provenIdle(turn: Turn, { no, use }: Connector, stop: Stop, registerWh?: number): void {
  if (use.status === "undoing") {
    turn.add({ type: "StartUndone", connector: no, failed: use.failed, proof: "asked" });
  } else if (stop.idleSeen + 1 < IDLE_PROOF) step(turn, no, "wait", { idle: true });
  else {
    endSession(turn, no, {
      deviceAt: turn.ctx.at,
      ...(registerWh === undefined ? {} : { registerWh }),
      reason: "remote",
      proof: "asked",
    });
  }
}

/** A status report that says "nothing runs" proves it for a start that is being undone. */
export function stateProves(turn: Turn, no: number): void {
  const { use } = connectorOf(turn.state, no);
  if (use.status !== "undoing" || use.stop.attempts === 0) return;
  turn.add({ type: "StartUndone", connector: no, failed: use.failed, proof: "state" });
}

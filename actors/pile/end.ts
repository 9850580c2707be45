// The end of a session: each report settles exactly one, exactly once; a pile's queue is never refused.
import { energyOf, mergeSegments } from "../tariff/mod.ts";
import type { EndReason, RawCause } from "../../wire/pile.ts";
import type { EventOf } from "./events.ts";
import { drive } from "./drive.ts";
import { boundsOf } from "./estimate.ts";
import { advance, doubtOf, energyBetween, momentOf, sessionAt } from "./ledger.ts";
import type { Left, Reading, Session, Stop } from "./state.ts";
import { connectorOf, type Turn } from "./turn.ts";
import { reasonBy, tellsFault } from "./verdict.ts";

export interface End {
  deviceAt: number;
  /** Absent: the last known value stands. */
  registerWh?: number;
  reason: EndReason;
  cause?: RawCause | undefined;
  proof: "report" | "asked" | "waited" | "meter";
  readings?: readonly { deviceAt: number; registerWh: number }[] | undefined;
}

/** So long before its end a code explains an end that says nothing of its own. */
const TOLD_MS = 60_000;

/**
 * A stop that the platform sent for a fault ended by that fault, not by a remote hand; an end for no
 * stated reason, by the grave code that was told just before it, cleared again or not.
 */
function reasonOf({ reason, cause }: End, stop: Stop | null, { told }: Session, now: number) {
  const isOpen = reason === "other" || (reason === "remote" && stop?.cause !== undefined);
  const recent = told && now - told.at <= TOLD_MS ? told.cause : undefined;
  const behind = isOpen ? stop?.cause ?? recent : undefined;
  const because = behind !== undefined && !tellsFault(cause) ? behind : cause;
  return {
    reason: behind === undefined ? reason : reasonBy("fault", behind),
    ...(because === undefined ? {} : { cause: because }),
    ...(stop?.limit === undefined ? {} : { limit: stop.limit }),
  };
}

function endedBy(
  session: Session,
  end: End,
  stop: Stop | null,
  settled: { registerWh: number; at: number },
  now: number,
): Omit<EventOf<"ChargeEnded">, "type" | "connector"> {
  const why = reasonOf(end, stop, session, now);
  return {
    txId: session.txId,
    owner: session.owner,
    ...why,
    startRegisterWh: session.startRegisterWh,
    registerWh: settled.registerWh,
    endedAt: settled.at,
    segments: session.segments,
    ...(session.doubt === null ? {} : { implausible: session.doubt }),
    proof: end.proof,
    ...(why.reason === "unplugged" ? { unplugged: true as const } : {}),
  };
}

/** Ends the session that runs at a connector; its register stands at the last believed value. */
export function endSession(turn: Turn, no: number, end: End): void {
  for (const reading of end.readings ?? []) advance(turn, no, reading);
  if (end.registerWh !== undefined) {
    advance(turn, no, { deviceAt: end.deviceAt, registerWh: end.registerWh });
  }
  const connector = connectorOf(turn.state, no);
  const session = sessionAt(connector);
  const { use, register } = connector;
  if (session === null || register === null) return;
  const stop = use.status === "stopping" ? use.stop : null;
  const told = momentOf(end.deviceAt, turn.ctx.at, session.clockOffsetMs);
  const settled = { registerWh: register.wh, at: Math.max(told, register.at) };
  const { ratedPowerW } = connector;
  const { idleAt = turn.ctx.at } = stop ?? (use.status === "charging" ? use : {});
  const gap = { session, last: register, ratedPowerW, now: idleAt };
  const untold = end.registerWh === undefined && session.owner.by === "order";
  turn.add({
    type: "ChargeEnded",
    connector: no,
    ...endedBy(session, end, stop, settled, turn.ctx.at),
    ...(untold ? { estimate: { ...boundsOf(gap), method: "last-reading" as const } } : {}),
  });
  stayTaken(turn, no, session);
  drive(turn, no); // another order's failed start may still wait for its proof
}

/** A gun is free whether or not its bill is paid: unguarded, it waits for the money. */
function stayTaken(turn: Turn, no: number, { owner }: Session): void {
  const { ctx } = turn;
  if (owner.by !== "order" || !ctx.without.has("due.bay-free")) return;
  const { orderId, userId } = owner;
  const until = ctx.at + ctx.settings.chargeMsMax;
  turn.add({ type: "ConnectorKept", connector: no, orderId, userId, until });
}

/** Ends a session that another one followed: its energy lies below the other's first value. */
export function settleLeft(turn: Turn, left: Left, end: End): void {
  const { session, last, ceilingWh, connector: no } = left;
  const at = momentOf(end.deviceAt, turn.ctx.at, session.clockOffsetMs);
  const told = end.registerWh ?? last.wh;
  const reading: Reading = {
    at: Math.max(at, last.at),
    wh: Math.min(Math.max(told, last.wh), ceilingWh),
    gotAt: turn.ctx.at,
    boot: turn.state.boot,
  };
  const outside = told !== reading.wh;
  const doubt = doubtOf(connectorOf(turn.state, no), last, reading);
  const taken = doubt === null ? reading : last;
  const added = energyBetween(session, last, taken);
  const rest = ceilingWh - last.wh - energyOf(added);
  if (rest > 0) {
    const why = session.owner.by === "nobody" ? session.owner.why : "gap";
    const { txId } = session;
    turn.add({ type: "EnergyUnattributed", connector: no, txId, wh: rest, why });
  }
  const whole: Session = {
    ...session,
    segments: mergeSegments(session.segments, added),
    doubt: session.doubt ?? doubt ?? (outside ? "register-outside" : null),
  };
  const settled = { registerWh: taken.wh, at: Math.max(reading.at, last.at) };
  const ended = endedBy(whole, end, null, settled, turn.ctx.at);
  turn.add({ type: "ChargeEnded", connector: no, ...ended, left: true });
}

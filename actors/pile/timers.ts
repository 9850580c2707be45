// What the passing of time means at a pile; a timer that finds its reason gone does nothing.
import { nothing } from "../kit/mod.ts";
import type { ChargeLimit } from "../../wire/pile.ts";
import { drive } from "./drive.ts";
import { settleLeft } from "./end.ts";
import type { Of, PileDecision } from "./fact.ts";
import { gapDue, lostDue } from "./gap.ts";
import { keepTimedOut } from "./keep.ts";
import { slotOfTimer, timerOf } from "./names.ts";
import { slotDue } from "./slot-fate.ts";
import { begin, unknown } from "./started.ts";
import { failStart, neverHeard, plugTimedOut, startSilent } from "./start.ts";
import { personDue, reachLimit, stopTimedOut } from "./stop.ts";
import type { Registered, Session } from "./state.ts";
import { aloneDue } from "./stray.ts";
import { connectorOf, hasConnector, openTurn, type PileCtx } from "./turn.ts";

export function timerFired(
  state: Registered,
  { name }: Of<"TimerFired">,
  ctx: PileCtx,
): PileDecision {
  const promise = slotOfTimer(name);
  if (promise !== null) return slotDue(state, promise, ctx);
  const timer = timerOf(name);
  if (timer === null) return nothing;
  const { kind, no } = timer;
  if (kind === "left") return leftTimedOut(state, no, ctx);
  if (!hasConnector(state, no)) return nothing;
  switch (kind) {
    case "keep":
      return keepTimedOut(state, no, ctx);
    case "start":
      return startTimedOut(state, no, ctx);
    case "ask":
      return startSilent(state, no, ctx);
    case "plug":
      return plugTimedOut(state, no, ctx);
    case "stop":
      return stopTimedOut(state, no, ctx);
    case "person":
      return personDue(state, no, ctx);
    case "limit":
      return limitTimedOut(state, no, ctx);
    case "check":
      return checkDue(state, no, ctx);
    case "alone":
      return aloneDue(state, no, ctx);
    case "gap":
      return gapDue(state, no, ctx);
    case "lost":
      return lostDue(state, no, ctx);
  }
}

/** From 启动中 to 充电中 at most: what the pile has proven by then counts, else the start has failed. */
function startTimedOut(state: Registered, no: number, ctx: PileCtx): PileDecision {
  const { use, register } = connectorOf(state, no);
  if (use.status !== "starting" || ctx.at < use.deadlineAt) return nothing;
  const turn = openTurn(state, ctx);
  const registerWh = use.seen?.registerWh ?? register?.wh ?? null;
  if (use.step === "accepted" && use.seen && registerWh !== null) {
    const { orderId, userId, requestedAt, tag } = use;
    const { linkEpoch } = state.link;
    const from = { connector: no, deviceAt: requestedAt, idTag: tag };
    const wh = Math.min(registerWh, register?.wh ?? registerWh);
    begin(turn, { type: "ReportStarted", linkEpoch, registerWh: wh, ...from }, {
      owner: { by: "order", orderId, userId },
      answer: { txId: state.nextTx, accepted: true },
      txId: state.nextTx,
    });
    return turn.events;
  }
  const silent = state.link.presence === "offline" ? "link-lost" : "device-silent";
  const why = use.step === "waits-plug" ? "unplugged" : silent;
  failStart(turn, no, why, { proven: neverHeard(use) });
  return turn.events;
}

/** When a charge has lasted as long as it may: the driver's limit or the platform's. */
export function timeLimitOf(
  { startAt, limit }: Pick<Session, "startAt"> & { limit: ChargeLimit },
  chargeMsMax: number,
): { at: number; limit: "time" | "platform" } {
  const own = limit.timeMs ?? Infinity;
  return own < chargeMsMax
    ? { at: startAt + own, limit: "time" }
    : { at: startAt + chargeMsMax, limit: "platform" };
}

function limitTimedOut(state: Registered, no: number, ctx: PileCtx): PileDecision {
  const { use } = connectorOf(state, no);
  if (use.status !== "charging" || use.session.owner.orderId === null) return nothing;
  const turn = openTurn(state, ctx);
  const { limit } = timeLimitOf(use.session, ctx.settings.chargeMsMax);
  reachLimit(turn, no, use.session.owner.orderId, limit);
  return turn.events;
}

/** Time to ask a device whether it still charges. */
function checkDue(state: Registered, no: number, ctx: PileCtx): PileDecision {
  if (connectorOf(state, no).use.status !== "charging") return nothing;
  const turn = openTurn(state, ctx);
  turn.add({ type: "CheckRequested", connector: no, why: "due", now: true });
  drive(turn, no);
  return turn.events;
}

/** The report of a session that another one followed never came: it is settled as it was known. */
function leftTimedOut(state: Registered, txId: number, ctx: PileCtx): PileDecision {
  const left = state.left.find(({ session }) => session.txId === txId);
  if (!left) return nothing;
  const turn = openTurn(state, ctx);
  settleLeft(turn, left, { deviceAt: left.last.at, reason: "other", proof: "waited" });
  unknown(turn, "end-missing", { connector: left.connector, txId });
  return turn.events;
}

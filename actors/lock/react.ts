// What a lock makes happen: orders and questions to the device, by its pile or its maker's port; timers of
// a move; and word to the pile, which closes its connector for a fault and opens it again.
import type { LockCall, LockFault as LockFaultView } from "../../wire/lock.ts";
import type { ChargingSettings } from "../../wire/settings.ts";
import { Call, CancelTimer, type Effect, onEvent, StartTimer, Tell } from "../kit/mod.ts";
import { timers } from "./names.ts";
import { faultViewOf } from "./read.ts";
import type { EventOf, Fitted, LockActorState, LockEvent } from "./state.ts";
import type { LockCtx } from "./turn.ts";

/** A fault is looked into less and less often, but never less than this. */
const CHECK_MS_MAX = 600_000;

export const react = onEvent<LockEvent, LockActorState, ChargingSettings>({
  LockFitted: there((_event, state) => [tellPile(state), CancelTimer(timers.check)]),
  LockWished: there(({ until }) => [
    until === undefined ? CancelTimer(timers.release) : StartTimer(timers.release, until),
  ]),
  MoveBegun: there((_event, _state, { at, settings }) => [
    StartTimer(timers.end, at + settings.lockMs),
  ]),
  LockCalled: there((event, state, ctx) => [called(event, state, ctx), nextLook(state, ctx)]),
  MoveStepped: there(({ why }, _state, { at, settings }) => [
    StartTimer(timers.step, at + (why === "accepted" ? settings.lockMoveMs : settings.lockPauseMs)),
  ]),
  MoveEnded: there((_event, state, ctx) => [
    CancelTimer(timers.step),
    CancelTimer(timers.end),
    ...(state.fault === null ? [] : [checkSoon(state.fault, ctx)]),
  ]),
  LockSeen: there((_event, state) => [
    tellPile(state),
    ...(state.fault === null ? [CancelTimer(timers.check)] : []),
  ]),
  LockFaulted: there((_event, state, ctx) => [
    tellPile(state),
    ...(state.fault === null ? [] : [checkSoon(state.fault, ctx)]),
  ]),
  LockFaultCleared: there((_event, state) => [tellPile(state), CancelTimer(timers.check)]),
});

/** Only a lock that is there has effects. */
function there<E>(handler: (event: E, state: Fitted, ctx: LockCtx) => readonly Effect[]) {
  return (event: E, state: LockActorState, ctx: LockCtx) =>
    state.status === "unfitted" ? [] : handler(event, state, ctx);
}

/** The state as it is by now: told twice it is the same. */
function tellPile(state: Fitted): Effect {
  const { pileId, connector, form, position, fault } = state;
  const broken: LockFaultView | null = fault && faultViewOf(fault);
  const body = { connector, form, position, fault: broken };
  return Tell({ kind: "pile", id: pileId }, "NoteLock", body);
}

function called({ op, n, id, to }: EventOf<"LockCalled">, state: Fitted, ctx: LockCtx): Effect {
  const { way, pileId, connector } = state;
  const what = { ...(id === undefined ? {} : { id }), ...(to === undefined ? {} : { to }) };
  if (way.by === "pile") {
    return Tell({ kind: "pile", id: pileId }, "DriveLock", { connector, op, n, ...what });
  }
  const { partner, ref } = way;
  const command: LockCall["command"] = op === "move" && id !== undefined && to !== undefined
    ? { op, id, to }
    : { op: "ask" };
  const body: LockCall = { tenant: ctx.tenant, partner, ref, command };
  // a question must not wait behind an order that hangs
  return Call("lock", `${ctx.self.id}/${op}`, body, { onReply: "PartnerAnswered", ref: { op, n } });
}

/** Without a move it is asked about its fault, or where it stands at all. */
function nextLook({ move, fault }: Fitted, ctx: LockCtx): Effect {
  if (move !== null) return StartTimer(timers.step, ctx.at + ctx.settings.lockAskMs);
  return checkSoon(fault ?? { checks: 0 }, ctx);
}

function checkSoon({ checks }: { checks: number }, { at, settings }: LockCtx): Effect {
  const afterMs = settings.lockRecheckMs * 2 ** Math.min(checks, 10);
  return StartTimer(timers.check, at + Math.min(afterMs, CHECK_MS_MAX));
}

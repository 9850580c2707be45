// What follows for the lock of a bay: it is asked to open or to go to its rest, its words and orders are
// carried where it hangs on the pile, and the driver who waits for it hears of its fault.
import { Call, type Effect, Tell } from "../kit/mod.ts";
import { lockIdOf } from "../../wire/lock.ts";
import type { LockNotice } from "../../wire/notice.ts";
import type { DeviceCall } from "../../wire/pile.ts";
import type { EventOf } from "./events.ts";
import type { PileState } from "./state.ts";
import type { PileCtx } from "./turn.ts";

const lockOf = (no: number, { self }: PileCtx) => ({ kind: "lock", id: lockIdOf(self.id, no) });

export const lockEffects = {
  LockNoted: (event: EventOf<"LockNoted">, state: PileState, ctx: PileCtx) =>
    told(event, state, ctx),
  LockAsked: (
    { connector: no, to, causeId, forMs, after }: EventOf<"LockAsked">,
    _state: PileState,
    ctx: PileCtx,
  ): Effect[] => {
    const at = lockOf(no, ctx);
    if (to === "rest") return [Tell(at, "RestLock", { causeId })];
    const forAWhile = forMs === undefined ? {} : { forMs, ...(after && { after }) };
    return [Tell(at, "MoveLock", { to, causeId, ...forAWhile })];
  },
  LockDriven: driven,
  LockReplied: (
    { connector: no, op, n, answer }: EventOf<"LockReplied">,
    _state: PileState,
    ctx: PileCtx,
  ): Effect[] => [Tell(lockOf(no, ctx), "LockAnswered", { op, n, answer })],
  LockTold: (
    { connector: no, seen, deviceAt }: EventOf<"LockTold">,
    _state: PileState,
    ctx: PileCtx,
  ): Effect[] => [Tell(lockOf(no, ctx), "ReportLock", { ...seen, deviceAt })],
};

function driven(
  { connector: no, op, n, id, to }: EventOf<"LockDriven">,
  state: PileState,
  ctx: PileCtx,
): Effect[] {
  if (state.status === "unregistered" || state.link.presence === "offline") return [];
  const { gatewayId, linkEpoch, lane } = state.link;
  const command: DeviceCall["command"] = op === "move" && id !== undefined && to !== undefined
    ? { kind: "lock", id, connector: no, to }
    : { kind: "ask", id: `ask-lock-${no}-${n}` };
  const head = { tenant: ctx.tenant, pileId: ctx.self.id, gatewayId, linkEpoch, lane };
  const body: DeviceCall = { ...head, command };
  return [Call("device", `${ctx.self.id}/${no}/lock-${op}`, body, {
    onReply: "LockDeviceAnswered",
    ref: { connector: no, op, n },
  })];
}

function told(
  { connector, form, fault, tell }: EventOf<"LockNoted">,
  state: PileState,
  ctx: PileCtx,
) {
  if (tell === undefined || fault === null || state.status === "unregistered") return [];
  if (ctx.without.has("lock.user-guided")) return [];
  const { userId, orderId } = tell;
  const silent = ctx.without.has("third.whom-to-call");
  const phone = silent || state.stationPhone === null ? {} : { phone: state.stationPhone };
  const code: LockNotice = "lock.fault";
  const facts = {
    pileId: ctx.self.id,
    connector,
    form,
    fault: form,
    ...(orderId === undefined ? {} : { orderId }),
    ...phone,
  };
  return [Call("notify", userId, { tenant: ctx.tenant, userId, code, facts })];
}

// 到场开始充电: the same user at the reserved pile, inside the window, gets a new charging order. Whatever that
// order is refused for leaves the reservation as it was; once it is 启动中 the reservation is fulfilled.
import { later, nothing, refuse, type Refused } from "../kit/mod.ts";
import {
  type Fulfilled,
  type Known,
  lockFromOf,
  type Of,
  type ReservationEvent,
  type Reserved,
} from "./state.ts";
import { expiry } from "./due.ts";
import type { Decided, ReserveCtx } from "./turn.ts";

export function startReserved(
  state: Known,
  command: Of<"StartReserved">,
  ctx: ReserveCtx,
): Decided {
  const open = startable(state, ctx);
  if ("refused" in open) return open;
  const { pileId, connector } = command;
  const elsewhere = pileId !== open.pileId || connector !== open.connector;
  if (elsewhere && !ctx.without.has("reserve.other-pile")) {
    return refuse("reservation.other-pile", { pileId: open.pileId, connector: open.connector });
  }
  if (open.starting) return refuse("reservation.starting", { orderId: open.starting.orderId });
  const { orderId, tariffVersion, limit, pay, ageMs } = command;
  const asked = { orderId, tariffVersion, limit, pay, ageMs, answerTo: ctx.commandId };
  return later([{ type: "StartAsked", ...asked }]);
}

/** Reserved and in its time, or given back after a start that failed by the pile's fault. */
function startable(
  state: Known,
  { at, self, without }: ReserveCtx,
): Reserved | Fulfilled | Refused {
  const over = refuse("reservation.over", { reservationId: self.id, status: state.status });
  if (without.has("reserve.verified") && state.status === "reserved") return state;
  switch (state.status) {
    case "awaiting-deposit":
      return refuse("reservation.no-answer", {});
    case "reserved":
      if (state.expiring || state.used !== null || at >= state.until) return over;
      if (at < lockFromOf(state)) {
        return refuse("reservation.too-early", { lockFrom: lockFromOf(state) });
      }
      return state;
    case "fulfilled":
      return state.used || state.closed || at >= state.lockUntil ? over : state;
    case "cancelled":
    case "no-show":
    case "appealed":
      return over;
  }
}

export function startAnswered(
  state: Known,
  { answer, ref }: Of<"StartAnswered">,
  ctx: ReserveCtx,
): Decided {
  if (state.status !== "reserved" && state.status !== "fulfilled") return nothing;
  const { starting } = state;
  if (!starting || ref["orderId"] !== starting.orderId) return nothing;
  const { orderId, answerTo } = starting;
  if (answer.ok) {
    const order = answer.body as Record<string, unknown>;
    if (ctx.without.has("reserve.fulfilled")) {
      return [{
        type: "StartRefused",
        orderId,
        code: "reservation.no-answer",
        facts: {},
        answerTo,
      }];
    }
    const type = state.status === "reserved" ? "ReservationFulfilled" : "StartTold";
    return [{ type, orderId, order, answerTo }];
  }
  const { code, facts } = answer.refusal;
  const events: ReservationEvent[] = [{ type: "StartRefused", orderId, code, facts, answerTo }];
  if (state.status === "reserved" && ctx.without.has("reserve.refused-hold-keeps")) {
    const taken = { feeFen: 0, refundFen: state.rules.depositFen };
    return [...events, { type: "ReservationCancelled", why: code, by: "user", ...taken }];
  }
  if (state.status === "reserved" && state.trouble === null && isPilesFault(code)) {
    events.push({ type: "TroubleTold", why: code });
  }
  // its time may have run out meanwhile: the timer waited for this
  return [...events, ...expiry({ ...state, starting: null }, ctx)];
}

/** What the pile alone is to blame for: whoever meets it is no no-show. */
const isPilesFault = (code: string): boolean =>
  [
    "pile.offline",
    "pile.faulted",
    "pile.gate-fault",
    "pile.disabled",
    "pile.occupied",
    "pile.no-tariff",
  ].includes(code);

/** The pile says that the charge runs: nothing can be a no-show any more (M7). */
export function slotUsed(state: Known, { orderId }: Of<"SlotUsed">): ReservationEvent[] {
  return used(state, orderId, false);
}

export function used(state: Known, orderId: string, released: boolean): ReservationEvent[] {
  if (state.status === "fulfilled") {
    return state.used || state.closed ? [] : [{ type: "PromiseUsed", orderId, released }];
  }
  if (state.status !== "reserved" || state.used !== null) {
    return [{ type: "FactNoted", fact: "used-after-its-end", facts: { orderId } }];
  }
  const told: ReservationEvent = { type: "PromiseUsed", orderId, released };
  if (state.starting?.orderId === orderId) return [told]; // its order's own answer is on the way
  return [told, { type: "ReservationFulfilled", orderId, order: null, answerTo: null }];
}

/** A start that failed by the pile's fault: the lock is back for the rest of the window and a while. */
export function slotRestored(
  state: Known,
  { orderId, until }: Of<"SlotRestored">,
): ReservationEvent[] {
  if (state.status === "fulfilled" && !state.closed) {
    return [{ type: "LockRestored", orderId, until }];
  }
  if (state.status === "reserved" && state.starting?.orderId === orderId) {
    // told before the order's own answer: it is fulfilled all the same
    return [
      { type: "ReservationFulfilled", orderId, order: null, answerTo: null },
      { type: "LockRestored", orderId, until },
    ];
  }
  return [{ type: "FactNoted", fact: "restored-after-its-end", facts: { orderId } }];
}

/** A start that failed by its driver's doing: the slot is free again. */
export function slotFreed(state: Known, { orderId }: Of<"SlotFreed">): ReservationEvent[] {
  if (state.status === "fulfilled") return state.closed ? [] : [{ type: "LockOver" }];
  if (state.status === "reserved" && state.starting?.orderId === orderId) {
    return [
      { type: "ReservationFulfilled", orderId, order: null, answerTo: null },
      { type: "LockOver" },
    ];
  }
  return [{ type: "FactNoted", fact: "freed-after-its-end", facts: { orderId } }];
}

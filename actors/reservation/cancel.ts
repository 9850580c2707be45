// 取消: what it costs is shown and sent back with the tap; another cost by then is shown again.
import type { CancelCost } from "../../wire/reservation.ts";
import { isoOf } from "../../wire/units.ts";
import { refuse } from "../kit/mod.ts";
import { cancelFeeOf } from "../tariff/mod.ts";
import { isTroubled, type Known, type Of, type Reserved } from "./state.ts";
import { type Decided, type ReserveCtx, shown } from "./turn.ts";

export function costOf(state: Reserved, { at, without }: Pick<ReserveCtx, "at" | "without">) {
  const { rules, until, trouble } = state;
  const troubled = isTroubled(state) && !without.has("reserve.trouble-free");
  const feeFen = cancelFeeOf(rules, { until, troubled }, at);
  const refundFen = rules.depositFen - feeFen;
  const freeUntil = until - rules.freeMs;
  const cost: CancelCost = {
    costVersion: `${feeFen}-${refundFen}`,
    feeFen,
    refundFen,
    ...(at < freeUntil && !troubled ? { freeUntil: isoOf(freeUntil) } : {}),
    ...(trouble === null ? {} : { trouble }),
  };
  return cost;
}

export function cancelReservation(
  state: Known,
  { costVersion }: Of<"CancelReservation">,
  ctx: ReserveCtx,
): Decided {
  const { id: reservationId } = ctx.self;
  if (state.status !== "reserved") {
    return state.status === "cancelled"
      ? shown([], ctx)
      : refuse("reservation.over", { reservationId, status: state.status });
  }
  if (state.starting || state.used !== null) {
    return refuse("reservation.starting", { orderId: state.starting?.orderId ?? state.used });
  }
  if (state.expiring || ctx.at >= state.until) {
    return refuse("reservation.over", { reservationId, status: state.status });
  }
  const cost = costOf(state, ctx);
  if (cost.costVersion !== costVersion && !ctx.without.has("reserve.cancel-cost")) {
    return refuse("reservation.cost-changed", { ...cost });
  }
  const { feeFen, refundFen } = cost;
  const taken = ctx.without.has("reserve.cancel-refund")
    ? { feeFen: state.rules.depositFen, refundFen: 0 }
    : { feeFen, refundFen };
  return shown([{ type: "ReservationCancelled", why: "user", by: "user", ...taken }], ctx);
}

// What a payment shows: to its user, to ops, and to the platform itself.
import type { PaymentView } from "../../wire/money.ts";
import { type Ctx, refuse, type Refused } from "../kit/mod.ts";
import { type PaymentState, refundsOf } from "./state.ts";

export function read(name: string, state: PaymentState, ctx: Ctx): { body: unknown } | Refused {
  const { kind, id } = ctx.principal;
  const mine = state.status !== "absent" && kind === "driver" && id === state.userId;
  const inside = kind === "ops" || kind === "system" || kind === "actor";
  if (state.status === "absent" || !(mine || inside)) {
    return refuse("payment.unknown", { paymentId: ctx.self.id });
  }
  if (name === "show") return { body: viewOf(state, ctx.self.id, ctx.v) };
  return refuse("request.not-found", { read: name });
}

export function viewOf(
  state: Exclude<PaymentState, { status: "absent" }>,
  paymentId: string,
  v: number,
): PaymentView {
  const { userId, purpose, orderId, fen, by, status, bindingId } = state;
  const refunds = refundsOf(state, paymentId)
    .map(({ refundId, fen, why, stage }) => ({ refundId, fen, why, stage }));
  return {
    paymentId,
    v,
    userId,
    purpose,
    ...(orderId === undefined ? {} : { orderId }),
    fen,
    by,
    status: status === "closing" ? "open" : status, // closed only once the provider says so
    ...(bindingId === undefined ? {} : { bindingId }),
    ...("handoff" in state && state.handoff ? { handoff: state.handoff } : {}),
    ...(refunds.length > 0 ? { refunds } : {}),
  };
}

// A coupon on a bill: asked of the wallet before the payment begins, given back when that fails. After
// it the bill is the reduced one, and everything goes on with it.
import { couponUse } from "../../wire/money.ts";
import type { PayBy } from "../../wire/order.ts";
import { assert } from "../kit/assert.ts";
import { nothing } from "../kit/mod.ts";
import type { OrderEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import { owes, paid, payBy, waiterOf } from "./pay.ts";
import type { Due, Known, Of } from "./state.ts";
import type { Decided, OrderCtx } from "./turn.ts";

export function couponAnswered(
  state: Known,
  { answer, ref }: Of<"CouponAnswered">,
  ctx: OrderCtx,
): Decided {
  if (!owes(state) || state.attempt?.by !== "coupon") return nothing;
  const { couponId, next } = state.attempt;
  const answerTo = waiterOf(ref);
  const use = answer.ok ? couponUse.safeParse(answer.body) : null;
  if (use?.success) {
    const taken: OrderEvent = { type: "CouponTaken", use: use.data };
    return [taken, ...goOn(state, taken, next, answerTo, ctx)];
  }
  const { code, facts } = answer.ok ? { code: "outcome.unknown", facts: {} } : answer.refusal;
  const refused: OrderEvent = { type: "CouponRefused", couponId, code, facts, answerTo };
  // Who is there decides anew; what is taken by consent is taken without it.
  return answerTo === null ? [refused, ...goOn(state, refused, next, null, ctx)] : [refused];
}

function goOn(
  state: Due,
  event: OrderEvent,
  next: PayBy,
  answerTo: string | null,
  ctx: OrderCtx,
): OrderEvent[] {
  const after = evolve(state, event, { at: ctx.at });
  assert(after.status !== "absent" && owes(after), "a coupon changes no status", {});
  if (after.bill.totalFen === 0) return [paid(after, { by: "nothing" }, answerTo)];
  return [payBy(after, next, answerTo, ctx)];
}

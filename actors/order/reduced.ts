// The bill with its coupon, and without it again: how an order's state changes, and when it does.
import { assert } from "../kit/assert.ts";
import { reduce } from "../tariff/mod.ts";
import type { EventOf, OrderEvent } from "./events.ts";
import type { Bill, Due } from "./state.ts";

/** The payment failed: the coupon goes back, if it has not been back before. */
export function couponBack({ coupon, capturedFen }: Due): OrderEvent[] {
  if (!coupon?.returnable || capturedFen !== null) return [];
  return [{ type: "CouponGivenBack", couponId: coupon.couponId, why: "payment-failed" }];
}

export function withCoupon(due: Due, { use }: EventOf<"CouponTaken">): Due {
  const { terms, at, energyFen, serviceFen, returnable } = use;
  const bill = reduce(due.bill, terms, at);
  assert(!("refused" in bill), "the wallet laid on a coupon that does not fit", { terms });
  const coupon = { couponId: terms.id, energyFen, serviceFen, returnable };
  return { ...due, attempt: null, bill, coupon };
}

export function withoutCoupon(due: Due): Due {
  const { coupon: _coupon, ...rest } = due;
  return { ...rest, bill: fullBill(due.bill) };
}

function fullBill(reduced: Bill): Bill {
  const { coupon: _coupon, ...bill } = reduced;
  const lines = bill.lines.filter(({ purpose }) => purpose !== "coupon");
  return { ...bill, lines, totalFen: bill.energyFen + bill.serviceFen };
}

// The terms of a coupon (优惠券), as frozen into the bill that it reduces; who holds it and whether it
// is used up is the wallet's.
import * as z from "zod";
import { couponId } from "./ids.ts";
import { currency, fenPlus, instant } from "./units.ts";

export const couponTerms = z.strictObject({
  id: couponId,
  off: z.discriminatedUnion("kind", [
    /** 满减: an amount, or the whole bill where that is less. */
    z.strictObject({ kind: z.literal("amount"), fen: fenPlus.min(1) }),
    /** 折扣: percent of the bill, half a fen up, at most `maxFen`. */
    z.strictObject({
      kind: z.literal("percent"),
      percent: z.int().min(1).max(100),
      maxFen: fenPlus.min(1).optional(),
    }),
  ]),
  /** The bill must come to this at least, before the coupon. */
  thresholdFen: fenPlus,
  /** [from, until) */
  validFrom: instant,
  validUntil: instant,
  currency,
});
export type CouponTerms = z.infer<typeof couponTerms>;

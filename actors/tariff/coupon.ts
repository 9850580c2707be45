// What a coupon (优惠券) takes off a bill. Whose it is and whether it is used up, the wallet knows.
import type { CouponTerms } from "../../wire/coupon.ts";
import type { Bill } from "../../wire/tariff.ts";
import { refuse, type Refused } from "../kit/mod.ts";

/** Percent of an amount, half a fen up: exact, since both are integers. */
const percentOf = (fen: number, percent: number): number =>
  Number((BigInt(fen) * BigInt(percent) + 50n) / 100n);

/** Before the coupon: never more than this is taken off. */
const fullFenOf = ({ energyFen, serviceFen }: Bill): number => energyFen + serviceFen;

/**
 * The bill with the coupon laid on at that moment (when the driver chose it to pay with), or why not.
 * 电费 and 服务费 stay as they are; a line of its own takes off.
 */
export function reduce(bill: Bill, coupon: CouponTerms, at: number): Bill | Refused {
  const { id, off, thresholdFen, validFrom, validUntil, currency } = coupon;
  const fullFen = fullFenOf(bill);
  if (bill.coupon) return refuse("coupon.one-only", { couponId: bill.coupon.terms.id });
  if (currency !== bill.currency) return refuse("coupon.other-currency", { currency });
  if (at < validFrom || at >= validUntil) {
    return refuse("coupon.not-valid", { validFrom, validUntil });
  }
  if (fullFen < thresholdFen) {
    return refuse("coupon.below-threshold", { thresholdFen, billFen: fullFen });
  }
  const wanted = off.kind === "amount" ? off.fen : percentOf(fullFen, off.percent);
  const most = off.kind === "percent" ? off.maxFen ?? fullFen : fullFen;
  const fen = Math.min(wanted, most, fullFen);
  return {
    ...bill,
    totalFen: fullFen - fen,
    lines: [...bill.lines, { purpose: "coupon", couponId: id, fen: 0 - fen }],
    coupon: { terms: coupon, at, fen },
  };
}

// Coupons (优惠券) of a user: granted by a campaign, used by one order at a time, given back at most
// once (M6). What one takes off a bill is the tariff's rule (actors/tariff/coupon.ts).
import type { CouponUse, CouponView } from "../../wire/money.ts";
import type { Bill } from "../../wire/tariff.ts";
import { type Ctx, type Decision, nothing, refuse, replied } from "../kit/mod.ts";
import { isActor } from "../kit/who.ts";
import { reduce } from "../tariff/mod.ts";
import { couponPostings } from "./postings.ts";
import {
  type Coupon,
  COUPONS_MAX,
  type OpenWallet,
  type WalletCommand,
  type WalletEvent,
  type WalletState,
} from "./state.ts";

type Of<T extends WalletCommand["type"]> = Extract<WalletCommand, { type: T }>;
type Decided = Decision<WalletEvent, WalletState>;

/** Worth nothing any more: used for good, or over. */
const isOver = ({ terms, use }: Coupon, at: number): boolean =>
  terms.validUntil <= at || use !== null;

export function grantCoupon(wallet: OpenWallet, { terms }: Of<"GrantCoupon">, ctx: Ctx): Decided {
  const coupons = wallet.coupons ?? {};
  if (coupons[terms.id]) return nothing;
  if (terms.currency !== wallet.currency) {
    return refuse("coupon.other-currency", { currency: wallet.currency });
  }
  const open = Object.values(coupons).filter((coupon) => !isOver(coupon, ctx.at));
  if (open.length >= COUPONS_MAX) return refuse("overloaded", { coupons: COUPONS_MAX });
  return [{ type: "CouponGranted", terms }];
}

/** 服务费 first: it is the platform's own part. */
function splitOf({ serviceFen }: Bill, fen: number) {
  const ofService = Math.min(serviceFen, fen);
  return { energyFen: fen - ofService, serviceFen: ofService };
}

/** Lays a coupon on the bill of an order; asked again, the answer is the same. */
export function useCoupon(wallet: OpenWallet, command: Of<"UseCoupon">, ctx: Ctx): Decided {
  const { orderId, couponId, bill } = command;
  const coupon = wallet.coupons?.[couponId];
  if (!coupon) return refuse("coupon.unknown", { couponId });
  if (coupon.use?.orderId === orderId) return replied([], () => useOf(coupon.use!));
  if (coupon.use && !ctx.without.has("coupon.once")) return refuse("coupon.used", { couponId });
  const { terms } = coupon;
  const reduced = reduce(bill, terms, ctx.at);
  if ("refused" in reduced) return reduced;
  const fen = bill.totalFen - reduced.totalFen;
  const split = splitOf(bill, fen);
  const returnable = !coupon.returned || ctx.without.has("coupon.returned-once");
  const use: CouponUse = { terms, at: ctx.at, fen, ...split, returnable };
  const postings = couponPostings(fen, split);
  const moved = { postings, balanceFen: wallet.balanceFen, v: ctx.v + 1 };
  return replied([{ type: "CouponUsed", orderId, couponId, use, ...moved }], () => use);
}
function useOf({ orderId: _orderId, ...use }: NonNullable<Coupon["use"]>): CouponUse {
  return use;
}

/** The payment failed, or all was refunded: usable again, once in its life. */
export function returnCoupon(wallet: OpenWallet, command: Of<"ReturnCoupon">, ctx: Ctx): Decided {
  const { orderId, couponId, why } = command;
  if (!isActor(ctx.principal, "order", orderId)) return refuse("auth.forbidden", {});
  const coupon = wallet.coupons?.[couponId];
  if (!coupon?.use || coupon.use.orderId !== orderId || !coupon.use.returnable) return nothing;
  const { fen, energyFen, serviceFen } = coupon.use;
  const postings = couponPostings(0 - fen, {
    energyFen: 0 - energyFen,
    serviceFen: 0 - serviceFen,
  });
  const moved = { postings, balanceFen: wallet.balanceFen, v: ctx.v + 1 };
  return [{ type: "CouponReturned", orderId, couponId, fen, why, ...moved }];
}

export function withCoupon(
  wallet: OpenWallet,
  id: string,
  change: (coupon: Coupon) => Coupon,
): OpenWallet {
  const coupon = wallet.coupons?.[id];
  return coupon ? { ...wallet, coupons: { ...wallet.coupons, [id]: change(coupon) } } : wallet;
}

export function withGranted(wallet: OpenWallet, coupon: Coupon, at: number): OpenWallet {
  const all = Object.entries({ ...wallet.coupons, [coupon.terms.id]: coupon });
  let excess = all.length - COUPONS_MAX;
  const kept = all.filter(([, one]) => !(excess > 0 && isOver(one, at) && excess-- > 0));
  return { ...wallet, coupons: Object.fromEntries(kept) };
}

/** Newest first; what can be used comes before what cannot. */
export function couponsOf({ coupons = {} }: OpenWallet, at: number): CouponView[] {
  const views = Object.values(coupons).map(({ terms, use }): CouponView => ({
    ...terms,
    status: use
      ? "used"
      : at < terms.validFrom
      ? "not-yet"
      : at >= terms.validUntil
      ? "expired"
      : "usable",
    ...(use ? { orderId: use.orderId } : {}),
  })).reverse();
  return [
    ...views.filter(({ status }) => status === "usable"),
    ...views.filter(({ status }) => status !== "usable"),
  ];
}

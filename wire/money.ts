// What can be said to a wallet (钱包) and to a payment (支付), and what they show of themselves.
import * as z from "zod";
import { couponTerms } from "./coupon.ts";
import { bindingId, couponId, orderId, paymentId, reservationId, userId } from "./ids.ts";
import { bill } from "./tariff.ts";
import { currency, fen, fenPlus, instant, iso } from "./units.ts";
import { answered, handoff, provider } from "./order.ts";

/**
 * Named accounts of the double-entry book. `wallet:<user>` and `hold:<order>` are the user's side,
 * `due:<order>` is what a user owes for a charge (欠费), `credit:<user>` what holds were lent for
 * (先充后补), `deposit:<reservation>` a deposit (订金); the others are the platform's.
 */
const OURS =
  /^(revenue:(energy|service|overstay|reservation)|provider:(wechat|alipay)|coupon|refund|adjustment)$/;
const THEIRS = /^(wallet|hold|due|credit|deposit):[A-Za-z0-9_-]+$/;
export const account = z.union([z.string().regex(THEIRS), z.string().regex(OURS)]);
/** Postings of one money event sum to zero; debit positive, credit negative, in integer fen. */
export const posting = z.strictObject({ account, fen });
export type Posting = z.infer<typeof posting>;

/** One refund of one payment; its number at the provider. */
export const refundId = z.string().regex(/^pay_[0-9A-Za-z-]{4,60}-r[0-9]{1,2}$/);

const split = { energyFen: fenPlus, serviceFen: fenPlus };
export const walletCommand = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("OpenWallet"), currency }), // user actor, once
  z.strictObject({
    type: z.literal("PlaceHold"), // order; reply {fen}; 402 wallet.balance-too-low {needFen, availableFen}
    orderId,
    fen: fenPlus,
    /** Of the tariff: another than the wallet's is refused (`wallet.hold-refused`). */
    currency: currency.optional(),
    /** Lent, not taken from the balance: up to this in all, after so many paid charges. */
    credit: z.strictObject({ limitFen: fenPlus, paidMin: z.int().min(0) }).optional(),
    /** Its deposit comes back in the same posting. */
    reservationId: reservationId.optional(),
  }),
  z.strictObject({
    type: z.literal("PlaceDeposit"), // reservation; reply {fen}; 402 wallet.balance-too-low
    reservationId,
    fen: fenPlus,
  }),
  z.strictObject({
    // reservation; takes the fee, returns the rest; reply {feeFen, refundFen}; told twice, done once;
    // before the deposit it bars it
    type: z.literal("SettleDeposit"),
    reservationId,
    feeFen: fenPlus,
    why: z.string().max(80),
  }),
  z.strictObject({
    type: z.literal("RaiseHold"), // order; reply {fen}: what is held now; 402 wallet.balance-too-low
    orderId,
    /** What is to be held in all: told twice, raised once. */
    toFen: fenPlus,
  }),
  z.strictObject({
    type: z.literal("CaptureHold"), // order; takes the bill from the hold, releases the rest at once;
    // reply {capturedFen, releasedFen, dueFen}: dueFen > 0 where the hold (and the balance, if allowed) fell short
    orderId,
    billFen: fenPlus,
    ...split,
    /** May the balance pay what the hold does not cover? (consent to automatic capture) */
    fromBalance: z.boolean(),
  }),
  z.strictObject({
    type: z.literal("ReleaseHold"), // reply {releasedFen}
    orderId,
    why: z.string().max(80),
    /** Of a start that came to nothing: the deposit that came back with the hold stands again. */
    reservationId: reservationId.optional(),
  }),
  z.strictObject({
    type: z.literal("PayFromBalance"), // order; reply {fen}; 402 wallet.balance-too-low
    orderId,
    fen: fenPlus,
    ...split,
  }),
  z.strictObject({
    type: z.literal("CorrectBill"), // order, once, after it was paid; reply {fen}: what really moved
    orderId,
    /** Below 0 it goes back to the balance; above, it is taken as far as there is balance. */
    fen,
    energyFen: fen,
    serviceFen: fen,
    reason: z.string().max(80),
  }),
  z.strictObject({
    type: z.literal("BookPayment"), // payment: provider money arrived for a bill or a recharge; reply null;
    // refused due.closed where the bill was paid already: nothing is booked, it goes back
    paymentId,
    purpose: z.enum(["recharge", "bill", "overstay"]),
    orderId: orderId.optional(),
    by: provider,
    fen: fenPlus,
    ...split,
  }),
  z.strictObject({
    type: z.literal("RefundOrder"), // order; a correction by hand; reply null; once per refundId
    refundId: z.string().max(80),
    orderId,
    fen: fenPlus.min(1),
    /** Back to the balance; off what is due; or off a bill that is not in the books yet. */
    to: z.enum(["balance", "due", "bill"]),
    ...split,
    why: z.string().max(500),
  }),
  z.strictObject({
    type: z.literal("PayOverstay"), // order, once; reply {fen}; 402 wallet.balance-too-low; due.closed
    orderId,
    fen: fenPlus.min(1),
  }),
  z.strictObject({
    type: z.literal("ReturnOverstay"), // order, once, after it was paid; reply null
    orderId,
    fen: fenPlus.min(1),
    why: z.string().max(500),
  }),
  z.strictObject({ type: z.literal("GrantCoupon"), terms: couponTerms }), // campaign; reply null
  z.strictObject({
    type: z.literal("UseCoupon"), // order; reply CouponUse; refused coupon.*
    orderId,
    couponId,
    bill,
  }),
  z.strictObject({ type: z.literal("ReturnCoupon"), orderId, couponId, why: z.string().max(80) }),
  z.strictObject({
    type: z.literal("BookRefund"), // payment: goes back to where it came from; reply null;
    // taken from the free balance: 402 wallet.balance-too-low
    paymentId,
    refundId,
    by: provider,
    fen: fenPlus,
  }),
  z.strictObject({ type: z.literal("TimerFired"), name: z.string() }),
]);
export type WalletCommand = z.infer<typeof walletCommand>;

/** A coupon laid on a bill: what it takes off, and of which part. */
export const couponUse = z.strictObject({
  terms: couponTerms,
  at: instant,
  fen: fenPlus,
  ...split,
  /** It may be given back once: not again, where it was before. */
  returnable: z.boolean(),
});
export type CouponUse = z.infer<typeof couponUse>;

/** A coupon as its owner sees it (read "coupons"). */
export const couponView = z.strictObject({
  ...couponTerms.shape,
  status: z.enum(["usable", "not-yet", "expired", "used"]),
  orderId: orderId.optional(),
});
export type CouponView = z.infer<typeof couponView>;

export const walletView = z.strictObject({
  id: userId,
  v: z.int(),
  currency,
  balanceFen: fen,
  heldFen: fenPlus,
  holds: z.array(z.strictObject({ orderId, fen: fenPlus })),
  deposits: z.array(z.strictObject({ reservationId, fen: fenPlus })),
  /** Lent for charges that run, or owed for those that ended. */
  creditUsedFen: fenPlus,
  /** Charges that were paid, as far as it remembers: what credit goes by. */
  paidCharges: z.int().min(0),
});
export type WalletView = z.infer<typeof walletView>;

/** One movement, as the user's statement shows it. */
export const walletLine = z.strictObject({
  at: iso,
  v: z.int(),
  cause: z.enum([
    "recharge",
    "hold",
    "top-up",
    "credit",
    "capture",
    "release",
    "payment",
    "correction",
    "adjustment",
    "coupon",
    "refund",
    "overstay",
    "deposit",
    "deposit-return",
    "reservation-fee",
  ]),
  orderId: orderId.optional(),
  reservationId: reservationId.optional(),
  paymentId: paymentId.optional(),
  /** Of a correction. */
  reason: z.string().max(80).optional(),
  /** Change of the free balance. */
  fen,
  balanceFen: fen,
});

export const refundWhy = z.enum(["late-success", "double-debit", "correction"]);
export const paymentPurpose = z.enum(["recharge", "binding", "bill", "overstay"]);
export const paymentStatus = z.enum(["creating", "open", "succeeded", "failed", "closed"]);

export const paymentCommand = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("OpenPayment"), // driver (recharge, binding) or order (bill); answered later: PaymentView
    userId,
    purpose: paymentPurpose,
    orderId: orderId.optional(),
    fen: fenPlus,
    ...split,
    by: provider,
    /** Pays without the user's hand (免密支付): a bound account. */
    bindingId: bindingId.optional(),
    /** Provider's contract number of that binding; orders only. */
    contract: z.string().max(80).optional(),
  }),
  z.strictObject({
    type: z.literal("ProviderReported"), // payment gateway: a verified callback; reply null
    outcome: z.enum(["succeeded", "failed", "closed"]),
    fen: fenPlus,
    providerRef: z.string().max(80),
    contract: z.string().max(80).optional(),
  }),
  z.strictObject({ type: z.literal("ClosePayment") }), // driver
  z.strictObject({
    type: z.literal("RefundPayment"), // actor, ops; reply {refundId}; the money lies in the free balance
    /** The same key again is the same refund. */
    key: z.string().min(1).max(80),
    fen: fenPlus.min(1),
    why: refundWhy,
  }),
  /** Reconciliation: the provider's word is asked anew, whatever was known; reply null. */
  z.strictObject({ type: z.literal("CheckPayment") }),
  answered("RefundAnswered"), // the wallet has booked it, or not
  answered("ProviderAnswered"),
  answered("BookAnswered"),
  answered("UserAnswered"),
  answered("OrderAnswered"),
  z.strictObject({ type: z.literal("TimerFired"), name: z.string() }),
]);
export type PaymentCommand = z.infer<typeof paymentCommand>;

export { handoff };
export const paymentView = z.strictObject({
  paymentId,
  v: z.int(),
  userId,
  purpose: paymentPurpose,
  orderId: orderId.optional(),
  fen: fenPlus,
  by: provider,
  status: paymentStatus,
  bindingId: bindingId.optional(),
  handoff: handoff.optional(),
  /** What went or goes back. */
  refunds: z.array(z.strictObject({
    refundId,
    fen: fenPlus,
    why: refundWhy,
    stage: z.enum(["booking", "asked", "stood", "declined"]),
  })).optional(),
});
export type PaymentView = z.infer<typeof paymentView>;

/** Call on port "payment" (service `payment`), lane = payment. */
export const providerCall = z.discriminatedUnion("op", [
  z.strictObject({
    op: z.literal("create"),
    tenant: z.string(),
    paymentId,
    purpose: paymentPurpose,
    by: provider,
    fen: fenPlus,
    /** Provider's contract number of a binding: debit without the user's hand. */
    contract: z.string().optional(),
  }),
  z.strictObject({ op: z.literal("query"), tenant: z.string(), paymentId, by: provider }),
  z.strictObject({ op: z.literal("close"), tenant: z.string(), paymentId, by: provider }),
  z.strictObject({
    op: z.literal("refund"),
    tenant: z.string(),
    paymentId,
    by: provider,
    /** The same id again is the same refund. */
    refundId,
    fen: fenPlus,
    /** Of the whole payment. */
    totalFen: fenPlus,
    reason: z.string().max(80),
  }),
  z.strictObject({
    op: z.literal("query-refund"),
    tenant: z.string(),
    paymentId,
    by: provider,
    refundId,
  }),
]);
export type ProviderCall = z.infer<typeof providerCall>;
/** Body of its good answer; refusals `outcome.unknown`, `payment.unknown`, `provider.refused`. */
export const providerOutcome = z.strictObject({
  status: z.enum(["open", "succeeded", "failed", "closed", "refunded"]),
  fen: fenPlus.optional(),
  providerRef: z.string().optional(),
  contract: z.string().optional(),
  handoff: handoff.optional(),
});
export type ProviderOutcome = z.infer<typeof providerOutcome>;

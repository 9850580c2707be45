// What can be said to an order's actor (订单): the saga of one charge, and what it shows of itself.
import * as z from "zod";
import { refusal } from "./envelope.ts";
import {
  approvalId,
  bindingId,
  couponId,
  orderId,
  paymentId,
  pileId,
  reservationId,
  stationId,
  ulid,
  userId,
} from "./ids.ts";
import { connectorNo, fen, fenPlus, instant, iso, socPct, watt, wh } from "./units.ts";
import { stayCommands, stayView } from "./order-stay.ts";
import { bill, estimate } from "./tariff.ts";
import { chargeLimit, endReason, rawCause, segments } from "./pile.ts";

export const orderStatus = z.enum([
  "authorizing", // hidden: nobody's answer yet
  "declined",
  "starting", // 启动中
  "start-failed", // 启动失败
  "charging", // 充电中
  "stopping", // 停止中
  "bill-review", // 账单复核
  "awaiting-payment", // 待支付
  "paid", // 已支付
  "overdue", // 逾期
]);
export type OrderStatus = z.infer<typeof orderStatus>;

export const payBy = z.enum(["wallet", "wechat", "alipay", "credit"]);
export type PayBy = z.infer<typeof payBy>;
/** What an order may owe: the charge, and for staying after it, each with its own status. */
export const duePurpose = z.enum(["charge", "overstay"]);
export const provider = z.enum(["wechat", "alipay"]);
export type Provider = z.infer<typeof provider>;

/** How it is to be paid; the coupon is laid on where it is taken by consent at the end. */
export const payWay = z.strictObject({
  by: payBy,
  autoCapture: z.boolean(),
  couponId: couponId.optional(),
});
export type PayWay = z.infer<typeof payWay>;

export const ending = z.enum(["user", "limit", "vehicle", "fault", "gun-pulled", "ops"]);
export type Ending = z.infer<typeof ending>;

/** Where the driver pays by hand. */
export const handoff = z.strictObject({
  kind: z.enum(["qr", "url", "sandbox"]),
  value: z.string(),
});

/** What a message to another actor or gateway came to. */
export const outcome = z.discriminatedUnion("ok", [
  z.strictObject({ ok: z.literal(true), body: z.unknown() }),
  z.strictObject({ ok: z.literal(false), refusal }),
]);
export type Outcome = z.infer<typeof outcome>;

/** A bound account (免密支付) as the user's actor lends it to an order. */
export const lentBinding = z.strictObject({ id: bindingId, contract: z.string().max(80) });

/** 先充后补: what the user's standing allows; the wallet decides by it. */
export const lentCredit = z.object({ creditFen: fenPlus, creditPaidMin: z.int().min(0) });

/** How the answer to one of an actor's own questions comes back to it. */
export const answered = <T extends string>(type: T) =>
  z.strictObject({
    type: z.literal(type),
    ref: z.record(z.string(), z.unknown()),
    answer: outcome,
  });

/** More than this at once is a mistake of the finger: it is the dearest hold of the settings. */
export const TOP_UP_FEN_MAX = 30_000;

const meter = { registerWh: wh, deviceAt: instant, segments };

export const orderCommand = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("StartCharge"), // driver; answered later: OrderView (启动中) or a refusal
    pileId,
    connector: connectorNo,
    tariffVersion: z.string().max(44),
    limit: chargeLimit,
    pay: payWay,
    ageMs: z.int().min(0),
  }),
  z.strictObject({
    type: z.literal("StartReserved"), // reservation, for its user; answered as StartCharge is
    userId,
    reservationId,
    pileId,
    connector: connectorNo,
    tariffVersion: z.string().max(44),
    limit: chargeLimit,
    pay: payWay,
    ageMs: z.int().min(0),
  }),
  z.strictObject({
    type: z.literal("StartByCard"), // pile; answered later: null, or refused wallet.* / user.*
    userId,
    pileId,
    connector: connectorNo,
    stationId,
    tariff: z.unknown(), // a Tariff, checked by the pile that froze it
    registerWh: wh,
    deviceAt: instant,
    ratedPowerW: watt,
    txId: z.int(),
  }),
  z.strictObject({ type: z.literal("StopCharge") }), // driver or ops; reply: OrderView
  z.strictObject({ type: z.literal("ForceStop"), reason: z.string().min(1).max(500) }), // ops
  z.strictObject({
    type: z.literal("PayOrder"), // driver; answered later: {paymentId?, status, handoff?}
    purpose: duePurpose,
    by: payBy,
    couponId: couponId.optional(),
  }),
  z.strictObject({
    type: z.literal("TopUpHold"), // driver, while charging; answered later: OrderView
    /** How much more is held; left out: as much as a new hold would be. */
    fen: fenPlus.min(100).max(TOP_UP_FEN_MAX).optional(),
  }),
  z.strictObject({ type: z.literal("AppealOrder"), text: z.string().min(1).max(1000) }), // driver
  // ops (finance, service): takes an amount off the bill, or gives it back; reply {adjustmentId}, or
  // {approvalId} above the limit
  z.strictObject({
    type: z.literal("AdjustOrder"),
    fen: fenPlus.min(1),
    reason: z.string().min(1).max(500),
    /** Who asks, as they are called: added by the gateway. */
    name: z.string().max(80),
  }),
  z.strictObject({ type: z.literal("RefuseAppeal"), reason: z.string().min(1).max(500) }), // ops
  z.strictObject({
    type: z.literal("ExecuteApproved"), // approval: enough people agreed to exactly this; reply null
    approvalId,
    payloadHash: z.string(),
    requestedBy: z.string(),
    approvers: z.array(z.string()),
  }),
  z.strictObject({ type: z.literal("ApprovalOver"), approvalId }), // approval: refused or too late
  // user actor, after a recharge: an overdue bill is taken from the balance; reply null
  z.strictObject({ type: z.literal("CollectDue") }),
  // ops (finance): a held bill is charged as it stands, or waived; reply OrderView
  z.strictObject({
    type: z.literal("DecideReview"),
    accept: z.boolean(),
    reason: z.string().min(1).max(500),
  }),
  // what the pile tells
  z.strictObject({ type: z.literal("ConnectorWaits"), why: z.enum(["unplugged"]) }),
  z.strictObject({ type: z.literal("ConnectorStarted"), txId: z.int().optional(), ...meter }),
  z.strictObject({
    type: z.literal("ConnectorStartFailed"),
    why: z.enum([
      "device-refused",
      "device-silent",
      "late-start",
      "link-lost",
      "unplugged",
      "fault",
      "stopped", // StopConnector came while it was starting
    ]),
    cause: rawCause.optional(),
    /** True once the pile has proven that no session runs: only then the hold is released. */
    proven: z.boolean(),
  }),
  z.strictObject({
    type: z.literal("MeterAdvanced"),
    socPct: socPct.optional(),
    powerW: watt.optional(),
    ...meter,
  }),
  z.strictObject({
    type: z.literal("ConnectorEnded"),
    reason: endReason,
    cause: rawCause.optional(),
    startRegisterWh: wh,
    /** A limit that the platform noticed first: energy, money, time, soc, hold, platform. */
    limit: z.string().max(20).optional(),
    /** The meter says something that cannot be (over rated power x time, backward): held for review. */
    implausible: z.string().max(200).optional(),
    /** The end is not known, only these bounds; told again without them, it is. */
    estimated: estimate.optional(),
    ...meter,
  }),
  ...stayCommands,
  // answers
  answered("OverstayAnswered"),
  answered("BayAnswered"),
  answered("ParkingAnswered"),
  answered("UserAnswered"),
  answered("KeepAnswered"),
  answered("HoldAnswered"),
  answered("StartAnswered"),
  answered("StopAnswered"),
  answered("CaptureAnswered"),
  answered("ReleaseAnswered"),
  answered("WalletPayAnswered"),
  answered("TopUpAnswered"),
  answered("CouponAnswered"),
  answered("RefundAnswered"),
  answered("CorrectAnswered"),
  answered("PaymentAnswered"),
  z.strictObject({
    type: z.literal("PaymentSettled"), // payment actor
    paymentId,
    outcome: z.enum(["succeeded", "failed", "closed"]),
    fen: fenPlus,
    by: provider,
  }),
  z.strictObject({ type: z.literal("TimerFired"), name: z.string() }),
]);
export type OrderCommand = z.infer<typeof orderCommand>;

export const liveNumbers = z.strictObject({
  t: iso,
  n: z.int(),
  energyWh: wh,
  powerW: watt,
  socPct: socPct.nullable(),
  costFen: fenPlus,
});

/** Order as its owner and ops see it (read "show"; HTTP; `data` of its live facts). */
export const orderView = z.strictObject({
  id: orderId,
  v: z.int(),
  status: orderStatus,
  userId,
  ending: ending.optional(),
  cause: rawCause.optional(),
  /** Why it was declined or could not start. */
  why: z.string().optional(),
  /** A prompt while starting: plug in. */
  waiting: z.enum(["unplugged"]).optional(),
  pileId,
  connector: connectorNo,
  stationId: stationId.optional(),
  tariffVersion: z.string().optional(),
  limit: chargeLimit,
  pay: payWay,
  card: z.boolean(),
  /** It was started on a reserved pile. */
  reservationId: reservationId.optional(),
  createdAt: iso,
  startedAt: iso.optional(),
  endedAt: iso.optional(),
  paidAt: iso.optional(),
  holdFen: fenPlus,
  /** The charge has used most of its hold: it is stopped soon, unless it is topped up. */
  holdLow: z.literal(true).optional(),
  live: liveNumbers.optional(),
  bill: bill.optional(),
  /** What the true meter made of an estimated bill that was paid: below 0 it was given back. */
  correction: z.strictObject({
    trueFen: fenPlus,
    energyWh: wh,
    fen,
    /** An upward part that is not asked for. */
    waivedFen: fenPlus,
    booked: z.boolean(),
  }).optional(),
  /** The connector after the charge, once its car has stayed. */
  stay: stayView.optional(),
  dues: z.array(z.strictObject({
    purpose: duePurpose,
    fen: fenPlus,
    status: z.enum(["open", "paying", "paid", "overdue", "waived"]),
    /** The attempt that is open: to be paid on or closed before another one. */
    paymentId: paymentId.optional(),
  })),
  /** Given back of what was paid, by hand of ops. */
  refundedFen: fenPlus.optional(),
  appeals: z.array(z.strictObject({
    appealId: z.string(),
    text: z.string(),
    at: iso,
    status: z.enum(["open", "granted", "refused"]),
    reason: z.string().optional(),
  })).optional(),
  /** What the driver can do now. */
  next: z.array(
    z.enum([
      "stop",
      "pay",
      "help",
      "receipt",
      "appeal",
      "retry",
      "top-up",
      "pay-overstay",
      "appeal-overstay",
    ]),
  ),
});
export type OrderView = z.infer<typeof orderView>;

/** Answer to PayOrder: 201 of POST /v1/orders/{id}/payments. */
export const payAnswer = z.strictObject({
  paymentId: paymentId.optional(),
  /** That of the payment; paid from the wallet: succeeded. */
  status: z.enum(["creating", "open", "succeeded", "failed", "closed"]),
  handoff: handoff.optional(),
});
export type PayAnswer = z.infer<typeof payAnswer>;

/** Codes of notices to drivers and of incidents' words; their texts lie in web-kit/words. */
export const orderNotices = [
  "charge.gun-pulled",
  "charge.fault",
  "charge.vehicle-fault",
  "charge.ops-stopped",
  "charge.limit-reached",
  "charge.start-failed",
  "charge.bill-held",
  "charge.bill-estimated",
  "charge.bill-corrected",
  "charge.payment-failed",
  "charge.overdue",
  "charge.hold-low",
  "charge.credit-used",
  "charge.adjusted",
  "charge.appealed",
  "charge.appeal-refused",
  "charge.payment-reminder",
  "bay.ended",
  "bay.fee-soon",
  "bay.fee-runs",
  "bay.fee-capped",
  "bay.fee-due",
  "bay.fee-overdue",
  "bay.fee-decided",
  "bay.release-warned",
  "bay.released",
  "bay.overstays-warned",
  "bay.starts-barred",
  "payment.checked",
  "payment.refunded",
] as const;
export type OrderNotice = (typeof orderNotices)[number];

/** HTTP body of POST /v1/orders; the key of the tap travels in the Idempotency-Key header. */
export const startOrderBody = z.strictObject({
  pileId,
  connector: connectorNo,
  tariffVersion: z.string().max(44),
  limit: chargeLimit.optional(),
  pay: payWay,
  ageMs: z.int().min(0).max(9_007_199_254_740_991),
});
export const idempotencyKey = ulid;

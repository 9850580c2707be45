// A station's prices by time of day (尖峰平谷), as published, frozen into orders and shown to drivers.
import * as z from "zod";
import { couponTerms } from "./coupon.ts";
import { couponId } from "./ids.ts";
import { currency, fen, fenPlus, instant, milliFenPerKwh } from "./units.ts";

/** 尖 sharp, 峰 peak, 平 flat, 谷 valley. */
export const periodKind = z.enum(["sharp", "peak", "flat", "valley"]);
export type PeriodKind = z.infer<typeof periodKind>;

/** Local minutes of the day [from, to): the periods of a tariff cover 0-1440 without gap or overlap. */
export const tariffPeriod = z.strictObject({
  fromMinute: z.int().min(0).max(1439),
  toMinute: z.int().min(1).max(1440),
  kind: periodKind,
  /** 电费 */
  energyMilliFenPerKwh: milliFenPerKwh,
  /** 服务费 */
  serviceMilliFenPerKwh: milliFenPerKwh,
});
export type TariffPeriod = z.infer<typeof tariffPeriod>;

/** 超时占用费: after the grace, per minute, capped. */
export const overstayRule = z.strictObject({
  graceMinutes: z.int().min(0).max(1440),
  fenPerMinute: fenPlus,
  capFen: fenPlus,
});
export type OverstayRule = z.infer<typeof overstayRule>;

/** Fees beside energy, where the tariff has them; whole fen. Nobody pays them for a charge of 0 Wh. */
export const tariffFees = z.strictObject({
  /** 启动费: once a charge. */
  sessionFen: fenPlus.optional(),
  /** 停车费: per started hour between start and end, after the free minutes, capped. */
  parking: z.strictObject({
    freeMinutes: z.int().min(0).max(1440),
    fenPerHour: fenPlus,
    capFen: fenPlus,
  }).optional(),
  /** 最低消费: what a charge costs at least, all its lines together, before a coupon. */
  minimumFen: fenPlus.optional(),
});
export type TariffFees = z.infer<typeof tariffFees>;

export const tariff = z.strictObject({
  version: z.string().regex(/^tv_[0-9A-Za-z-]{1,40}$/),
  currency,
  /** IANA zone of the station: tariffs are local, instants UTC. */
  zone: z.string().min(1).max(64),
  periods: z.array(tariffPeriod).min(1).max(48),
  overstay: overstayRule,
  fees: tariffFees.optional(),
});
export type Tariff = z.infer<typeof tariff>;

/** Energy of one charge inside one stretch of one tariff period; Σ wh = register stop - start. */
export const segment = z.strictObject({
  fromAt: z.int(),
  toAt: z.int(),
  kind: periodKind,
  energyMilliFenPerKwh: milliFenPerKwh,
  serviceMilliFenPerKwh: milliFenPerKwh,
  wh: z.int().min(0),
  /** Who says so: the pile's meter, or the platform's rule over a gap. */
  source: z.enum(["pile", "estimated", "corrected"]),
});
export type Segment = z.infer<typeof segment>;

/** What a charge came to at least and at most, where its pile did not tell the end. */
export const estimate = z.strictObject({
  lowWh: z.int().min(0),
  highWh: z.int().min(0),
  /** The rule: `power-until-stop` (last power until the stop, at most the rated), `last-reading`. */
  method: z.enum(["power-until-stop", "last-reading"]),
});
export type Estimate = z.infer<typeof estimate>;

/** Energy at one price; its rule: Wh x price, lines rounded by largest remainder. */
const meteredLine = z.strictObject({
  purpose: z.enum(["energy", "service"]),
  kind: periodKind,
  wh: z.int().min(0),
  milliFenPerKwh,
  fen: fenPlus,
});
/** A fee: `quantity` x `unitFen`, or less where it is capped. */
const feeLine = z.strictObject({
  purpose: z.enum(["session", "parking", "minimum"]),
  quantity: z.int().min(0),
  unitFen: fenPlus,
  fen: fenPlus,
});
/** What a coupon takes off: never more than the lines above it. */
const couponLine = z.strictObject({ purpose: z.literal("coupon"), couponId, fen: fen.max(0) });

/** One stored line of a bill; the lines add up to the total exactly. */
export const billLine = z.discriminatedUnion("purpose", [meteredLine, feeLine, couponLine]);
export type BillLine = z.infer<typeof billLine>;
export type MeteredLine = z.infer<typeof meteredLine>;
export type FeeLine = z.infer<typeof feeLine>;

export const bill = z.strictObject({
  /** What is to be paid: energyFen + serviceFen, less the coupon. */
  totalFen: fenPlus,
  energyWh: z.int().min(0),
  /** 电费 */
  energyFen: fenPlus,
  /** 服务费 and all fees. */
  serviceFen: fenPlus,
  currency,
  tariffVersion: z.string(),
  /** Names the rule by which it was rounded: total half up once, lines by largest remainder. */
  rounding: z.literal("total-half-up-1"),
  startRegisterWh: z.int().min(0),
  stopRegisterWh: z.int().min(0),
  /** First and last moment of the charge, by which parking is counted; bills before it had none. */
  startAt: instant.optional(),
  stopAt: instant.optional(),
  lines: z.array(billLine),
  /** The coupon with its terms as they were, and when it was laid on: the bill recomputes from here. */
  coupon: z.strictObject({ terms: couponTerms, at: instant, fen: fenPlus }).optional(),
  /** No true end of the meter is known yet: what the bill will be at least and at most, by which rule. */
  estimated: z.strictObject({ lowFen: fenPlus, highFen: fenPlus, method: z.string() }).optional(),
});
export type Bill = z.infer<typeof bill>;

/** A stay at the connector after the charge, and what it costs: a due of its own (超时占用费). */
export const overstayBill = z.strictObject({
  fen: fenPlus,
  /** Whole minutes that were free, blocked by us, and paid. */
  graceMinutes: z.int().min(0),
  blockedMs: z.int().min(0),
  minutes: z.int().min(0),
  rule: overstayRule,
});
export type OverstayBill = z.infer<typeof overstayBill>;

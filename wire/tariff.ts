// A station's prices by time of day (尖峰平谷), as published, frozen into orders and shown to drivers.
import * as z from "zod";
import { currency, fenPlus, milliFenPerKwh } from "./units.ts";

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

export const tariff = z.strictObject({
  version: z.string().regex(/^tv_[0-9A-Za-z-]{1,40}$/),
  currency,
  /** IANA zone of the station: tariffs are local, instants UTC. */
  zone: z.string().min(1).max(64),
  periods: z.array(tariffPeriod).min(1).max(48),
  overstay: overstayRule,
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

/** One stored line of a bill; lines add up to the total exactly (largest remainder). */
export const billLine = z.strictObject({
  purpose: z.enum(["energy", "service"]),
  kind: periodKind,
  wh: z.int().min(0),
  milliFenPerKwh,
  fen: fenPlus,
});
export const bill = z.strictObject({
  totalFen: fenPlus,
  energyWh: z.int().min(0),
  energyFen: fenPlus,
  serviceFen: fenPlus,
  currency,
  tariffVersion: z.string(),
  /** Names the rule by which it was rounded: total half up once, lines by largest remainder. */
  rounding: z.literal("total-half-up-1"),
  startRegisterWh: z.int().min(0),
  stopRegisterWh: z.int().min(0),
  lines: z.array(billLine),
  /** No true end of the meter is known yet: what the bill will be at least and at most, by which rule. */
  estimated: z.strictObject({ lowFen: fenPlus, highFen: fenPlus, method: z.string() }).optional(),
});
export type Bill = z.infer<typeof bill>;

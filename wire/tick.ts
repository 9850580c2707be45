// The fast lane: the newest reading of a running charge on its way to the pile's actor, and to screens.
import * as z from "zod";
import { connectorNo, fenPlus, instant, iso, socPct, watt, wh } from "./units.ts";

/** Newest reading of a running charge: the fast lane's signal to the pile's actor. */
export const tickSignal = z.strictObject({
  linkEpoch: z.int().min(0),
  n: z.int().min(0),
  /** Device clock. */
  t: instant,
  connector: connectorNo,
  powerW: watt.optional(),
  mV: z.int().min(0).max(2_000_000).optional(),
  mA: z.int().min(-2_000_000).max(2_000_000).optional(),
  socPct: socPct.optional(),
  registerWh: wh.optional(),
});
export type TickSignal = z.infer<typeof tickSignal>;

/** `data` of a live tick to `live.<tenant>.pile.<id>` and `live.<tenant>.order.<id>`. */
export const tickData = z.strictObject({
  n: z.int().min(0),
  t: iso,
  linkEpoch: z.int().min(0),
  energyWh: wh,
  powerW: watt,
  socPct: socPct.nullable(),
  costFen: fenPlus,
  elapsedMs: z.int().min(0),
});
export type TickData = z.infer<typeof tickData>;

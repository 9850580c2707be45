// Tariffs as ops work on them: drafts, what the checks find, what past charges would have cost, and
// what is and was in force at a station.
import * as z from "zod";
import { orderId, stationId } from "./ids.ts";
import { fenPlus, iso } from "./units.ts";
import { periodKind, tariff } from "./tariff.ts";

export const tariffVersion = tariff.shape.version;
/** A draft or a version of a station: `stn_east1:tv_2`. */
export const tariffId = z.string().regex(/^stn_[0-9A-Za-z-]{4,60}:tv_[0-9A-Za-z-]{1,40}$/);

/** `error`: cannot be published. `confirm`: only with a second look at exactly this. */
export const tariffFinding = z.strictObject({
  code: z.enum([
    "gap",
    "overlap",
    "zone-unknown",
    "zone-other",
    "currency-other",
    "version-used",
    "energy-price-high",
    "service-price-high",
    "fee-high",
    "overstay-odd",
    "free",
    "price-jump",
  ]),
  weight: z.enum(["error", "confirm"]),
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
});
export type TariffFinding = z.infer<typeof tariffFinding>;

export const tariffChecked = z.strictObject({
  stationId,
  version: tariffVersion,
  revision: z.int().min(0),
  findings: z.array(tariffFinding),
  /** What a publishing must confirm; absent: nothing. Changes with whatever was found. */
  confirm: z.string().optional(),
});
export type TariffChecked = z.infer<typeof tariffChecked>;

/** All of a station's tariffs; `revision` counts their changes and is what If-Match is about. */
export const tariffDesk = z.strictObject({
  stationId,
  v: z.int(),
  revision: z.int().min(0),
  inForce: z.strictObject({ tariff, sinceAt: iso.nullable() }),
  /** Piles that have not taken the tariff in force yet. */
  pilesBehind: z.int().min(0),
  drafts: z.array(z.strictObject({ tariff, by: z.string(), at: iso })),
  /** Newest first. */
  past: z.array(z.strictObject({
    tariff,
    fromAt: iso.nullable(),
    untilAt: iso,
    by: z.string(),
    /** It was taken back. */
    undone: z.literal(true).optional(),
  })),
  /** Version that going back would bring into force. */
  earlier: tariffVersion.nullable(),
});
export type TariffDesk = z.infer<typeof tariffDesk>;

const reason = z.string().min(1).max(500);
export const draftBody = z.strictObject({ stationId, tariff });
export const publishBody = z.strictObject({ reason, confirm: z.string().max(200).optional() });
export const rollbackBody = z.strictObject({ reason });
export const simulateBody = z.strictObject({ charges: z.int().min(1).max(500).optional() });

const money = z.strictObject({ totalFen: fenPlus, energyFen: fenPlus, serviceFen: fenPlus });
/** The newest charges of the station as they were billed, and as the draft would bill them. */
export const simulated = z.strictObject({
  stationId,
  version: tariffVersion,
  charges: z.int().min(0),
  fromAt: iso.nullable(),
  untilAt: iso.nullable(),
  before: money,
  after: money,
  dearer: z.int().min(0),
  cheaper: z.int().min(0),
  same: z.int().min(0),
  /** Energy by period of the draft. */
  byKind: z.array(z.strictObject({ kind: periodKind, wh: z.int().min(0), fen: fenPlus })),
  /** Those whose bill changes most. */
  most: z.array(z.strictObject({ orderId, beforeFen: fenPlus, afterFen: fenPlus })),
});
export type Simulated = z.infer<typeof simulated>;

// The stay at the connector after the charge (占用): what can be said of it to an order's actor, and how
// it is shown. The fee for it is a due of its own (超时占用费).
import * as z from "zod";
import { overstayBill, overstayRule } from "./tariff.ts";
import { instant, iso } from "./units.ts";

export const stayCommands = [
  z.strictObject({
    type: z.literal("BayTold"), // pile; reply null: what it sees of the bay after the charge
    what: z.enum(["taken", "blocked", "opened", "left", "unlocked", "unlock-failed"]),
    /** By the pile's own node. */
    at: instant,
    why: z.string().max(80).optional(),
  }),
  // ops (service, operator): the driver is told that gun and bay will be released, and what it risks
  z.strictObject({ type: z.literal("WarnBay"), reason: z.string().min(1).max(500) }),
  z.strictObject({
    type: z.literal("ReleaseBay"), // ops (operator), after the driver was told; reply OrderView;
    // refused bay.not-told, bay.too-early {from}, bay.unconfirmed {confirm, risks}: said again with it
    reason: z.string().min(1).max(500),
    confirm: z.string().max(80).optional(),
    /** The pile is taken out of service as well. */
    shut: z.boolean(),
  }),
  z.strictObject({ type: z.literal("AppealOverstay"), text: z.string().min(1).max(1000) }), // driver
  // ops (finance, service): the fee is taken off, or given back; or it stands: both close an appeal
  z.strictObject({
    type: z.literal("DecideOverstay"),
    waive: z.boolean(),
    reason: z.string().min(1).max(500),
  }),
] as const;

/** Staying at the connector after the charge (read as part of the order). */
export const stayView = z.strictObject({
  rule: overstayRule,
  /** What a minute of the rule lasts: another length only in drills. */
  minuteMs: z.int().min(1),
  since: iso,
  graceUntil: iso,
  /** The fee runs from then; absent: its driver has not been told yet. */
  feeFrom: iso.optional(),
  /** After `feeFrom`, free since the pile was offline, faulted or out of service. */
  freeMs: z.int().min(0),
  blockedSince: iso.optional(),
  blockedWhy: z.string().optional(),
  leftAt: iso.optional(),
  /** Of the due, once there is one. */
  bill: overstayBill.optional(),
  /** The driver was told that gun and bay may be released; ops may do it from `releaseFrom` on. */
  warnedAt: iso.optional(),
  releaseFrom: iso.optional(),
  release: z.strictObject({
    at: iso,
    reason: z.string(),
    shut: z.boolean(),
    status: z.enum(["asked", "unlocked", "failed"]),
    why: z.string().optional(),
  }).optional(),
  appeal: z.strictObject({
    text: z.string(),
    at: iso,
    status: z.enum(["open", "granted", "refused"]),
    reason: z.string().optional(),
  }).optional(),
});
export type StayView = z.infer<typeof stayView>;

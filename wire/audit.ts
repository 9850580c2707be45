// What the standing auditor reports, and what the console sees of its last report.
import * as z from "zod";
import { iso } from "./units.ts";

/** Something in the books that cannot be right: by which rule, where, and what. */
export const auditDifference = z.strictObject({
  rule: z.string().max(40),
  where: z.string().max(200),
  what: z.string().max(300),
});
export type AuditDifference = z.infer<typeof auditDifference>;
/** More than these are counted, not named: a person looks at the first ones anyway. */
export const DIFFERENCES_MAX = 50;

export const auditorCommand = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("ReportAudit"), // the auditor of the projector; reply null
    rows: z.int().min(0),
    differences: z.array(auditDifference).max(DIFFERENCES_MAX),
    /** All of them, also those not named. */
    count: z.int().min(0),
  }),
  z.strictObject({ type: z.literal("TimerFired"), name: z.string() }),
]);
export type AuditorCommand = z.infer<typeof auditorCommand>;

/** Said of every look, recorded nowhere. */
export const auditLook = z.strictObject({ rows: z.int().min(0), at: z.int().min(0) });
export type AuditLook = z.infer<typeof auditLook>;

export const auditView = z.strictObject({
  v: z.int(),
  /** Records of money read by the last look, and when that was; null: none is known of. */
  rows: z.int().min(0).nullable(),
  lookedAt: iso.nullable(),
  /** When what it found changed for the last time, and what it is. */
  changedAt: iso.nullable(),
  count: z.int().min(0),
  differences: z.array(auditDifference),
});
export type AuditView = z.infer<typeof auditView>;

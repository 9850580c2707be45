// What the standing auditor (审计) found last. It reads the archive (server/audit); this actor only keeps
// what it said, so that every difference is an incident once and the console can show it.
import type { AuditDifference, AuditLook, AuditorCommand } from "../../wire/audit.ts";
import type { IncidentRaised } from "../../wire/incident.ts";
import type { Instant } from "../../wire/units.ts";

export type { AuditorCommand };
/** The last look, while the actor is in memory. */
export type AuditorMemory = AuditLook;
export interface AuditorState {
  open: AuditDifference[];
  count: number;
  changedAt: Instant | null;
}
export type AuditorEvent =
  | { type: "DifferencesChanged"; open: AuditDifference[]; count: number; rows: number }
  | IncidentRaised;

export const nameOf = ({ rule, where, what }: AuditDifference): string =>
  `${rule} ${where} ${what}`;

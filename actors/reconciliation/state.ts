// What a reconciliation (对账) is: of one source and one day, its runs and the cases of its differences.
import type * as z from "zod";
import type { IncidentRaised } from "../../wire/incident.ts";
import type { caseState, Difference, runHow, Source } from "../../wire/reconcile.ts";
import type { Fen, Instant } from "../../wire/units.ts";

export type { ReconciliationCommand } from "../../wire/reconcile.ts";

export interface Run {
  at: Instant;
  how: z.infer<typeof runHow>;
  rows: number;
  paidFen: Fen;
  refundedFen: Fen;
  feeFen: Fen;
  /** Of whose payments alone; absent: of all. */
  userId?: string;
  differences: number;
}
export interface Case extends Difference {
  n: number;
  state: z.infer<typeof caseState>;
  /** In how many runs it was met. */
  seen: number;
  openedAt: Instant;
  settledAt?: Instant;
  reason?: string;
  /** Who settled it; absent: it came to agree. */
  by?: string;
}
export interface OpenReconciliation {
  status: "open";
  source: Source;
  day: string;
  /** Newest last. */
  runs: Run[];
  cases: Case[];
  /** Of the newest case. */
  n: number;
}
export type ReconciliationState = { status: "absent" } | OpenReconciliation;

export type ReconciliationEvent =
  | Omit<Run, "at"> & { type: "RunFiled"; source: Source; day: string }
  | Difference & { type: "CaseOpened"; n: number; state: "retrying" | "open" }
  | { type: "CaseSeen"; n: number }
  /** Trying did not help: a person looks. */
  | { type: "CaseEscalated"; n: number }
  | { type: "CaseSettled"; n: number; reason: string; by?: string }
  | IncidentRaised;

export const RUNS_KEPT = 20;
/** Settled cases give way from here; open ones never. */
export const CASES_KEPT = 400;
export const CASES_OPEN_MAX = 300;

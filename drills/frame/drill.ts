// What a drill is: a row of risk brought about on a running platform in one or more parts, a check for
// each clause of the row, and what user, ops, money and log must show. README.md tells how to write one.
import type { DrillRow, Evidence } from "../../wire/drill.ts";
import type { IncidentRaised } from "../../wire/incident.ts";
import type { Safeguard, SafeguardOf } from "../../wire/safeguards.ts";
import type { Stage } from "./stage.ts";

export interface Words {
  readonly zh: string;
  readonly en: string;
}
/** What was seen, in a few words; a Red where it is not so. */
export type Check<C> = (cast: C, stage: Stage) => Promise<string>;
/** Times of settings.ts made short; never a rule. */
export type Times = Readonly<Record<string, number | number[]>>;

/** The exception that the platform must have kept; `actor` is one of the part's own. */
export interface Expected {
  readonly cause: string | RegExp;
  readonly outcome?: IncidentRaised["outcome"];
  /** Another row than the drill's own. */
  readonly row?: string;
}

export interface Part<R extends DrillRow, C> {
  /** What goes wrong. */
  readonly words: Words;
  /** Beside those of the drill. */
  readonly times?: Times;
  /** Safeguards whose absence is the fault: off for the run's own people, whatever is tried out. */
  readonly off?: readonly Safeguard[];
  setup(stage: Stage): Promise<C>;
  /** Brings it about; what it really hit (from the outside world's own book). Empty fails the drill. */
  fault(cast: C, stage: Stage): Promise<string>;
  readonly clauses: Partial<Record<SafeguardOf<R>, Check<C>>>;
  readonly user: Check<C>;
  readonly ops: Check<C>;
  readonly money: Check<C>;
  readonly log: Check<C>;
  /** Null: all went well, there is nothing to keep. */
  readonly incident: Expected | null;
  /** Whose records prove it. */
  proof(cast: C): readonly Pick<Evidence, "kind" | "id">[];
}
/** As the frame plays it. */
export type AnyPart = Part<DrillRow, unknown>;

export interface Drill {
  readonly row: DrillRow;
  readonly times: Times;
  readonly parts: readonly AnyPart[];
}

/** Short enough for a suite, long enough for two busy cores. */
export const SHORT: Times = {
  startAskMs: 1_500,
  startMs: 12_000,
  plugInMs: 6_000,
  stopRetryMs: 1_500,
  readingGapMs: 3_000,
  stopLeadMs: 1_500,
  paymentQueryMs: [500, 1_000, 2_000],
};

/** A part whose cast is its own business. */
export type PartOf<R extends DrillRow> = AnyPart & { readonly row?: R };
export const part = <R extends DrillRow, C>(one: Part<R, C>): PartOf<R> =>
  one as unknown as PartOf<R>;

export function defineDrill<R extends DrillRow>(
  row: R,
  parts: readonly PartOf<R>[],
  times: Times = {},
): Drill {
  return { row, times: { ...SHORT, ...times }, parts };
}

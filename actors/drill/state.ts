// One run of a drill (演练): asked for, brought about step by step by a runner outside, and its outcome.
import type { DrillCommand, DrillRow, DrillStep, Evidence } from "../../wire/drill.ts";
import type { Safeguard } from "../../wire/safeguards.ts";
import type { Instant } from "../../wire/units.ts";

export type Of<T extends DrillCommand["type"]> = Extract<DrillCommand, { type: T }>;

interface Asked {
  row: DrillRow;
  without: Safeguard[];
  by: string;
  requestedAt: Instant;
}
export type Open =
  | Asked & { status: "requested" }
  | Asked & { status: "running"; startedAt: Instant; steps: DrillStep[] };
/** `lost`: its runner did not come back. */
export type Over = Asked & {
  status: "passed" | "failed" | "lost";
  startedAt: Instant | null;
  endedAt: Instant;
  steps: DrillStep[];
  evidence: Evidence[];
};
export type DrillState = { status: "absent" } | Open | Over;

export type DrillEvent =
  | { type: "DrillRequested"; row: DrillRow; without: Safeguard[]; by: string }
  | { type: "StepsNoted"; steps: DrillStep[] }
  | { type: "DrillEnded"; passed: boolean; evidence: Evidence[] }
  | { type: "DrillLost" };

/** A runner that says nothing for this long is gone: every drill is over in less. */
export const LOST_MS = 600_000;

// What it costs to stay at the connector after the charge (超时占用费): a due of its own, never a
// line of the bill. Who watches the connector, and tells the driver before, is not decided here.
import type { OverstayBill, OverstayRule } from "../../wire/tariff.ts";

const MS_PER_MINUTE = 60_000;

export interface Stay {
  /** The charge was over. */
  endedAt: number;
  /** The gun was pulled, or now. */
  untilAt: number;
  /** Times in which the pile was offline or faulted (M7): they cost nothing, overlapping or not. */
  blocked: readonly { fromAt: number; toAt: number }[];
}

/** Milliseconds of [from, to) that lie in any of the stretches. */
function coveredMs(stretches: Stay["blocked"], from: number, to: number): number {
  let covered = 0;
  let position = from;
  for (const { fromAt, toAt } of [...stretches].sort((a, b) => a.fromAt - b.fromAt)) {
    const start = Math.max(fromAt, position);
    const end = Math.min(toAt, to);
    if (end > start) {
      covered += end - start;
      position = end;
    }
  }
  return covered;
}

/** Whole minutes after the grace, a begun one is free; minutes that we blocked are left out; capped. */
export function overstayOf(
  rule: OverstayRule,
  { endedAt, untilAt, blocked }: Stay,
  minuteMs = MS_PER_MINUTE,
): OverstayBill {
  const graceEnd = endedAt + rule.graceMinutes * minuteMs;
  const blockedMs = coveredMs(blocked, graceEnd, Math.max(untilAt, graceEnd));
  const paidMs = Math.max(untilAt - graceEnd - blockedMs, 0);
  const minutes = Math.floor(paidMs / minuteMs);
  const fen = Math.min(minutes * rule.fenPerMinute, rule.capFen);
  return { fen, graceMinutes: rule.graceMinutes, blockedMs, minutes, rule };
}

// What a run comes to: for people a line and its details, for programs one object a line.
import { quantile } from "../../bench/numbers.ts";
import { type FaultRun, passed } from "./run.ts";

const SHOWN_MAX = 10;

export interface Line {
  fault: string;
  hits: number;
  lost: number;
  doubled: number;
  breaches: number;
  silenceMs: { p50: number; p99: number; max: number };
  runs: number;
  charges: number;
  seeds: number[];
  commit: string;
  missing?: string;
}

/** All runs of one fault as one line. */
export function lineOf(runs: readonly FaultRun[], commit: string): Line {
  const sum = (of: (run: FaultRun) => number) => runs.reduce((all, run) => all + of(run), 0);
  const silences = runs.flatMap(({ silencesMs }) => silencesMs);
  const at = (share: number) => silences.length === 0 ? 0 : quantile(silences, share);
  const { fault, missing } = runs[0]!;
  return {
    fault,
    hits: sum(({ hits }) => hits),
    lost: sum(({ verdict }) => verdict.lost.length),
    doubled: sum(({ verdict }) => verdict.doubled.length),
    breaches: sum(({ verdict }) => verdict.breaches.length),
    silenceMs: { p50: at(0.5), p99: at(0.99), max: at(1) },
    runs: runs.length,
    charges: sum(({ charges }) => charges),
    seeds: runs.map(({ seed }) => seed),
    commit,
    ...(missing === null ? {} : { missing }),
  };
}

export function runInWords(run: FaultRun): string {
  const { fault, missing, hits, verdict, charges, seed, seconds, silencesMs, note } = run;
  if (missing !== null) return `FAILED ${fault}: not run: this machine lacks ${missing}`;
  const { lost, doubled, breaches, orders, records } = verdict;
  const statuses = Object.entries(orders).map(([status, n]) => `${n} ${status}`).join(", ");
  const at = (share: number) => silencesMs.length === 0 ? "-" : quantile(silencesMs, share);
  const bad = [...lost, ...doubled, ...breaches];
  return [
    `${passed(run) ? "ok" : "FAILED"} ${fault}: ${hits} hits, ${lost.length} lost, ` +
    `${doubled.length} doubled, ${breaches.length} breaches; silence p50 ${at(0.5)}, ` +
    `p99 ${at(0.99)}, max ${at(1)} ms of ${silencesMs.length}; ${charges} charges (${statuses}), ` +
    `${records} records, ${seconds} s, seed ${seed}${note === undefined ? "" : ` (${note})`}`,
    ...(hits === 0 ? ["  it hit nothing"] : []),
    ...bad.slice(0, SHOWN_MAX).map((words) => `  ${words.slice(0, 500)}`),
    ...(bad.length > SHOWN_MAX ? [`  and ${bad.length - SHOWN_MAX} more`] : []),
  ].join("\n");
}

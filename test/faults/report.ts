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
  notRun?: string;
}

/** All runs of one fault as one line. */
export function lineOf(runs: readonly FaultRun[], commit: string): Line {
  const sum = (of: (run: FaultRun) => number) => runs.reduce((all, run) => all + of(run), 0);
  const silences = runs.flatMap(({ silencesMs }) => silencesMs);
  const at = (share: number) => silences.length === 0 ? 0 : quantile(silences, share);
  const { fault, notRun } = runs[0]!;
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
    ...(notRun === null ? {} : { notRun }),
  };
}

/** The first of them, indented. */
export function some(words: readonly string[]): string[] {
  const more = words.length - SHOWN_MAX;
  return [
    ...words.slice(0, SHOWN_MAX).map((one) => `  ${one.slice(0, 500)}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

export function runInWords(run: FaultRun): string {
  const { fault, notRun, hits, verdict, charges, seed, seconds, silencesMs, note } = run;
  if (notRun !== null) return `FAILED ${fault}: not run: ${notRun}`;
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
    ...(run.logs === undefined ? [] : [`  logs in ${run.logs}`]),
    ...some(bad),
  ].join("\n");
}

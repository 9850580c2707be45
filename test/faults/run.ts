// One fault from an empty stage to its verdict: warm-up, fault under load, healing, quiet, judgement.
import { seeded } from "../../sim/mod.ts";
import { check, type Verdict } from "./check.ts";
import { type Fault, pause, Stage, type Struck } from "./fault.ts";
import { keepLogs } from "./keep-logs.ts";
import { openScene, type ScenePlan } from "./scene.ts";
import { FINAL, startTraffic, type Traffic } from "./traffic.ts";

export interface RunPlan {
  readonly seed: number;
  readonly nodes: number;
  readonly seats: number;
  readonly isShort: boolean;
}

export interface FaultRun extends Struck {
  fault: string;
  seed: number;
  seconds: number;
  /** Why it could not be run; then it counts as failed. */
  notRun: string | null;
  charges: number;
  verdict: Verdict;
  /** Where the logs of a bad run lie. */
  logs?: string;
}

const WARM_MS_MAX = 40_000;

export async function runFault(fault: Fault, plan: RunPlan): Promise<FaultRun> {
  const begun = performance.now();
  const { seed } = plan;
  const missing = await fault.missing?.() ?? null;
  if (missing !== null) return notRun(fault, seed, `this machine lacks ${missing}`);
  await using prepared = await fault.prepare?.() ?? null;
  const { [Symbol.asyncDispose]: _, ...own } = prepared ?? {};
  const { nodes, seats } = plan;
  const scenePlan: ScenePlan = { seed, nodes, seats, ...fault.scene, ...own };
  await using scene = await openScene(scenePlan);
  const random = seeded(seed + 1);
  const traffic = startTraffic({
    phones: scene.phones,
    seats: scene.seats,
    random,
    chargeMs: [800, 3_000],
  });
  let struck: Struck;
  try {
    await warm(traffic, seats);
    struck = await fault.strike(new Stage(scene, traffic, random, plan.isShort));
  } finally {
    await traffic.stop();
  }
  const verdict = await check(scene, traffic.charges);
  const { length: charges } = traffic.charges;
  const seconds = Math.round((performance.now() - begun) / 1_000);
  const run = { fault: fault.name, seed, notRun: null, seconds, charges, verdict, ...struck };
  return passed(run) ? run : { ...run, logs: await keepLogs(scene, `${fault.name} ${seed}`) };
}

function notRun({ name }: Fault, seed: number, why: string): FaultRun {
  const verdict = { lost: [], doubled: [], breaches: [], orders: {}, records: 0 };
  const nothing = { hits: 0, silencesMs: [], charges: 0, seconds: 0, verdict };
  return { fault: name, seed, notRun: why, ...nothing };
}

/** The stage itself broke down: nothing is proven. */
export const broken = (fault: Fault, seed: number, cause: unknown): FaultRun =>
  notRun(fault, seed, cause instanceof Error ? cause.stack ?? cause.message : String(cause));

/** Until every seat has had a charge or two: then there are actors to ask. */
async function warm({ charges }: Traffic, seats: number): Promise<void> {
  const until = performance.now() + WARM_MS_MAX;
  const over = () => charges.filter(({ status }) => FINAL.has(status)).length;
  while (over() < 2 * seats && performance.now() < until) await pause(100);
}

/** Whether all is well; a fault that met nothing proves nothing. */
export function passed({ notRun, hits, verdict }: FaultRun): boolean {
  const { lost, doubled, breaches } = verdict;
  return notRun === null && hits > 0 && lost.length + doubled.length + breaches.length === 0;
}

// `npm test`: the whole suite in order, a line per stage, "N passed, N failed" at the end.
// For developers: --check (types, format, lint, tidy), --only unit,race, and parts of file names.
import { parseArgs } from "node:util";
import { onOrphaned } from "./lifeline.ts";
import { endRunning, type Outcome, type Stage, total } from "./suite/stage.ts";
import { STATIC_STAGES } from "./suite/static-stages.ts";
import { VITEST_STAGES } from "./suite/vitest-stages.ts";

/** Each of them is busy on one core. */
const CHECKS_AT_ONCE = 2;
const CHECK = [...STATIC_STAGES.map(({ name }) => name), "tidy"];

function chosen(): { stages: readonly Stage[]; filters: readonly string[] } {
  const options = { check: { type: "boolean" }, only: { type: "string" } } as const;
  const { values, positionals } = parseArgs({ args: Deno.args, options, allowPositionals: true });
  const all = [...STATIC_STAGES, ...VITEST_STAGES];
  const names = values.only?.split(",") ?? (values.check ? CHECK : all.map(({ name }) => name));
  for (const name of names) {
    if (all.some((stage) => stage.name === name)) continue;
    console.error(`no stage "${name}": choose of ${all.map((stage) => stage.name).join(", ")}`);
    Deno.exit(1);
  }
  const pool = positionals.length > 0 ? VITEST_STAGES : all;
  return { stages: pool.filter(({ name }) => names.includes(name)), filters: positionals };
}

async function runStage(stage: Stage, filters: readonly string[]): Promise<Outcome | null> {
  if (!stage.applies()) {
    console.log(`- ${stage.name}: nothing there yet`);
    return null;
  }
  const start = performance.now();
  const outcome = await stage.run(filters);
  if (outcome.failed > 0) console.log(outcome.output);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const mark = outcome.failed > 0 ? "FAILED" : "ok";
  console.log(
    `${mark} ${stage.name}: ${outcome.passed} passed, ${outcome.failed} failed, ${seconds} s`,
  );
  return outcome;
}

async function runAll(stages: readonly Stage[], atOnce: number): Promise<void> {
  const left = [...stages];
  const lane = async () => {
    for (let stage = left.shift(); stage; stage = left.shift()) {
      const outcome = await runStage(stage, filters);
      if (outcome !== null) outcomes.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

function stop(): void {
  endRunning();
  Deno.exit(1);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(signal, stop);
onOrphaned(stop);
const { stages, filters } = chosen();
const outcomes: Outcome[] = [];
const isQuiet = (stage: Stage) => STATIC_STAGES.includes(stage);
await runAll(stages.filter(isQuiet), CHECKS_AT_ONCE);
await runAll(stages.filter((stage) => !isQuiet(stage)), 1);
const { passed, failed } = total(outcomes);
console.log(`${passed} passed, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);

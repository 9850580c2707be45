// Program: `npm run campaign -- --from 1 --to 100000`. Runs seeds in chunks that resume, on worker
// processes; says what broke, how often each fault hit, and fails where one never did.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Chunk, chunksOf, shareOut } from "./crew.ts";
import { huntAll } from "./hunt.ts";
import { storyOf } from "./shrink.ts";
import { add, emptySum, missing, type Sum } from "./sum.ts";
import { outside } from "./time.ts";

const USAGE = `npm run campaign -- --from N --to M [options]

  --workers 2      processes
  --steps 500      steps under faults of each seed; then it heals and must settle
  --json           one JSON object at the end
  --out FILE       progress and result (.cache/campaign-N-M-STEPS.json): the same call goes on from it
  --again          begins anew
  --planted        plants each known bug instead and tells the first seed that finds it
  --tell SEED      tells one seed in words, shrunk if it breaks an invariant`;

const options = {
  from: { type: "string", default: "1" },
  to: { type: "string", default: "500" },
  workers: { type: "string", default: "2" },
  steps: { type: "string", default: "500" },
  json: { type: "boolean", default: false },
  out: { type: "string" },
  again: { type: "boolean", default: false },
  planted: { type: "boolean", default: false },
  tell: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

interface Progress {
  /** Commit of the runtime that all of it was run on. */
  commit: string;
  steps: number;
  done: Chunk[];
  wallMs: number;
  sum: Sum;
}
const ENOUGH = 500; // seeds after which everything must have been met

const root = resolve(import.meta.dirname ?? ".", "..", "..");
function commitOfRuntime(): string {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  const dirty = git("status", "--porcelain", "--", "server/runtime", "actors") !== "";
  return `${git("log", "-1", "--format=%h", "--", "server/runtime")}${dirty ? "-changed" : ""}`;
}

function resumed(file: string, commit: string, steps: number): Progress | null {
  if (!existsSync(file)) return null;
  const progress = JSON.parse(readFileSync(file, "utf8")) as Progress;
  if (progress.commit === commit && progress.steps === steps) return progress;
  console.error(`${file} is of runtime ${progress.commit}: begun anew on ${commit}`);
  return null;
}
function keep(file: string, progress: Progress): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(progress));
  renameSync(`${file}.new`, file);
}

function report({ sum, commit, wallMs }: Progress, from: number, to: number, json: boolean) {
  const { seeds, steps, tasks, records, breaches, virtualMs, cpuMs } = sum;
  const figures = {
    seeds,
    steps,
    breaches: breaches.length,
    speedup: Math.round(virtualMs / Math.max(1, wallMs)),
    stepsPerSecond: Math.round(steps / wallMs * 1_000),
    tasksPerSecond: Math.round(tasks / wallMs * 1_000),
    stepsPerCpuSecond: Math.round(steps / cpuMs * 1_000),
    records,
    minutes: Number((wallMs / 60_000).toFixed(1)),
    from,
    to,
    commit,
  };
  if (json) return console.log(JSON.stringify({ ...figures, hits: sum.hits, met: sum.met }));
  console.log(`seeds ${from} to ${to}, runtime ${commit}`);
  console.log(figures);
  console.log("faults that hit", sum.hits);
  console.log("and happened", sum.met);
}

async function main(): Promise<number> {
  const { values } = parseArgs({ args: Deno.args, options });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const steps = Number(values.steps);
  if (values.tell !== undefined) {
    const seed = Number(values.tell);
    console.log(await outside(() => storyOf({ seed, steps })));
    return 0;
  }
  if (values.planted) return await huntAll(steps, Number(values.workers));
  const [from, to, workers] = [values.from, values.to, values.workers].map(Number) as [
    number,
    number,
    number,
  ];
  const commit = commitOfRuntime();
  const file = values.out ?? resolve(root, `.cache/campaign-${from}-${to}-${steps}.json`);
  const fresh = { commit, steps, done: [], wallMs: 0, sum: emptySum() };
  const progress: Progress = (values.again ? null : resumed(file, commit, steps)) ?? fresh;
  const known = new Set(progress.done.map((chunk) => chunk.from));
  const left = chunksOf(from, to).filter((chunk) => !known.has(chunk.from));
  let since = performance.now();
  await shareOut(left, steps, workers, (chunk, sum) => {
    progress.done.push(chunk);
    add(progress.sum, sum);
    progress.wallMs += performance.now() - since;
    since = performance.now();
    keep(file, progress);
    for (const { seed, invariant, what } of sum.breaches) {
      console.error(`seed ${seed}: ${invariant} ${what}`);
    }
  });
  report(progress, from, to, values.json);
  const lacks = progress.sum.seeds >= ENOUGH ? missing(progress.sum) : [];
  for (const words of lacks) console.error(words);
  return progress.sum.breaches.length + lacks.length === 0 ? 0 : 1;
}

Deno.exit(await main());

// Program: `npm run faults`: fault after fault on real processes under load, until the time is over.
// Exit code 1 where anything was lost, doubled or broken, or a fault hit nothing or could not be run.
import { parseArgs } from "node:util";
import { resolve } from "node:path";
import { commitOf } from "../../bench/figure.ts";
import { surviveResets } from "../../sim/fault.ts";
import type { Fault } from "./fault.ts";
import { disposeAll } from "./leftovers.ts";
import { mongoFaults } from "./mongo-faults.ts";
import { natsFaults } from "./nats-faults.ts";
import { nodeFaults } from "./node-faults.ts";
import { lineOf, runInWords } from "./report.ts";
import { broken, type FaultRun, passed, runFault } from "./run.ts";
import { runStarts, startsInWords, startsPassed } from "./starts.ts";

const FAULTS: readonly Fault[] = [...nodeFaults, ...natsFaults, ...mongoFaults];
const MINUTES = 20;

const USAGE = `npm run faults -- [options]

  --only F1,F4      faults by row, or whole names (no list: all of them)
  --minutes ${MINUTES}      goes over the list again until so much time is over; less than 10: short rounds
  --seed 1          of the first run; each next one takes the next
  --nodes 2         server nodes
  --seats 10        drivers, each at a pile of their own
  --json            one object a line
  --list            names of the faults

npm run faults -- --only starts [options]: starts in flight while every node dies between a record and
what it sends, MongoDB stopped

  --rounds 25       in each of them every node dies
  --starts 20       starts in flight in each round
  --dark 2          rounds in which everything stays dark ...
  --dark-minutes 5  ... for so long`;

const options = {
  only: { type: "string" },
  minutes: { type: "string" },
  seed: { type: "string" },
  nodes: { type: "string" },
  seats: { type: "string" },
  url: { type: "string" },
  json: { type: "boolean" },
  list: { type: "boolean" },
  rounds: { type: "string" },
  starts: { type: "string" },
  dark: { type: "string" },
  "dark-minutes": { type: "string" },
  help: { type: "boolean" },
} as const;

const SHORT_MINUTES = 10;

interface Asked {
  faults: readonly Fault[];
  minutes: number;
  seed: number;
  nodes: number;
  seats: number;
  json: boolean;
  starts: { rounds: number; starts: number; darkRounds: number; darkMs: number } | null;
}

const STARTS = "starts";

function read(args: string[]): Asked | string {
  const { values } = parseArgs({ args, options });
  if (values.help) return USAGE;
  if (values.list) return FAULTS.map(({ name }) => name).join("\n");
  if (values.url !== undefined) {
    return "--url: faults kill, freeze and fill what they started themselves, never another's platform";
  }
  const wanted = values.only?.split(",");
  const isWanted = (name: string, one: string) => `${name} `.startsWith(`${one} `);
  const faults = FAULTS.filter(({ name }) => wanted?.some((one) => isWanted(name, one)) ?? true);
  const number = (text: string | undefined, otherwise: number) => Number(text ?? otherwise);
  const asked = {
    faults,
    minutes: number(values.minutes, MINUTES),
    seed: number(values.seed, Date.now() % 1_000_000),
    nodes: number(values.nodes, 2),
    seats: number(values.seats, 10),
    json: values.json ?? false,
    starts: wanted?.includes(STARTS)
      ? {
        rounds: number(values.rounds, 25),
        starts: number(values.starts, 20),
        darkRounds: number(values.dark, 2),
        darkMs: number(values["dark-minutes"], 5) * 60_000,
      }
      : null,
  };
  const { minutes, seed, nodes, seats } = asked;
  const isEmpty = faults.length === 0 && asked.starts === null;
  if (isEmpty || !(minutes > 0) || !(seed >= 0) || !(nodes > 1) || !(seats > 0)) {
    return USAGE;
  }
  return asked;
}

async function runAll(asked: Asked): Promise<FaultRun[]> {
  const until = performance.now() + asked.minutes * 60_000;
  const isShort = asked.minutes < SHORT_MINUTES;
  const runs: FaultRun[] = [];
  do {
    for (const fault of asked.faults) {
      // a full run goes through the whole list at least once
      if (runs.length >= (isShort ? 1 : asked.faults.length) && performance.now() > until) break;
      const { nodes, seats } = asked;
      const plan = { seed: asked.seed + runs.length, nodes, seats, isShort };
      const run = await runFault(fault, plan).catch((cause) => broken(fault, plan.seed, cause));
      runs.push(run);
      console.error(runInWords(run));
    }
  } while (asked.faults.length > 0 && performance.now() < until);
  return runs;
}

async function runTheStarts({ starts, seed, nodes }: Asked): Promise<boolean> {
  if (starts === null) return true;
  const result = await runStarts({ ...starts, seed, nodes, say: console.error });
  console.error(startsInWords(result));
  return startsPassed(result);
}

const asked = read(Deno.args);
if (typeof asked === "string") {
  console.log(asked);
  Deno.exit(Deno.args.some((arg) => arg === "--help" || arg === "--list") ? 0 : 2);
}
surviveResets(() => {});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => void disposeAll().then(() => Deno.exit(130)));
}
const commit = await commitOf(resolve(import.meta.dirname ?? ".", "../.."));
console.error(`seed ${asked.seed}, commit ${commit}, ${asked.nodes} nodes, ${asked.seats} drivers`);
const isFine = await runTheStarts(asked);
const runs = await runAll(asked);
for (const { name } of asked.faults) {
  const own = runs.filter(({ fault }) => fault === name);
  if (own.length === 0) console.error(`${name}: its turn did not come`);
  else if (asked.json) console.log(JSON.stringify(lineOf(own, commit)));
}
const failed = runs.filter((run) => !passed(run)).length;
console.error(`${runs.length} runs, ${failed} failed`);
Deno.exit(failed === 0 && isFine ? 0 : 1);

// Program: `npm run faults`: fault after fault on real processes under load, until the time is over.
// Exit code 1 where anything was lost, doubled or broken, or a fault hit nothing or could not be run.
import { parseArgs } from "node:util";
import { resolve } from "node:path";
import { commitOf } from "../../bench/figure.ts";
import { surviveResets } from "../../sim/fault.ts";
import type { Fault } from "./fault.ts";
import { mongoFaults } from "./mongo-faults.ts";
import { natsFaults } from "./nats-faults.ts";
import { nodeFaults } from "./node-faults.ts";
import { lineOf, runInWords } from "./report.ts";
import { type FaultRun, passed, runFault } from "./run.ts";

const FAULTS: readonly Fault[] = [...nodeFaults, ...natsFaults, ...mongoFaults];
const MINUTES = 20;

const USAGE = `npm run faults -- [options]

  --only F1,F4      faults by row, or whole names (no list: all of them)
  --minutes ${MINUTES}      goes over the list again until so much time is over; less than 10: short rounds
  --seed 1          of the first run; each next one takes the next
  --nodes 2         server nodes
  --seats 10        drivers, each at a pile of their own
  --json            one object a line
  --list            names of the faults`;

const options = {
  only: { type: "string" },
  minutes: { type: "string" },
  seed: { type: "string" },
  nodes: { type: "string" },
  seats: { type: "string" },
  url: { type: "string" },
  json: { type: "boolean" },
  list: { type: "boolean" },
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
}

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
  };
  const { minutes, seed, nodes, seats } = asked;
  if (faults.length === 0 || !(minutes > 0) || !(seed >= 0) || !(nodes > 1) || !(seats > 0)) {
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
      const run = await runFault(fault, { seed: asked.seed + runs.length, nodes, seats, isShort });
      runs.push(run);
      console.error(runInWords(run));
    }
  } while (performance.now() < until);
  return runs;
}

const asked = read(Deno.args);
if (typeof asked === "string") {
  console.log(asked);
  Deno.exit(Deno.args.some((arg) => arg === "--help" || arg === "--list") ? 0 : 2);
}
surviveResets(() => {});
const commit = await commitOf(resolve(import.meta.dirname ?? ".", "../.."));
console.error(`seed ${asked.seed}, commit ${commit}, ${asked.nodes} nodes, ${asked.seats} drivers`);
const runs = await runAll(asked);
for (const { name } of asked.faults) {
  const own = runs.filter(({ fault }) => fault === name);
  if (own.length === 0) console.error(`${name}: its turn did not come`);
  else if (asked.json) console.log(JSON.stringify(lineOf(own, commit)));
}
const failed = runs.filter((run) => !passed(run)).length;
console.error(`${runs.length} runs, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);

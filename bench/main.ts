// Program: `npm run bench -- [runtime|charge|telemetry|ocpp|ending|gaps] [--json] [...]`; without an area: all.
// Figures are read, never tested: a machine that is busy with something else gives others.
import { parseArgs } from "node:util";
import { resolve } from "node:path";
import * as charge from "./charge.ts";
import * as ending from "./ending.ts";
import { type Area, commitOf, type Run, tell } from "./figure.ts";
import * as gaps from "./gaps.ts";
import * as ocpp from "./ocpp.ts";
import * as runtime from "./runtime.ts";
import * as telemetry from "./telemetry.ts";

const USAGE =
  `npm run bench -- [runtime|charge|telemetry|ocpp|ending|gaps] [options]      (no area: all of them)

  --json            one JSON object a line
  --only PART       runtime: ${Object.keys(runtime.PARTS).join(", ")}
  --commands 20000  runtime: commands of each kind
  --actors 1000000  runtime: actors known
  --orders 20000    runtime: orders in memory
  --days 365        runtime: virtual days of the busy pile
  --piles 400       charge: piles and drivers; telemetry, ending: charging piles (1000);
                    ocpp: piles (100)
  --at-once 32      charge: starts under way at once
  --rounds 3        charge, ocpp: rounds, of which the median is told
  --seconds 30      telemetry: how long ticks are watched; ocpp: how long a round is (10);
                    runtime: a cell of the growth curve (5); ending: piles break down (20)
  --trials 10000    gaps: random gaps in telemetry
  --profile FILE    runtime, telemetry, ocpp: CPU profile of the server (.cpuprofile)`;

const options = {
  json: { type: "boolean" },
  help: { type: "boolean" },
  only: { type: "string" },
  commands: { type: "string" },
  actors: { type: "string" },
  orders: { type: "string" },
  days: { type: "string" },
  piles: { type: "string" },
  "at-once": { type: "string" },
  rounds: { type: "string" },
  seconds: { type: "string" },
  trials: { type: "string" },
  profile: { type: "string" },
} as const;

interface Asked {
  json: boolean;
  only?: string;
  commands?: number;
  actors?: number;
  orders?: number;
  days?: number;
  piles?: number;
  atOnce?: number;
  rounds?: number;
  seconds?: number;
  trials?: number;
  profile?: string;
}

const AREAS: Readonly<Record<Area, (asked: Asked) => Promise<Run> | AsyncGenerator<Run>>> = {
  runtime: (asked) => runtime.run(asked),
  charge: (asked) => charge.run(asked),
  telemetry: (asked) => telemetry.run(asked),
  ocpp: (asked) => ocpp.run(asked),
  ending: (asked) => ending.run(asked),
  gaps: (asked) => Promise.resolve(gaps.run(asked)),
};

/** What the command line asks for; null: something that nobody knows. */
function read(args: string[]): { areas: Area[]; asked: Asked } | null {
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch {
    return null;
  }
  const { values: { json = false, help, only, profile, ...texts }, positionals } = parsed;
  const numbers = Object.entries(texts).map(([name, text]) => [name, Number(text)] as const);
  const isWrong = numbers.some(([, value]) => !(value > 0)) ||
    positionals.some((name) => !(name in AREAS)) ||
    (only !== undefined && !(only in runtime.PARTS));
  if (isWrong || help === true) return null;
  const { "at-once": atOnce, ...others } = Object.fromEntries(numbers);
  const areas = positionals.length === 0 ? Object.keys(AREAS) : positionals;
  return { areas: areas as Area[], asked: { json, only, atOnce, profile, ...others } };
}

const command = read(Deno.args);
if (command === null) {
  console.error(USAGE);
  Deno.exit(Deno.args.includes("--help") ? 0 : 2);
}
const commit = await commitOf(resolve(import.meta.dirname ?? ".", ".."));
let failed = false;
for (const area of command.areas) {
  try {
    const made = AREAS[area](command.asked);
    const runs = Symbol.asyncIterator in made ? made : [made];
    for await (const run of runs) tell(run, commit, command.asked.json);
  } catch (cause) {
    failed = true;
    console.error(`bench ${area}: ${cause instanceof Error ? cause.stack : String(cause)}`);
  }
}
Deno.exit(failed ? 1 : 0);

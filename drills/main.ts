// `npm run drill -- <row|all> [--url http://…] [--data .data] [--without [name]] [--json]`: one drill, or
// all, on a live platform in demo mode, or on one of its own. `--without` alone tries each safeguard of
// the row in turn: exactly its own clause must go red.
import { parseArgs } from "node:util";
import { ulid } from "ulid";
import type { Safeguard } from "../wire/safeguards.ts";
import { drills } from "./all.ts";
import type { Drill } from "./frame/drill.ts";
import { lifeOf, reportTo } from "./frame/live.ts";
import { ownPlatform } from "./frame/own.ts";
import { type Outcome, runDrill } from "./frame/run.ts";
import { Stage } from "./frame/stage.ts";
import { isRedAsMeant, prove, safeguardsIn, saidRed } from "./frame/without.ts";

const USAGE =
  "npm run drill -- <row|all> [--url http://…] [--data .data] [--without [safeguard] [--save]] [--json]";

function wished() {
  // `--without` may stand alone: then it is the word for all
  const args = Deno.args.flatMap((arg, i, all) =>
    arg === "--without" && (all[i + 1] ?? "--").startsWith("--") ? [arg, "each"] : [arg]
  );
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      url: { type: "string" },
      data: { type: "string", default: ".data" },
      without: { type: "string" },
      save: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    Deno.exit(0);
  }
  const [row = ""] = positionals;
  const chosen = row === "all" ? drills : drills.filter((drill) => drill.row === row);
  if (chosen.length === 0) {
    const known = drills.map((drill) => drill.row).join(", ");
    console.error(`no drill for row "${row}": choose of all, ${known}\n${USAGE}`);
    Deno.exit(1);
  }
  return { chosen, ...values };
}

const { chosen, url, data, without, save, json } = wished();
const own = url === undefined ? await ownPlatform() : null;
const stage = await Stage.open(own ?? await lifeOf(url!, data));
let failed = 0;
try {
  for (const drill of chosen) failed += await played(drill);
} finally {
  await stage.end();
  stage.close();
  await own?.stop();
}
Deno.exit(failed === 0 ? 0 : 1);

async function played(drill: Drill): Promise<number> {
  if (without === undefined) {
    const outcome = await run(drill, []);
    tell({ ...outcome });
    return outcome.passed ? 0 : 1;
  }
  const names = without === "each" ? safeguardsIn(drill) : [without as Safeguard];
  let wrong = 0;
  for (const name of names) {
    const outcome = await run(drill, [name]);
    const redWithout = isRedAsMeant(outcome, name);
    tell({ ...outcome, redWithout }, name);
    if (!redWithout) wrong++;
    if (save) await prove(name, redWithout ? saidRed(outcome) : null);
  }
  return wrong;
}

async function run(drill: Drill, off: Safeguard[]): Promise<Outcome> {
  const report = await reportTo(stage.ops, drill.row, off);
  const outcome = await runDrill(drill, stage, {
    runId: report?.runId ?? `drl_${ulid().toLowerCase()}`,
    without: off,
    onStep: async (step) => {
      const { ok, words, said, ms } = step;
      if (!json) console.log(`  ${ok ? "ok " : "RED"} ${ms} ms ${words.en}: ${said}`);
      await report?.step(step);
    },
  });
  await report?.end(outcome);
  return outcome;
}

function tell(outcome: Outcome & { redWithout?: boolean }, off?: Safeguard): void {
  const { row, name, passed, redWithout, ms, open } = outcome;
  if (json) {
    const without = off === undefined ? {} : { without: off, redWithout };
    console.log(JSON.stringify({ row, name, passed, ...without, ms }));
    return;
  }
  const said = off === undefined
    ? passed ? "passed" : "FAILED"
    : `without ${off}: ${redWithout ? "red, as it must be" : "NOT red as it must be"}`;
  console.log(`${row} ${name}: ${said}, ${ms} ms`);
  if (off === undefined && open.length > 0) console.log(`  no check yet: ${open.join(", ")}`);
}

// Program: `npm run evidence -- money|charges ...`: long runs on the real engines whose books are held
// against everybody who knows better. Exit code 1 where anything does not fit.
import { parseArgs } from "node:util";
import { resolve } from "node:path";
import { commitOf } from "../../bench/figure.ts";
import { surviveResets } from "../../sim/fault.ts";
import type { Verdict } from "../faults/check.ts";
import { disposeAll } from "../faults/leftovers.ts";
import { some } from "../faults/report.ts";
import { chargesPassed, runCharges } from "./charges.ts";
import { moneyPassed, runMoney } from "./money.ts";
import { runProvider } from "./provider.ts";
import { STEPS } from "./steps.ts";

const USAGE = `npm run evidence -- <what> [options]

  money      money operations, a node dying after each kind of step; --count 300 --deaths 8 --seats 5
  charges    charges with faults of provider, piles and network; --count 300 --seats 10
  provider   charges against a provider that does everything wrong; --count 1000 --runs 3
  --seed 1   of the first run`;

const options = {
  count: { type: "string" },
  deaths: { type: "string" },
  seats: { type: "string" },
  runs: { type: "string" },
  seed: { type: "string" },
  help: { type: "boolean" },
} as const;

const { values, positionals } = parseArgs({ args: Deno.args, options, allowPositionals: true });
const number = (text: string | undefined, otherwise: number) => Number(text ?? otherwise);
const seed = number(values.seed, Date.now() % 1_000_000);

interface Seen {
  verdict: Verdict;
  books: { wrong: string[] };
  energy?: { wrong: string[] };
  stuck: string[];
  logs?: string;
}
/** Figures as one object; what does not fit in words. */
function tell({ verdict, books, energy, stuck, logs, ...figures }: Seen): void {
  const { lost, doubled, breaches, orders, records } = verdict;
  const sums = { lost: lost.length, doubled: doubled.length, breaches: breaches.length };
  console.log(JSON.stringify({ ...figures, ...sums, orders, records, books, energy }));
  const bad = [...lost, ...doubled, ...breaches, ...books.wrong, ...energy?.wrong ?? [], ...stuck];
  for (const words of some(bad)) console.error(words);
  if (logs !== undefined) console.error(`logs in ${logs}`);
}

async function money(): Promise<boolean> {
  const { count, deaths, seats } = values;
  const amounts = { count: number(count, 300), deaths: number(deaths, 8), seats: number(seats, 5) };
  const plan = { seed, ...amounts, steps: STEPS, say: console.error };
  const run = await runMoney(plan);
  tell(run);
  return moneyPassed(run, plan);
}

async function charges(): Promise<boolean> {
  const amounts = { count: number(values.count, 300), seats: number(values.seats, 10) };
  const plan = { seed, ...amounts, say: console.error };
  const run = await runCharges(plan);
  tell(run);
  return chargesPassed(run, plan);
}

async function provider(): Promise<boolean> {
  let isFine = true;
  for (let n = 0; n < number(values.runs, 3); n++) {
    const run = await runProvider(seed + n, number(values.count, 1_000));
    console.log(JSON.stringify(run));
    for (const words of some(run.wrong)) console.error(words);
    isFine &&= run.wrong.length === 0 && run.deaths > 0;
  }
  return isFine;
}

const parts: Record<string, () => Promise<boolean>> = { money, charges, provider };
const part = parts[positionals[0] ?? ""];
if (part === undefined || values.help) {
  console.log(USAGE);
  Deno.exit(values.help ? 0 : 2);
}
surviveResets(() => {});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => void disposeAll().then(() => Deno.exit(130)));
}
const commit = await commitOf(resolve(import.meta.dirname ?? ".", "../.."));
console.error(`${positionals[0]}: seed ${seed}, commit ${commit}`);
const isFine = await part();
console.error(isFine ? "ok" : "FAILED");
Deno.exit(isFine ? 0 : 1);

// Money on the real engines while nodes die at steps of its way: a short form of `npm run evidence -- money`.
import { expect, test } from "vitest";
import { moneyPassed, runMoney } from "../evidence/money.ts";

test(
  "what a node that dies leaves half done is done once, and every book agrees",
  async () => {
    const seed = Number(Deno.env.get("SEED") ?? 1);
    console.info(`SEED=${seed}`);
    const steps = ["record-acknowledged", "posting"] as const;
    const plan = { seed, count: 4, deaths: 1, seats: 2, steps, say: console.info };
    const run = await runMoney(plan);
    expect({ ...run, passed: moneyPassed(run, plan) }).toMatchObject({
      passed: true,
      stuck: [],
      books: { wrong: [] },
      verdict: { lost: [], doubled: [], breaches: [] },
    });
  },
  240_000,
);

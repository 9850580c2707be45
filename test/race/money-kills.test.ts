// Money on the real engines while nodes die at steps of its way: a short form of `npm run evidence -- money`.
import { expect, test } from "vitest";
import { moneyPassed, runMoney } from "../evidence/money.ts";

test(
  "what a node that dies leaves half done is done once, and every book agrees",
  async () => {
    const seed = Date.now() % 1_000_000;
    console.info(`SEED=${seed}`);
    const steps = ["provider-acted", "posting"] as const;
    const plan = { seed, count: 6, deaths: 1, seats: 3, steps, say: console.info };
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

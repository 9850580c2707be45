// A thousand charges against a provider that does everything wrong; more seeds by
// `npm run evidence -- provider`.
import { expect, test } from "vitest";
import { runProvider } from "../evidence/provider.ts";

const CHARGES = Number(Deno.env.get("CHARGES") ?? 1_000);

test(
  "1,000 charges: no double debit, nothing unknown, every forgery refused, books equal",
  async () => {
    const seed = Number(Deno.env.get("SEED") ?? 1);
    console.info(`SEED=${seed}`);
    const run = await runProvider(seed, CHARGES);
    console.info(JSON.stringify(run));
    expect(run.wrong).toEqual([]);
    expect(run.deaths).toBeGreaterThan(0);
  },
  600_000,
);

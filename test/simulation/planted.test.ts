import { expect, test } from "vitest";
import { BUGS } from "./bugs.ts";
import { hunt } from "./hunt.ts";
import { planted } from "./mutant.ts";

const STEPS = 500;
/** These show themselves within a few seeds; `npm run campaign -- --planted` hunts them all. */
const QUICK = [
  "no expected sequence",
  "reply before record",
  "outbox dropped on reload",
  "refusal not recorded",
  "trim before archive",
  "view out of order",
  "a lock outlives its reservation",
  "a deposit comes back twice",
];
const SEEDS = 20;

test.each(QUICK)("planted bug '%s' is found", async (name) => {
  const bug = BUGS.find((one) => one.name === name)!;
  const found = await hunt(bug, STEPS, SEEDS);
  console.log(found);
  expect(found.seed).not.toBeNull();
});

test("every bug can still be planted", () => {
  for (const bug of BUGS) planted(bug);
  expect(BUGS.length).toBeGreaterThanOrEqual(12);
});

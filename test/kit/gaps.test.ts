// Bills over random gaps: what is stated holds what the meter counted, always at the rated power.
// All ten thousand: `npm run bench -- gaps`.
import { expect, test } from "vitest";
import { randomGap } from "./gaps.ts";

const TRIALS = 120;
const FIRST = 20_261_128;

test("the true energy lies within the stated bounds, and the true meter corrects what was estimated", () => {
  const seen = Array.from(
    { length: TRIALS },
    (_, i) => ({ seed: FIRST + i, ...randomGap(FIRST + i) }),
  );
  const outside = seen.filter(({ trueWh, lowWh, highWh }) => trueWh < lowWh || trueWh > highWh);
  expect(outside).toEqual([]);
  for (const { estimated, billedWh, trueWh, correctedWh, seed } of seen) {
    if (!estimated) expect(billedWh, `seed ${seed}`).toBe(trueWh);
    if (correctedWh !== null) expect(correctedWh, `seed ${seed}`).toBe(trueWh);
  }
  expect(new Set(seen.map(({ cause }) => cause)).size).toBe(4);
  expect(seen.filter(({ estimated }) => estimated).length).toBeGreaterThan(TRIALS / 8);
});

// Bills over random gaps: what is stated holds what the meter counted, always at the rated power.
// All ten thousand: `npm run bench -- gaps`.
import { expect, test } from "vitest";
import { gapBill } from "./gap-bill.ts";
import { randomGap } from "./gaps.ts";

const TRIALS = 120;
const FIRST = 20_261_128;
const UPWARD_FEN_MAX = 100; // of 500, so that a hundred bills meet it
const seen = Array.from(
  { length: TRIALS },
  (_, i) => ({ seed: FIRST + i, ...randomGap(FIRST + i) }),
);

test("the true energy lies within the stated bounds, and the true meter corrects what was estimated", () => {
  const outside = seen.filter(({ trueWh, lowWh, highWh }) => trueWh < lowWh || trueWh > highWh);
  expect(outside).toEqual([]);
  for (const { estimated, billedWh, trueWh, correctedWh, seed } of seen) {
    if (!estimated) expect(billedWh, `seed ${seed}`).toBe(trueWh);
    if (correctedWh !== null) expect(correctedWh, `seed ${seed}`).toBe(trueWh);
  }
  expect(new Set(seen.map(({ cause }) => cause)).size).toBe(4);
  expect(seen.filter(({ estimated }) => estimated).length).toBeGreaterThan(TRIALS / 8);
});

test("each correction is a line with its reason; too little beyond the limit is waived", () => {
  const bills = seen.flatMap(({ seed, ...gap }) => {
    const bill = gapBill(gap, UPWARD_FEN_MAX);
    return bill === null ? [] : [{ seed, ...bill }];
  });
  for (const { seed, billedFen, trueFen, movedFen, waivedFen, line, sumFen } of bills) {
    const offFen = trueFen - billedFen;
    const wanted = [Math.min(offFen, UPWARD_FEN_MAX), Math.max(offFen - UPWARD_FEN_MAX, 0), 0];
    expect([movedFen, waivedFen, sumFen], `seed ${seed}`).toEqual(wanted);
    const isLine = line.cause === "correction" && line.reason === "true-meter";
    expect([seed, isLine]).toEqual([seed, movedFen !== 0]);
  }
  const count = (is: (bill: typeof bills[number]) => boolean) => bills.filter(is).length;
  expect(count(({ movedFen }) => movedFen < 0)).toBeGreaterThan(3);
  expect(count(({ movedFen }) => movedFen > 0)).toBeGreaterThan(1);
  expect(count(({ waivedFen }) => waivedFen > 0)).toBeGreaterThan(0);
});

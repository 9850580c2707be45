import { expect, test } from "vitest";
import { chunksOf, shareOut } from "./crew.ts";
import { run } from "./run.ts";
import { add, emptySum, missing } from "./sum.ts";
import { outside } from "./time.ts";

const SEEDS = 500;
const STEPS = 500;
const WORKERS = 2;

test(`${SEEDS} seeds of ${STEPS} steps: no invariant breaks, everything settles, everything is met`, async () => {
  const sum = emptySum();
  await shareOut(chunksOf(1, SEEDS), STEPS, WORKERS, (_chunk, more) => add(sum, more));
  const { seeds, steps, tasks, breaches } = sum;
  console.log({ seeds, steps, tasks, hits: sum.hits, met: sum.met });
  expect(breaches.map(({ seed, invariant, what }) => `seed ${seed}: ${invariant} ${what}`)).toEqual(
    [],
  );
  expect(seeds).toBe(SEEDS);
  expect(missing(sum)).toEqual([]);
});

test("the same seed is the same run, byte for byte", async () => {
  for (const seed of [1, 2, 3, 4]) {
    const hashes = await outside(() =>
      [{}, {}, { told: true }].map((more) => run({ seed, steps: STEPS, ...more }).hash)
    );
    expect(new Set(hashes).size).toBe(1);
  }
  const hashes = await outside(() => [1, 2].map((seed) => run({ seed, steps: STEPS }).hash));
  expect(new Set(hashes).size).toBe(2);
});

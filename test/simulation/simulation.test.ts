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
    const [first, again, told] = await outside(() => [
      run({ seed, steps: STEPS }),
      run({ seed, steps: STEPS }),
      run({ seed, steps: STEPS, told: true }),
    ]);
    expect(again!.hash).toBe(first!.hash);
    expect(told!.hash).toBe(first!.hash);
  }
  const [one, other] = await outside(() => [1, 2].map((seed) => run({ seed, steps: STEPS })));
  expect(one!.hash).not.toBe(other!.hash);
});

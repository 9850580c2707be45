// Plants each bug and looks for the first seed that finds it.
import { type Bug, BUGS } from "./bugs.ts";
import { Worker } from "./crew.ts";
import { planted } from "./mutant.ts";

const SEEDS_MAX = 2_000;
const CHUNK = 10;

export interface Found {
  bug: string;
  /** Null: not within so many seeds. */
  seed: number | null;
  invariant: string;
  what: string;
}

export async function hunt(bug: Bug, steps: number, seedsMax = SEEDS_MAX): Promise<Found> {
  const worker = new Worker(planted(bug));
  try {
    for (let from = 1; from <= seedsMax; from += CHUNK) {
      const chunk = { from, to: Math.min(seedsMax, from + CHUNK - 1) };
      const [breach] = (await worker.run(chunk, steps, true)).breaches;
      if (breach) return { bug: bug.name, ...breach };
    }
    return { bug: bug.name, seed: null, invariant: "", what: `nothing in ${seedsMax} seeds` };
  } finally {
    worker.end();
  }
}

/** Exit code: 1 where a bug was not found. */
export async function huntAll(steps: number, workers: number): Promise<number> {
  const left = [...BUGS];
  const all: Found[] = [];
  await Promise.all(Array.from({ length: workers }, async () => {
    for (let bug; (bug = left.shift());) {
      const found = await hunt(bug, steps);
      all.push(found);
      console.log(
        `${found.bug.padEnd(52)} ${
          String(found.seed ?? "-").padStart(5)
        }  ${found.invariant}  ${found.what}`,
      );
    }
  }));
  return all.every(({ seed }) => seed !== null) ? 0 : 1;
}

// Charge starts a second beside commands a second: one start is about a dozen records.
import * as charge from "./charge.ts";
import type { Run } from "./figure.ts";
import type { RuntimeOptions } from "./runtime.ts";

const PILES = 100;

/** A small round of the charge bench; `npm run bench -- charge` is the whole. */
export async function starts({ profile }: RuntimeOptions): Promise<Run> {
  const { figures, notes } = await charge.run({ piles: PILES, rounds: 2, profile });
  return { figures: figures.map((figure) => ({ ...figure, area: "runtime" })), notes };
}

// Runs that once broke an invariant, kept so that they never do again. A story begins as a failing seed
// of a campaign and is made small by `npm run campaign -- --tell SEED`.
import type { RunOptions } from "./world.ts";

export interface Kept extends RunOptions {
  /** What went wrong, in words. */
  story: string;
}

export const STORIES: readonly Kept[] = [];

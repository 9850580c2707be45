// The runtime's figures, in parts: each can be had alone with `--only`.
import type { Run } from "./figure.ts";
import { growth } from "./runtime-growth.ts";
import { known } from "./runtime-known.ts";
import { memory } from "./runtime-memory.ts";
import { ratio } from "./runtime-ratio.ts";
import { starts } from "./runtime-starts.ts";
import { restate } from "./runtime-restate.ts";
import { year } from "./runtime-year.ts";

export interface RuntimeOptions {
  only?: string;
  /** Commands of each kind where they are counted. */
  commands?: number;
  syncs?: string[];
  /** Seconds a cell of the growth curve. */
  seconds?: number;
  /** Actors that the journal knows. */
  actors?: number;
  /** Orders in memory. */
  orders?: number;
  /** Virtual days of the busy pile. */
  days?: number;
  profile?: string;
}

type Part = (options: RuntimeOptions) => Promise<Run>;
export const PARTS: Readonly<Record<string, Part>> = {
  ratio,
  restate,
  memory,
  known,
  starts,
  growth,
  year,
};

/** Parts one after the other; what each came to is handed on as soon as it is there. */
export async function* run(options: RuntimeOptions): AsyncGenerator<Run> {
  const parts = options.only === undefined ? Object.keys(PARTS) : [options.only];
  for (const part of parts) yield await PARTS[part]!(options);
}

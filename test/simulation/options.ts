// What a run is: its seed, and what a shrunk or a kept one leaves out.
import type { Fault } from "./faults.ts";

/** What a shrunk run leaves out, and what a planted bug changes. */
export interface RunOptions {
  seed: number;
  /** Steps under faults; then the world heals and settles. */
  steps: number;
  off?: ReadonlySet<Fault>;
  /** Actions of drivers that are left out, by number. */
  skipped?: ReadonlySet<number>;
  drivers?: number;
  nodes?: number;
  /** Do drivers reserve as well? Every other four seeds, where nothing is said. */
  reservations?: boolean;
  /** Do cars stay after their charge? Every other eight seeds, where nothing is said. */
  stays?: boolean;
  /** Told in words. */
  told?: boolean;
}

export const doReserve = ({ seed, reservations }: RunOptions): boolean =>
  reservations ?? Math.floor(seed / 4) % 2 === 1;
export const doStay = ({ seed, stays }: RunOptions): boolean =>
  stays ?? Math.floor(seed / 8) % 2 === 1;

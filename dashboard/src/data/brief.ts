// Short figures for dense tables: spans from milliseconds to days, bytes, sums.
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MEGA = 1024 * 1024;
const FEW = 10;

/** Where there is nothing to say. */
export const none = "—";

/** 840 ms · 2.4 s · 48 s · 12 min · 3 h · 5 d */
export function brief(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < FEW * SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  return ms < 2 * DAY ? `${Math.floor(ms / HOUR)} h` : `${Math.floor(ms / DAY)} d`;
}

export const megabytes = (bytes: number): string => `${Math.round(bytes / MEGA)} MB`;

export function sumOf<T>(all: Iterable<T>, of: (one: T) => number): number {
  let sum = 0;
  for (const one of all) sum += of(one);
  return sum;
}

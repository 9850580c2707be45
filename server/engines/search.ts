// The order in which a missing engine is looked for: sources are tried one after another, each that
// fails says so in one line, the first that answers is taken.
import { EngineFault } from "./machine.ts";

/** Where an engine came from, as told to people. */
export type Source =
  | "setting"
  | "PATH"
  | "cache"
  | "official release"
  | "wheel"
  | "go install";

/** A program that can be started as an engine. */
export interface Found<Kind extends string> {
  readonly kind: Kind;
  readonly command: string;
  readonly version: string;
  readonly source: Source;
}

/** One place to look: null when it has nothing, a fault when it tried and failed. */
export type Look<T> = () => Promise<T | null>;

/** Tells people one line, usually on stderr. */
export type Say = (line: string) => void;

/** Tries the looks in order; where all fail, the fault says what would help. */
export async function firstOf<T>(looks: readonly Look<T>[], help: string, say: Say): Promise<T> {
  for (const look of looks) {
    try {
      const found = await look();
      if (found !== null) return found;
    } catch (cause) {
      if (!(cause instanceof EngineFault)) throw cause;
      say(cause.message);
    }
  }
  throw new EngineFault(help, "later");
}

/** Compares versions such as "2.12" and "v2.9.3" number by number; what is missing counts as 0. */
export function atLeast(version: string, least: string): boolean {
  const numbers = (text: string) => (text.match(/\d+/g) ?? []).map(Number);
  const [have, need] = [numbers(version), numbers(least)];
  for (let i = 0; i < need.length; i++) {
    const difference = (have[i] ?? 0) - (need[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

// What every checker gets: one new record of one actor, and where to say what broke.
import type { JournalRecord, StoredEvent } from "../../../wire/envelope.ts";

export interface Seen {
  kind: string;
  id: string;
  /** `kind/id`, as outboxes name it. */
  name: string;
  record: JournalRecord;
  /** The record before; null: this is the first. */
  before: JournalRecord | null;
}
export interface Verdicts {
  breach(invariant: string, what: string): void;
  count(name: string): void;
}
export type Checker = (seen: Seen) => void;

/** Equal as JSON has it: what is undefined is absent. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((one, i) => isSame(one, b[i]));
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key in left) {
    if (left[key] !== undefined && !isSame(left[key], right[key])) return false;
  }
  for (const key in right) {
    if (right[key] !== undefined && left[key] === undefined) return false;
  }
  return true;
}

/** The event as the actor made it: the version of its shape is the store's. */
export function bare(stored: StoredEvent): { type: string } & Record<string, unknown> {
  const event: { type: string } & Record<string, unknown> = { ...stored };
  delete event["sv"];
  return event;
}

// Checks what lies in a journal after a run: one history per actor (J1), each chained to the one
// before, each event applied once (J2), and every answered command in it exactly once.
import type { JournalRecord, Reply } from "../../wire/envelope.ts";
import {
  type Journal,
  type JournalEntry,
  keyOf,
  UnreadableRecord,
  unseal,
} from "../../server/runtime/mod.ts";
import { STREAMS } from "../../wire/subjects.ts";
import { tally, type TallyEvent, type TallyState } from "./tally.ts";

export interface Breach {
  actor: string;
  v: number;
  what: string;
}

type Stored = Pick<JournalEntry, "bytes" | "prevSum" | "place">;

const QUIET_MS = 300; // nothing more comes
const READ_MS_MAX = 60_000;

/**
 * All records in the journal, by actor, in order; so many as are `there`: on a busy machine silence
 * alone is no sign that all of them came. Asked again and again, since what is archived is trimmed.
 */
export async function readAll(
  journal: Journal,
  there = (): Promise<number> => Promise.resolve(1),
): Promise<Map<string, JournalEntry[]>> {
  const all = new Map<string, JournalEntry[]>();
  let count = 0;
  const behind = new Map<number, number>();
  let heardAt = performance.now();
  const take = (stream: number) => (entry: JournalEntry) => {
    heardAt = performance.now();
    count += 1;
    behind.set(stream, entry.behind);
    const key = keyOf(entry.place.address);
    const known = all.get(key);
    if (known) known.push(entry);
    else all.set(key, [entry]);
  };
  const stops = await Promise.all(
    Array.from(
      { length: STREAMS },
      (_, stream) => journal.tail(stream, { from: "seq", seq: 1 }, take(stream)),
    ),
  );
  const more = () => [...behind.values()].some((count) => count > 0);
  const until = performance.now() + READ_MS_MAX;
  for (;;) {
    const wanted = await there();
    if (!more() && count >= wanted && performance.now() - heardAt >= QUIET_MS) break;
    if (performance.now() > until) {
      throw new TypeError(`could not read the journal: ${count} of ${wanted} records came`);
    }
    await new Promise((done) => setTimeout(done, QUIET_MS / 3));
  }
  await Promise.all(stops.map((stop) => stop()));
  return all;
}

export function checkHistories(all: Map<string, Stored[]>): Breach[] {
  return [...all].flatMap(([actor, entries]) => checkHistory(actor, entries));
}

/** Breaches of one actor's history; entries in order. */
export function checkHistory(actor: string, entries: readonly Stored[]): Breach[] {
  const breaches: Breach[] = [];
  let state: TallyState = tally.initial;
  let sum = "";
  let v = 0;
  for (const entry of entries) {
    const breach = (what: string) => breaches.push({ actor, v: v + 1, what });
    const record = readable(entry);
    if (!record) {
      breach("record is damaged");
      continue;
    }
    if (record.v !== v + 1) breach(`v is ${record.v} after ${v}`);
    if (entry.prevSum !== sum) breach("record does not follow the one before");
    const self = { kind: "tally", id: entry.place.address.id };
    for (const event of record.events) {
      state = tally.evolve(state, event as unknown as TallyEvent, { at: record.at, self });
    }
    if (JSON.stringify(sorted(state)) !== JSON.stringify(sorted(record.state))) {
      breach("events do not fold to the state");
    }
    ({ v, sum } = record);
  }
  for (const [word, times] of Object.entries(state.words)) {
    if (times !== 1) breaches.push({ actor, v, what: `'${word}' acted ${times} times` });
  }
  return breaches;
}

function readable({ bytes, prevSum }: Stored): JournalRecord | null {
  try {
    return unseal(bytes, prevSum);
  } catch (error) {
    if (error instanceof UnreadableRecord) return null;
    throw error;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)]),
  );
}

/** Answers to one key, without the mark of a repeat: all definite ones must be the same. */
export function distinctAnswers(replies: readonly Reply[]): string[] {
  const definite = replies.filter((reply) => !("fault" in reply));
  return [
    ...new Set(definite.map((reply) => {
      const { replay: _, ...rest } = reply as Reply & { replay?: boolean };
      return JSON.stringify(sorted(rest));
    })),
  ];
}

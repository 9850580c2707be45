// Actors that the journal knows already: valid first records, published as fast as they can be.
import type { NatsConnection } from "@nats-io/transport-node";
import { asJournalFault, type Draft, type Journal, placeOf, seal } from "../server/runtime/mod.ts";
import { jetstreamJournal } from "../server/store/mod.ts";
import type { JournalRecord } from "../wire/envelope.ts";
import { timed } from "./rounds.ts";
import { counterAt, firstRecord } from "./runtime-counter.ts";

const AT_ONCE = 512;
const LATER_MS = 3_600_000;

export interface SeedJob {
  from: number;
  to: number;
  /** Ids are `<round>-<n>`. */
  round: string;
  pad: number;
  /** Every so-manieth has a timer that is due, or one for later. */
  dueEach?: number;
  laterEach?: number;
}

/** Seconds that it took. */
export async function seedRecords(connection: NatsConnection, job: SeedJob): Promise<number> {
  const journal = await jetstreamJournal(connection);
  const { from, to, round } = job;
  /** True: it lies there, now or from an earlier try. */
  const appended = (...record: Parameters<Journal["append"]>) =>
    journal.append(...record).then(
      () => true,
      (fault) => asJournalFault(fault).code === "wrong-sequence",
    );
  const { seconds } = await timed({ callers: AT_ONCE, count: to - from }, async (n) => {
    const id = `${round}-${from + n}`;
    const recordId = `seed-${id}`;
    const nextAt = nextOf(job, from + n);
    const timers: Draft["timers"] = nextAt === null ? {} : { next: { at: nextAt, recordId } };
    const { bytes } = seal({ ...firstRecord(id, job.pad), timers }, "");
    const marks = { expectedSeq: 0, recordId, prevSum: "", pending: 0, nextAt, base: 0 };
    for (let stored = false; !stored;) {
      stored = await appended(placeOf(counterAt(id)), bytes, marks);
    }
  });
  return seconds;
}

function nextOf({ dueEach = Infinity, laterEach = Infinity }: SeedJob, n: number): number | null {
  if (n % dueEach === 0) return Date.now();
  return n % laterEach === 1 ? Date.now() + LATER_MS : null;
}

/** A stored text as the first of its chain, whatever was changed in it. */
export function resealed(text: string): Uint8Array {
  const { sum: _, ...draft } = JSON.parse(text) as JournalRecord;
  return seal(draft, "").bytes;
}

// Stores one record after its predecessor and finds out what became of it: timers first, then the
// compare-and-set append, again with the same record id while the outcome is open.
import { backOff, type Env } from "./env.ts";
import { asJournalFault, type JournalFault, type Marks, type StoredRecord } from "./journal.ts";
import { type Place, sleep } from "../routing/mod.ts";
import { writtenAs } from "./head.ts";
import { type Draft, seal, type Sealed } from "./record.ts";
import type { Head } from "./turn.ts";

export type Stored =
  | { outcome: "stored"; head: Head }
  /**
   * Somebody else wrote: their record is the head now (null: the subject is empty again). `doubt`: an
   * earlier try was not answered, so ours may lie below theirs.
   */
  | { outcome: "lost"; newest: StoredRecord | null; doubt: boolean }
  /** Surely not done. */
  | { outcome: "refused"; fault: JournalFault }
  /** Maybe done. */
  | { outcome: "unknown" };

export interface Appending {
  place: Place;
  head: Head;
  draft: Draft;
  recordId: string;
  timers: readonly { name: string; at: number }[];
  /** Monotonic moment at which the caller is told that nobody knows. */
  deadline: number;
}

export async function store(env: Env, job: Appending): Promise<Stored> {
  const { stored, kept } = writtenAs(env.actors.get(job.place.address.kind), job.draft);
  const sealed = seal(stored, job.head.sum);
  const begun = env.clock.tick();
  await env.appends.enter();
  try {
    return await tried(env, { ...job, draft: kept }, sealed);
  } finally {
    env.appends.leave();
    env.metrics.observe("journal_append_ms", env.clock.tick() - begun);
  }
}

async function tried(env: Env, job: Appending, sealed: Sealed): Promise<Stored> {
  const { journal, random, limits } = env;
  const { place, recordId, timers } = job;
  const marks = marksOf(job);
  let published = false;
  let doubt = false;
  for (let n = 0;; n++) {
    try {
      const unset = published ? [] : timers; // a timer that the state names has its schedule
      await Promise.all(unset.map(({ at }, i) => journal.schedule(place, `${recordId}-${i}`, at)));
      published = true;
      const { seq } = await journal.append(place, sealed.bytes, marks);
      return stored(job, sealed, seq);
    } catch (error) {
      const fault = asJournalFault(error);
      env.metrics.count("journal_faults", { code: fault.code });
      switch (fault.code) {
        case "wrong-sequence": {
          const resolved = await lookUp(env, job, sealed);
          if (resolved) return resolved.outcome === "lost" ? { ...resolved, doubt } : resolved;
          break;
        }
        case "subject-full":
        case "stream-full":
        case "too-large":
        case "read-only":
          // A try before this one may still be on its way to the journal.
          return doubt ? { outcome: "unknown" } : { outcome: "refused", fault };
        case "transient":
          doubt ||= published;
          break;
      }
    }
    const pause = backOff(random, n, limits.appendBackOffMs, limits.appendBackOffMsMax);
    if (env.clock.tick() + pause >= job.deadline) return { outcome: "unknown" };
    await sleep(env.clock, pause);
  }
}

function marksOf({ head, draft, recordId }: Appending): Marks {
  const times = Object.values(draft.timers).map((timer) => timer.at);
  return {
    expectedSeq: head.seq,
    recordId,
    prevSum: head.sum,
    pending: draft.out.length,
    nextAt: times.length > 0 ? Math.min(...times) : null,
    base: head.base,
  };
}

function stored({ head, draft, recordId }: Appending, { sum }: Sealed, seq: number): Stored {
  const { cause: _, events: __, ...held } = draft;
  return { outcome: "stored", head: { ...head, seq, recordId, sum, draft: held } };
}

/** Whose record is the newest? Ours: the acknowledgement was lost. Null: the journal does not say. */
async function lookUp(env: Env, job: Appending, sealed: Sealed): Promise<Stored | null> {
  try {
    const newest = await env.journal.last(job.place);
    if (newest?.recordId === job.recordId) {
      env.metrics.count("journal_lost_acks");
      return stored(job, sealed, newest.seq);
    }
    // The leader refused our expectation and still shows it: it is catching up, so the answer is open.
    if ((newest?.seq ?? 0) === job.head.seq) return null;
    return { outcome: "lost", newest, doubt: false };
  } catch {
    return null;
  }
}

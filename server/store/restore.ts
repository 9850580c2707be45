// Brings journal and archive together again after one of them lost records. What the archive has and
// the journal lacks is appended; what the journal has goes to the archive by the projector, which
// begins anew. Run it while no node runs. Twice is harmless.
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Db } from "mongodb";
import type { JournalRecord } from "../../wire/envelope.ts";
import { addressOfState, streamName, STREAMS } from "../../wire/subjects.ts";
import {
  type Journal,
  keyOf,
  type Place,
  placeOf,
  type StoredRecord,
  UnreadableRecord,
  unseal,
} from "../runtime/mod.ts";
import { beginAnew, type Snapshot, SNAPSHOTS } from "./archive.ts";
import { storedIn } from "./journal-archive.ts";
import { countsOf } from "./journal-purge.ts";
import { RESTORED } from "./tail-guard.ts";

export interface RestoreOptions {
  /** Of the maintenance user: streams are marked as restored. */
  connection: NatsConnection;
  journal: Journal;
  db: Db;
  /** Name of this restore: sorts behind those of all earlier ones. */
  epoch: string;
}

export interface Restored {
  /** Actors whose newest record was put back into the journal. */
  appended: string[];
  /** Actors of which the journal has newer records: the projector carries them over. */
  journalNewer: string[];
  /** Two histories claim one version: a person must look; the journal's stands. */
  forked: string[];
  /** Versions that neither has any more, as `<actor>#<from>-<to>`. */
  gaps: string[];
  /** Records that cannot be read. */
  damaged: string[];
}

export async function restoreJournal(options: RestoreOptions): Promise<Restored> {
  const { connection, journal, db, epoch } = options;
  const restored: Restored = {
    appended: [],
    journalNewer: [],
    forked: [],
    gaps: [],
    damaged: [],
  };
  const known = new Set<string>();
  for await (const snapshot of db.collection<Snapshot>(SNAPSHOTS).find()) {
    known.add(snapshot._id);
    const seq = await compared(journal, snapshot, restored);
    await renumber(db, snapshot, seq);
  }
  await withoutSnapshot(options, known, restored);
  await beginAnew(db, epoch); // first: until all streams bear the name too, they are read-only
  const manager = await jetstreamManager(connection, { checkAPI: false });
  for (let stream = 0; stream < STREAMS; stream++) {
    await manager.streams.update(streamName(stream), { metadata: { [RESTORED]: epoch } });
  }
  return restored;
}

/** Gives the sequence under which the journal now has the archive's newest record; null: it has not. */
async function compared(
  journal: Journal,
  snapshot: Snapshot,
  restored: Restored,
): Promise<number | null> {
  const { tenant, kind, id, v, _id, sum } = snapshot;
  const place = placeOf({ tenant, kind, id });
  const newest = await journal.last(place);
  if (!newest && snapshot.gone) return null; // it ended: the archive answers for it
  const record = newest && readable(newest, _id, restored);
  if (newest && !record) return null;
  if (!newest || record!.v < v) {
    const seq = await putBack(journal, place, snapshot, newest);
    if (seq === null) restored.damaged.push(_id);
    else restored.appended.push(_id);
    return seq;
  }
  const before = record!.v === v ? record!.sum : record!.v === v + 1 ? newest.prevSum : sum;
  if (before !== sum) restored.forked.push(_id);
  else if (record!.v > v) {
    restored.journalNewer.push(_id);
    if (newest.base > v + 1) restored.gaps.push(`${_id}#${v + 1}-${newest.base - 1}`);
  }
  return before === sum && record!.v === v ? newest.seq : null;
}

/** What ended is purged by its sequence in the archive: one of a lost journal would take newer records. */
async function renumber(
  db: Db,
  { _id, v, seq: before, endedAt }: Snapshot,
  seq: number | null,
): Promise<void> {
  if (seq === before || (seq === null && endedAt === undefined)) return;
  await db.collection<Snapshot>(SNAPSHOTS).updateOne(
    { _id, v },
    seq === null ? { $unset: { endedAt: "" } } : { $set: { seq } },
  );
}

/** Appends the archive's newest record behind whatever the journal has; null: it is damaged. */
async function putBack(
  journal: Journal,
  place: Place,
  snapshot: Snapshot,
  newest: StoredRecord | null,
): Promise<number | null> {
  try {
    const { bytes, recordId, prevSum } = storedIn(snapshot);
    const { out, timers, v } = JSON.parse(snapshot.record) as JournalRecord;
    const times = Object.values(timers).map(({ at }) => at);
    const { seq } = await journal.append(place, bytes, {
      expectedSeq: newest?.seq ?? 0,
      recordId,
      prevSum,
      pending: out.length,
      nextAt: times.length > 0 ? Math.min(...times) : null,
      base: v,
    });
    return seq;
  } catch (error) {
    if (error instanceof UnreadableRecord) return null;
    throw error;
  }
}

/** Actors that the archive never heard of, with what is missing before their oldest record. */
async function withoutSnapshot(
  { connection, journal }: RestoreOptions,
  known: ReadonlySet<string>,
  restored: Restored,
): Promise<void> {
  for (let stream = 0; stream < STREAMS; stream++) {
    for (const { subject } of await countsOf(connection, stream)) {
      const address = addressOfState(subject);
      const key = keyOf(address);
      if (known.has(key)) continue;
      restored.journalNewer.push(key);
      const newest = await journal.last(placeOf(address));
      if (newest && newest.base > 1) restored.gaps.push(`${key}#1-${newest.base - 1}`);
    }
  }
}

function readable(stored: StoredRecord, key: string, restored: Restored): JournalRecord | null {
  try {
    return unseal(stored.bytes, stored.prevSum);
  } catch (error) {
    if (!(error instanceof UnreadableRecord)) throw error;
    restored.damaged.push(key);
    return null;
  }
}

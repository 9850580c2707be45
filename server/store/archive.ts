// What the projector writes into MongoDB: the archive (every record for ever), the newest record of
// every actor, and rows of views. Every write is harmless when it is made again.
import { type AnyBulkWriteOperation, type Db, MongoBulkWriteError } from "mongodb";
import type { Address, JournalRecord } from "../../wire/envelope.ts";
import { streamName, STREAMS } from "../../wire/subjects.ts";
import { keyOf } from "../runtime/mod.ts";

/** A row of a view: replaces what is stored where that is older. */
export interface ViewWrite {
  collection: string;
  id: string;
  v: number;
  doc: Record<string, unknown>;
}
/** What a record means for the views. Pure; a throw parks the actor, not the projector. */
export type ViewOf = (address: Address, record: JournalRecord) => ViewWrite[];

export interface Archived {
  address: Address;
  stream: number;
  seq: number;
  recordId: string;
  prevSum: string;
  storedAt: number;
  record: JournalRecord;
}

/** Same actor and version, other bytes: one of them cannot be true. */
export interface Conflict {
  _id: string;
  address: Address;
  v: number;
  stored: string;
  met: string;
}

interface Row {
  _id: string;
  [field: string]: unknown;
}

export const ARCHIVE = "archive";
export const SNAPSHOTS = "snapshots";
export const POSITIONS = "positions";
export const PARKED = "parked";
export const QUARANTINE = "quarantine";
export const READINGS = "readings";

const DUPLICATE = 11000;
const SAFE = { writeConcern: { w: "majority", j: true } } as const;

export async function ensureIndexes(db: Db): Promise<void> {
  await db.collection(ARCHIVE).createIndex({ tenant: 1, kind: 1, id: 1, v: 1 }, { unique: true });
  await db.collection(ARCHIVE).createIndex({ stream: 1, seq: 1 }); // for those who follow it
  await db.collection(SNAPSHOTS).createIndex({ endedAt: 1 }, { sparse: true });
  await db.collection(READINGS).createIndex({ tenant: 1, orderId: 1, t: 1 });
  await db.collection(READINGS).createIndex({ tenant: 1, pileId: 1, t: 1 });
}

/** Where a record lies in the archive. */
export const rowId = (address: Address, v: number) => `${keyOf(address)}#${v}`;

/** All of the record but its state, and of its memory only what it added: the rest lies before it. */
function archiveRow(entry: Archived): Row {
  const { address, record, stream, seq, recordId, prevSum, storedAt } = entry;
  const { state: _, done, in: senders, ...rest } = record;
  return {
    _id: rowId(address, record.v),
    ...address,
    ...rest,
    done: done.filter(({ at, reply }) =>
      at === record.at || (reply && !("fault" in reply) && reply.v === record.v)
    ),
    in: Object.entries(senders).filter(([, mark]) => mark.at === record.at)
      .map(([sender, mark]) => ({ sender, ...mark })),
    timers: Object.entries(record.timers).map(([name, timer]) => ({ name, ...timer })),
    stream,
    seq,
    recordId,
    prevSum,
    storedAt,
  };
}

/** Writes the records; answers with those that contradict what is stored. */
export async function archive(db: Db, entries: readonly Archived[]): Promise<Conflict[]> {
  const rows = entries.map(archiveRow);
  const collection = db.collection<Row>(ARCHIVE);
  const known = await insertNew(db, ARCHIVE, rows);
  if (known.length === 0) return [];
  const stored = await collection.find({ _id: { $in: known } }, { projection: { sum: 1 } })
    .toArray();
  const sums = new Map(stored.map((row) => [row._id, String(row["sum"])]));
  return entries.flatMap(({ address, record: { v, sum } }) => {
    const id = rowId(address, v);
    const before = sums.get(id);
    if (before === undefined || before === sum) return [];
    return [{ _id: id, address, v, stored: before, met: sum }];
  });
}

/** Inserts what is not there yet; answers with the ids that were. */
export async function insertNew(db: Db, name: string, rows: Row[]): Promise<string[]> {
  if (rows.length === 0) return [];
  try {
    await db.collection<Row>(name).insertMany(rows, { ordered: false, ...SAFE });
    return [];
  } catch (error) {
    return duplicates(error).map((index) => rows[index]!._id);
  }
}

/** Newest record of an actor, whole. */
export interface Snapshot extends Address {
  _id: string;
  v: number;
  seq: number;
  recordId: string;
  prevSum: string;
  sum: string;
  /** JSON of the record. */
  record: string;
  /** When it ended for good: its subject may go some time later. */
  endedAt?: number;
  /** Its subject is gone from the journal. */
  gone?: true;
}

export async function snapshots(
  db: Db,
  entries: readonly Archived[],
  ended: (entry: Archived) => boolean,
): Promise<void> {
  const writes = entries.map((entry) => {
    const { address, record, seq, recordId, prevSum } = entry;
    const doc = {
      ...address,
      at: record.at,
      seq,
      recordId,
      prevSum,
      sum: record.sum,
      record: JSON.stringify(record), // names with dots or dollars in them stay what they are
      ...(ended(entry) ? { endedAt: record.at } : {}),
    };
    return { collection: SNAPSHOTS, id: keyOf(address), v: record.v, doc };
  });
  await replaceOlder(db, writes);
}

/** Rows whose stored version is older, or that are not there yet. */
export async function replaceOlder(db: Db, writes: readonly ViewWrite[]): Promise<void> {
  const newest = new Map<string, Map<string, ViewWrite>>();
  for (const write of writes) {
    const rows = newest.get(write.collection) ?? new Map<string, ViewWrite>();
    newest.set(write.collection, rows);
    if ((rows.get(write.id)?.v ?? -1) <= write.v) rows.set(write.id, write);
  }
  for (const [name, rows] of newest) {
    const operations = [...rows.values()].map(({ id, v, doc }): AnyBulkWriteOperation<Row> => ({
      replaceOne: { filter: { _id: id, v: { $lt: v } }, replacement: { ...doc, v }, upsert: true },
    }));
    try {
      await db.collection<Row>(name).bulkWrite(operations, { ordered: false, ...SAFE });
    } catch (error) {
      duplicates(error); // the row is there and not older
    }
  }
}

/** Indexes of the writes that met a row with the same id; another failure is thrown on. */
function duplicates(error: unknown): number[] {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const failed = [error.writeErrors].flat();
  if (failed.length === 0 || failed.some(({ code }) => code !== DUPLICATE)) throw error;
  return failed.map(({ index }) => index);
}

/** How far a stream was carried: the newest record taken of it. */
export interface Position {
  seq: number;
  storedAt: number;
  recordId?: string;
}
/** `epoch`: the last restore of the journal; absent: never. */
type PositionRow = Position & { _id: string; epoch?: string };

export async function positionOf(db: Db, stream: string): Promise<Position> {
  return await db.collection<PositionRow>(POSITIONS).findOne({ _id: stream }) ??
    { seq: 0, storedAt: 0 };
}

export async function forgetPosition(db: Db, stream: string): Promise<void> {
  await db.collection<PositionRow>(POSITIONS).deleteOne({ _id: stream }, SAFE);
}

/** The next projector carries everything over once more: what is there already stays. */
export async function beginAnew(db: Db, epoch: string): Promise<void> {
  const rows = Array.from({ length: STREAMS }, (_, stream) => ({
    replaceOne: {
      filter: { _id: streamName(stream) },
      replacement: { seq: 0, storedAt: 0, epoch },
      upsert: true,
    },
  }));
  await db.collection<PositionRow>(POSITIONS).bulkWrite(rows, SAFE);
}

/** What the archive holds of the journal, by number of stream. */
export async function archivedMarks(db: Db) {
  const marks = new Map<number, { seq: number; recordId: string; epoch: string }>();
  for (let stream = 0; stream < STREAMS; stream++) {
    const row = await db.collection<PositionRow>(POSITIONS).findOne({ _id: streamName(stream) });
    const { seq = 0, recordId = "", epoch = "" } = row ?? {};
    if (recordId !== "" || epoch !== "") marks.set(stream, { seq, recordId, epoch });
  }
  return marks;
}

export async function keepPositions(
  db: Db,
  positions: ReadonlyMap<string, Position>,
): Promise<void> {
  const operations = [...positions].map(([_id, at]) => ({
    updateOne: { filter: { _id, seq: { $lt: at.seq } }, update: { $set: at }, upsert: true },
  }));
  try {
    await db.collection<PositionRow>(POSITIONS).bulkWrite(operations, { ordered: false, ...SAFE });
  } catch (error) {
    duplicates(error); // another projector came further
  }
}

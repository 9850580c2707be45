// What the runtime asks of the archive: how far it holds the journal (heard from the projector), and
// the newest record of an actor that ended and left the journal.
import type { Db } from "mongodb";
import * as z from "zod";
import type { JournalRecord } from "../../wire/envelope.ts";
import { archivedSubject, STREAMS } from "../../wire/subjects.ts";
import {
  type Archive,
  keyOf,
  type Network,
  type Place,
  seal,
  UnreadableRecord,
} from "../runtime/mod.ts";
import { type Snapshot, SNAPSHOTS } from "./archive.ts";
import { readJson } from "./nats-bus.ts";

/** Said by a projector when it changed, and now and then for those who come later. */
const archivedWord = z.strictObject({
  /** By stream: everything up to this sequence is archived, */
  upTo: z.array(z.int().min(0)).length(STREAMS),
  /** but for these actors, whose records the projector could not take. */
  blocked: z.array(z.string()),
});
export type ArchivedWord = z.infer<typeof archivedWord>;

const FIND_MS = 2_000; // then the caller is told `unavailable` and may ask again
const encoder = new TextEncoder();

export function journalArchive(network: Network, db: Db): Archive & { stop(): void } {
  let upTo: readonly number[] = Array.from({ length: STREAMS }, () => 0);
  let blocked: ReadonlySet<string> = new Set();
  const stop = network.subscribe(archivedSubject, {}, ({ data }) => {
    const word = archivedWord.safeParse(readJson(data)?.data);
    if (!word.success) return; // not from a projector; what one said before still holds
    upTo = word.data.upTo;
    blocked = new Set(word.data.blocked);
  });
  return {
    stop,
    holds: ({ shard, address }, seq) =>
      seq <= upTo[shard % STREAMS]! && (blocked.size === 0 || !blocked.has(keyOf(address))),
    async newest(place) {
      const snapshot = await snapshotOf(db, place);
      return snapshot && storedIn(snapshot);
    },
  };
}

export function sayArchived(network: Network, word: ArchivedWord): void {
  network.publish(archivedSubject, encoder.encode(JSON.stringify(word)));
}

const snapshotOf = (db: Db, { address }: Place) =>
  db.collection<Snapshot>(SNAPSHOTS).findOne({ _id: keyOf(address) }, { maxTimeMS: FIND_MS });

/** The record's own bytes again: its canonical form is written anew and must come to the same sum. */
export function storedIn(snapshot: Snapshot) {
  const { recordId, prevSum, v } = snapshot;
  const { sum, ...draft } = JSON.parse(snapshot.record) as JournalRecord;
  const sealed = seal(draft, prevSum);
  if (sealed.sum !== sum) {
    throw new UnreadableRecord(`archived record does not match its sum: '${snapshot._id}'`);
  }
  return { recordId, prevSum, base: v + 1, bytes: sealed.bytes };
}

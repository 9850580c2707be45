// What stands behind the journal of a long run: an archive in memory that counts instead of keeping, and
// the real trimmer on it.
import type { Db } from "mongodb";
import type { Address, JournalRecord } from "../../wire/envelope.ts";
import { STREAMS } from "../../wire/subjects.ts";
import { kinds } from "../../server/roles/actors.ts";
import {
  type Archive,
  type Clock,
  type JournalEntry,
  keyOf,
  noLog,
  noMetrics,
  type Place,
} from "../../server/runtime/mod.ts";
import { type MemoryJournal, Trimmer } from "../../server/store/mod.ts";

export interface YearArchiveOptions {
  clock: Clock;
  journal: MemoryJournal;
  endedKeepMs: number;
  /** False: the journal keeps everything. */
  trims: boolean;
}
/** As the trimmer finds it among the snapshots. */
interface Ended extends Address {
  _id: string;
  v: number;
  seq: number;
  endedAt: number;
}

const decoder = new TextDecoder();

export class YearArchive implements Archive {
  records = 0;
  bytes = 0;
  /** Actors that ended and left the journal. */
  gone = 0;
  readonly #newest = new Map<string, JournalEntry>();
  readonly #ended = new Map<string, Ended>();
  readonly #upTo: number[] = Array.from({ length: STREAMS }, () => 0);
  readonly #trimmer: Trimmer | null;

  constructor({ clock, journal, endedKeepMs, trims }: YearArchiveOptions) {
    this.#trimmer = trims ? this.#trim(clock, journal, endedKeepMs) : null;
    for (let stream = 0; stream < STREAMS; stream++) {
      void journal.tail(stream, { from: "seq", seq: 1 }, (entry) => this.#take(stream, entry));
    }
  }

  holds = ({ shard }: Place, seq: number): boolean => seq <= this.#upTo[shard % STREAMS]!;

  newest: Archive["newest"] = ({ address }) => {
    const entry = this.#newest.get(keyOf(address));
    if (!entry) return Promise.resolve(null);
    const { recordId, prevSum, bytes } = entry;
    return Promise.resolve({ recordId, prevSum, bytes, base: recordOf(entry).v + 1 });
  };

  /** Every actor that ever was, with its newest record. */
  actors(): Iterable<JournalEntry> {
    return this.#newest.values();
  }

  #trim(clock: Clock, journal: MemoryJournal, endedKeepMs: number): Trimmer {
    return new Trimmer({
      clock,
      log: noLog,
      metrics: noMetrics,
      db: this.#snapshots() as unknown as Db,
      blocked: () => false,
      limits: { endedKeepMs },
      purge: (place, seq) => Promise.resolve(journal.purge(place, seq)),
    });
  }

  #take(stream: number, entry: JournalEntry): void {
    this.records++;
    this.bytes += entry.bytes.length;
    this.#newest.set(entry.actor, entry);
    this.#upTo[stream] = entry.seq;
    const { address } = entry.place;
    const isOver = kinds.get(address.kind)?.ended;
    if (isOver) this.#note(entry, isOver);
    this.#trimmer?.archived(address, entry.seq);
  }

  #note(entry: JournalEntry, isOver: (state: unknown) => boolean): void {
    const { actor: _id, place: { address }, seq } = entry;
    const { v, at, state, out, timers } = recordOf(entry);
    const idle = out.length === 0 && Object.keys(timers).length === 0; // as the projector has it
    if (idle && isOver(state)) this.#ended.set(_id, { _id, ...address, v, seq, endedAt: at });
    else this.#ended.delete(_id);
  }

  /** What the trimmer asks of MongoDB. */
  #snapshots() {
    const find = ({ endedAt: { $lt } }: { endedAt: { $lt: number } }) => ({
      limit: (max: number) => ({
        toArray: () =>
          Promise.resolve([...this.#ended.values()].filter((at) => at.endedAt < $lt).slice(0, max)),
      }),
    });
    const updateOne = ({ _id, v }: Ended) => {
      if (this.#ended.get(_id)?.v === v && this.#ended.delete(_id)) this.gone++;
      return Promise.resolve();
    };
    return { collection: () => ({ find, updateOne }) };
  }
}

export const recordOf = ({ bytes }: { bytes: Uint8Array }): JournalRecord =>
  JSON.parse(decoder.decode(bytes)) as JournalRecord;

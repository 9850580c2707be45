// The journal's twin in memory: the same compare-and-set, limits and faults as JetStream's, on the
// clock it is given. Shared by all nodes of a test.
import { STREAMS } from "../../wire/subjects.ts";
import {
  type Clock,
  type Journal,
  type JournalEntry,
  JournalFault,
  keyOf,
  type Marks,
  type Place,
  sleep,
  type Stop,
  type StoredRecord,
  type TailStart,
} from "../runtime/mod.ts";
import { MemoryReminders } from "./memory-reminders.ts";
import { HEADER_BYTES, RECORDS_PER_ACTOR } from "./streams.ts";

type Row = Omit<JournalEntry, "behind">;
type Take = (entry: JournalEntry) => void | Promise<void>;

export interface MemoryJournalOptions {
  clock: Clock;
  /** Time a request takes; 0: the next moment. */
  delayMs?: () => number;
  /** Records of one actor, as the streams' max_msgs_per_subject. */
  recordsPerActor?: number;
  /** Bytes of one stream. */
  streamBytes?: number;
  recordBytes?: number;
}

const STREAM_BYTES = 1 << 30;
const RECORD_BYTES = (1 << 20) - HEADER_BYTES; // max_payload of a NATS server
const FRAME_BYTES = 150; // subject, marks and frame, which a stream counts as well
const bytesOf = ({ length }: Uint8Array) => length + FRAME_BYTES;

export const memoryJournal = (options: MemoryJournalOptions) => new MemoryJournal(options);

class MemoryStream {
  seq = 0;
  bytes = 0;
  rows: Row[] = [];
  readonly followers = new Set<Follower>();
}

/** Hands rows on in order, one after the other. */
class Follower {
  #busy = false;
  #stopped = false;

  constructor(
    readonly clock: Clock,
    readonly queue: Row[],
    readonly take: Take,
    readonly headersOnly: boolean,
  ) {
    this.#feed();
  }
  put(row: Row): void {
    this.queue.push(row);
    this.#feed();
  }
  /** What was purged before its turn came is not handed on. */
  drop(gone: ReadonlySet<Row>): void {
    this.queue.splice(0, Infinity, ...this.queue.filter((row) => !gone.has(row)));
  }
  stop(): void {
    this.#stopped = true;
  }
  #feed(): void {
    if (this.#busy) return;
    this.#busy = true;
    this.clock.after(0, () => void this.#run());
  }
  async #run(): Promise<void> {
    for (let row; !this.#stopped && (row = this.queue.shift());) {
      const bytes = this.headersOnly ? new Uint8Array() : row.bytes;
      try {
        await this.take({ ...row, bytes, behind: this.queue.length });
      } catch {
        // as on the server's side: who fails is not handed the same one again
      }
    }
    this.#busy = false;
  }
}

export class MemoryJournal implements Journal {
  readonly #streams = Array.from({ length: STREAMS }, () => new MemoryStream());
  readonly #actors = new Map<string, Row[]>();
  readonly #reminders;

  constructor(readonly options: MemoryJournalOptions) {
    this.#reminders = new MemoryReminders(options.clock);
  }

  append = async (place: Place, bytes: Uint8Array, marks: Marks): Promise<{ seq: number }> => {
    await this.#wait();
    const key = keyOf(place.address);
    this.#check(place, bytes, marks);
    const { expectedSeq: _, ...rest } = marks;
    const stream = this.#streamOf(place);
    const storedAt = this.options.clock.now();
    const row: Row = { ...rest, actor: key, place, bytes, seq: ++stream.seq, storedAt };
    stream.bytes += bytesOf(bytes);
    stream.rows.push(row);
    const known = this.#actors.get(key);
    if (known) known.push(row);
    else this.#actors.set(key, [row]);
    for (const follower of stream.followers) follower.put(row);
    return { seq: row.seq };
  };

  last = async (place: Place): Promise<StoredRecord | null> => {
    await this.#wait();
    const row = this.history(place).at(-1);
    if (!row) return null;
    const { seq, recordId, prevSum, base, bytes } = row;
    return { seq, recordId, prevSum, base, bytes };
  };

  schedule = async (place: Place, timerId: string, at: number): Promise<void> => {
    await this.#wait();
    this.#reminders.schedule(place, timerId, at);
  };

  fires = (take: (place: Place) => Promise<boolean>): Promise<Stop> =>
    Promise.resolve(this.#reminders.listen(take));

  tail = (
    stream: number,
    start: TailStart,
    take: Take,
    { headersOnly = false }: { headersOnly?: boolean } = {},
  ): Promise<Stop> => {
    const { followers } = this.#streams[stream]!;
    const follower = new Follower(
      this.options.clock,
      this.#first(stream, start),
      take,
      headersOnly,
    );
    followers.add(follower);
    return Promise.resolve(stopOf(() => {
      follower.stop();
      followers.delete(follower);
    }));
  };

  /** All records of an actor, oldest first. */
  history(place: Place): readonly Row[] {
    return this.#actors.get(keyOf(place.address)) ?? [];
  }

  /** Takes an actor's records below `seq` away, as a purge does. */
  purge(place: Place, seq = Infinity): void {
    const key = keyOf(place.address);
    const known = this.history(place);
    const gone = new Set(known.filter((row) => row.seq < seq));
    if (gone.size === known.length) this.#actors.delete(key);
    else this.#actors.set(key, known.filter((row) => !gone.has(row)));
    const stream = this.#streamOf(place);
    stream.rows = stream.rows.filter((row) => !gone.has(row));
    for (const { bytes } of gone) stream.bytes -= bytesOf(bytes);
    for (const follower of stream.followers) follower.drop(gone);
  }

  #wait(): Promise<void> {
    const { clock, delayMs = () => 0 } = this.options;
    return sleep(clock, delayMs());
  }

  #streamOf({ shard }: Place): MemoryStream {
    return this.#streams[shard % STREAMS]!;
  }

  /** In the server's order: size, then the expectation, then the limits. */
  #check(place: Place, bytes: Uint8Array, marks: Marks): void {
    const {
      recordsPerActor = RECORDS_PER_ACTOR,
      streamBytes = STREAM_BYTES,
      recordBytes = RECORD_BYTES,
    } = this.options;
    const known = this.history(place);
    const seq = known.at(-1)?.seq ?? 0;
    if (bytes.length > recordBytes) throw new JournalFault("too-large", "record is too large");
    if (seq !== marks.expectedSeq) {
      throw new JournalFault("wrong-sequence", `wrong last sequence: ${seq}`);
    }
    if (known.length >= recordsPerActor) {
      throw new JournalFault("subject-full", "maximum messages per subject exceeded");
    }
    if (this.#streamOf(place).bytes + bytesOf(bytes) > streamBytes) {
      throw new JournalFault("stream-full", "maximum bytes exceeded");
    }
  }

  #first(stream: number, start: TailStart): Row[] {
    const { rows } = this.#streams[stream]!;
    switch (start.from) {
      case "new":
        return [];
      case "seq":
        return rows.filter((row) => row.seq >= start.seq);
      case "newest":
        return rows.filter((row) => this.history(row.place).at(-1) === row);
    }
  }
}

const stopOf = (stop: () => void): Stop => () => {
  stop();
  return Promise.resolve();
};

// The journal's twin in memory: the same compare-and-set, limits and faults as JetStream's, on the
// clock it is given. Shared by all nodes of a test.
import {
  type Clock,
  type Journal,
  type JournalEntry,
  JournalFault,
  keyOf,
  type Marks,
  type Place,
  type Stop,
  type TailStart,
} from "../runtime/mod.ts";
import { STREAMS } from "../../wire/subjects.ts";

interface Row extends Omit<JournalEntry, "behind"> {
  stream: number;
}
interface Follower {
  queue: Row[];
  headersOnly: boolean;
  busy: boolean;
  stopped: boolean;
  take(entry: JournalEntry): void | Promise<void>;
}

export interface MemoryJournalOptions {
  clock: Clock;
  /** Time an append takes; 0: the next moment. */
  delayMs?: () => number;
  /** Records of one actor, as the streams' max_msgs_per_subject. */
  perActor?: number;
  /** Bytes of one stream. */
  streamBytes?: number;
  recordBytes?: number;
}

export interface MemoryJournal extends Journal {
  /** All records of an actor, oldest first. */
  history(place: Place): readonly Row[];
  /** Takes an actor's records away, as a purge does. */
  purge(place: Place): void;
}

const PER_ACTOR = 1024; // as the streams have it
const STREAM_BYTES = 1 << 30;
const RECORD_BYTES = 1 << 20; // max_payload of a NATS server
const FIRE_AGAIN_MS = 1_000;

export function memoryJournal(options: MemoryJournalOptions): MemoryJournal {
  const { clock, delayMs = () => 0 } = options;
  const { perActor = PER_ACTOR, streamBytes = STREAM_BYTES, recordBytes = RECORD_BYTES } = options;
  const streams = Array.from({ length: STREAMS }, () => ({ seq: 0, bytes: 0 }));
  const actors = new Map<string, Row[]>();
  const all: Row[][] = Array.from({ length: STREAMS }, () => []);
  const followers: Set<Follower>[] = Array.from({ length: STREAMS }, () => new Set());
  const watchers = new Map<string, Set<(recordId: string) => void>>();
  const firing = new Set<(place: Place) => Promise<boolean>>();
  const waiting: Place[] = [];

  const wait = () => new Promise<void>((done) => clock.after(delayMs(), done));
  const rows = (place: Place) => actors.get(keyOf(place.address)) ?? [];

  function check(place: Place, bytes: Uint8Array, marks: Marks) {
    const stream = streams[place.shard % STREAMS]!;
    const known = rows(place);
    const seq = known.at(-1)?.seq ?? 0;
    if (bytes.length > recordBytes) throw new JournalFault("too-large", "record is too large");
    if (seq !== marks.expectedSeq) {
      throw new JournalFault("wrong-sequence", `wrong last sequence: ${seq}`);
    }
    if (known.length >= perActor) {
      throw new JournalFault("subject-full", "maximum messages per subject exceeded");
    }
    if (stream.bytes + bytes.length > streamBytes) {
      throw new JournalFault("stream-full", "maximum bytes exceeded");
    }
    return stream;
  }

  function add(place: Place, bytes: Uint8Array, marks: Marks): number {
    for (const seen of watchers.get(keyOf(place.address)) ?? []) {
      clock.after(0, () => seen(marks.recordId));
    }
    const stream = check(place, bytes, marks);
    stream.bytes += bytes.length;
    const { expectedSeq: _, ...rest } = marks;
    const row: Row = {
      ...rest,
      actor: keyOf(place.address),
      place,
      bytes,
      seq: ++stream.seq,
      stream: place.shard % STREAMS,
      storedAt: clock.now(),
    };
    const key = keyOf(place.address);
    const known = actors.get(key);
    if (known) known.push(row);
    else actors.set(key, [row]);
    all[row.stream]!.push(row);
    for (const follower of followers[row.stream]!) {
      follower.queue.push(row);
      feed(follower);
    }
    return row.seq;
  }

  function feed(follower: Follower) {
    if (follower.busy) return;
    follower.busy = true;
    clock.after(0, async () => {
      for (let row; !follower.stopped && (row = follower.queue.shift());) {
        const bytes = follower.headersOnly ? new Uint8Array() : row.bytes;
        await follower.take({ ...row, bytes, behind: follower.queue.length });
      }
      follower.busy = false;
    });
  }

  function first(stream: number, start: TailStart): Row[] {
    switch (start.from) {
      case "new":
        return [];
      case "seq":
        return all[stream]!.filter((row) => row.seq >= start.seq);
      case "newest":
        return [...actors.values()].map((known) => known.at(-1)!)
          .filter((row) => row?.stream === stream).sort((a, b) => a.seq - b.seq);
    }
  }

  function fire(place: Place) {
    const [take] = firing;
    if (!take) return void waiting.push(place);
    void take(place).then((seen) => {
      if (!seen) clock.after(FIRE_AGAIN_MS, () => fire(place));
    });
  }

  return {
    async append(place, bytes, marks) {
      await wait();
      return { seq: add(place, bytes, marks) };
    },
    async last(place) {
      await wait();
      const row = rows(place).at(-1);
      if (!row) return null;
      const { seq, recordId, prevSum, bytes } = row;
      return { seq, recordId, prevSum, bytes };
    },
    async schedule(place, _timerId, at) {
      await wait();
      clock.after(Math.max(0, at - clock.now()), () => fire(place));
    },
    fires(take) {
      firing.add(take);
      for (const place of waiting.splice(0)) fire(place);
      return Promise.resolve(stopOf(() => firing.delete(take)));
    },
    watch(place, seen) {
      const key = keyOf(place.address);
      const known = watchers.get(key) ?? new Set();
      watchers.set(key, known.add(seen));
      return () => {
        known.delete(seen);
        if (known.size === 0) watchers.delete(key);
      };
    },
    tail(stream, start, take, { headersOnly = false } = {}) {
      const queue = first(stream, start);
      const follower: Follower = { queue, headersOnly, take, busy: false, stopped: false };
      followers[stream]!.add(follower);
      feed(follower);
      return Promise.resolve(stopOf(() => {
        follower.stopped = true;
        followers[stream]!.delete(follower);
      }));
    },
    history: rows,
    purge(place) {
      const gone = new Set(rows(place));
      actors.delete(keyOf(place.address));
      const stream = place.shard % STREAMS;
      all[stream] = all[stream]!.filter((row) => !gone.has(row));
    },
  };
}

const stopOf = (stop: () => void): Stop => () => {
  stop();
  return Promise.resolve();
};

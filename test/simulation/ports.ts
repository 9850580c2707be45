// A node's ends of network and journal as a process has them: with losses, doubles and delays, and
// with nothing coming in while the process is paused or dead.
import {
  type Journal,
  JournalFault,
  type Marks,
  type Network,
  type Place,
  type StoredRecord,
} from "../../server/runtime/mod.ts";
import type { Envelope } from "../../wire/envelope.ts";
import type { Faults } from "./faults.ts";
import type { Process } from "./process.ts";
import type { Random } from "../../sim/random.ts";

/** A journal client waits this long for an answer (server/store/publisher.ts). */
const SILENCE_MS = 1_000;
const LATE_MS_MAX = 4_000;
const isBeat = (subject: string): boolean => subject.startsWith("hb.");

export interface Surroundings {
  faults: Faults;
  random: Random;
  /** The journal cannot be reached, or takes no more. */
  weather: { away: boolean; full: boolean };
  /** Something was delivered: it counts as a step. */
  act(): void;
  step(): number;
  /** A process that was asked at that step says of a command that it was surely not done. */
  denied(process: string, envelope: Envelope, step: number): void;
}

const decoder = new TextDecoder();
const HEAD_BYTES = 48;
const DENIED = `{"ok":false,"fault":{"code":"`;
interface Request {
  envelope: Envelope;
  /** When it came. */
  step: number;
}
/** What a host was asked, until it answers: to hold a denial against the journal. */
class Asked {
  readonly #requests = new Map<string, { data: Uint8Array; step: number }>();
  /** How many copies of a command came: one speaks for itself only. */
  readonly #copies = new Map<string, number>();

  constructor(readonly step: () => number) {}

  asked(reply: string, data: Uint8Array): void {
    this.#requests.set(reply, { data, step: this.step() });
    const head = headOf(data);
    this.#copies.set(head, (this.#copies.get(head) ?? 0) + 1);
  }
  /** Null: it is no denial, or there were other copies of the request. */
  denied(to: string, data: Uint8Array): Request | null {
    const request = this.#requests.get(to);
    if (!request || data.length < 2) return null; // "accepted"
    this.#requests.delete(to);
    const answer = decoder.decode(data.subarray(0, 64));
    if (!answer.startsWith(DENIED) || answer.startsWith("outcome.", DENIED.length)) return null;
    if (this.#copies.get(headOf(request.data))! > 1) return null;
    const envelope = JSON.parse(decoder.decode(request.data)) as Envelope;
    return { envelope, step: request.step };
  }
}
/** An envelope begins with its id. */
const headOf = (data: Uint8Array) => decoder.decode(data.subarray(0, HEAD_BYTES));

export function networkOf(
  inner: Network & { cut(): void },
  process: Process,
  { faults, act, step, denied }: Surroundings,
): Network & { cut(): void } {
  const asked = new Asked(step);
  return {
    publish(subject, data, reply) {
      const request = asked.denied(subject, data);
      if (request) denied(process.name, request.envelope, request.step);
      inner.publish(subject, data, reply);
      if (!isBeat(subject) && faults.strikes("message-doubled")) {
        inner.publish(subject, data, reply);
      }
    },
    subscribe: (subject, options, take) =>
      inner.subscribe(subject, options, (message) =>
        process.enter(() => {
          if (!isBeat(message.subject)) act();
          if (message.reply) asked.asked(message.reply, message.data);
          take(message);
        })),
    inbox: () => inner.inbox(),
    flush: () => inner.flush(),
    cut: () => inner.cut(),
  };
}

/** The journal as one process reaches it. `fires` is the world's to hand out. */
export function journalOf(
  inner: Journal,
  process: Process,
  around: Surroundings,
  fires: Journal["fires"],
): Journal {
  const { faults, random, weather, act } = around;
  const silence = async (): Promise<never> => {
    await process.time.sleep(SILENCE_MS);
    throw new JournalFault("transient", "no answer in time");
  };
  async function append(place: Place, bytes: Uint8Array, marks: Marks): Promise<{ seq: number }> {
    if (weather.away || faults.strikes("append-lost")) return await silence();
    if (weather.full && ((await inner.last(place))?.seq ?? 0) === marks.expectedSeq) {
      faults.hit("journal-full");
      throw new JournalFault("stream-full", "maximum bytes exceeded");
    }
    if (faults.strikes("append-late")) {
      const ms = SILENCE_MS + random.next() * LATE_MS_MAX;
      void process.time.sleep(ms).then(() => inner.append(place, bytes, marks)).catch(() => {});
      return await silence();
    }
    const stored = await inner.append(place, bytes, marks);
    if (faults.strikes("ack-lost")) return await silence();
    return stored;
  }
  async function last(place: Place): Promise<StoredRecord | null> {
    if (weather.away || faults.strikes("read-lost")) return await silence();
    return await inner.last(place);
  }
  const counted = <T>(begin: () => Promise<T>) => {
    act();
    return process.call(async () => {
      try {
        return await begin();
      } finally {
        act();
      }
    });
  };
  return {
    append: (place, bytes, marks) => counted(() => append(place, bytes, marks)),
    last: (place) => counted(() => last(place)),
    schedule: (place, timerId, at) =>
      counted(() => weather.away ? silence() : inner.schedule(place, timerId, at)),
    fires,
    ...notesOf(inner),
    watch: (place, seen) => inner.watch(place, (recordId) => process.enter(() => seen(recordId))),
    tail: (stream, start, take, options) =>
      inner.tail(
        stream,
        start,
        (entry) =>
          new Promise<void>((done) =>
            process.enter(() => void Promise.resolve(take(entry)).then(() => done()))
          ),
        options,
      ),
  };
}

/** Notes only save time: no weather for them. */
const notesOf = ({ note, noted }: Journal): Pick<Journal, "note" | "noted"> => ({ note, noted });

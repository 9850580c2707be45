// The net under a crash: follows the headers of every record and wakes actors whose newest record
// has open effects that nobody saw to, or a timer that nobody fired. It goes on from its last note, or
// starts from the newest record of every actor; one node at a time follows a stream.
import type { Place } from "../routing/mod.ts";
import type { Envelope } from "../../wire/envelope.ts";
import { addressOfState, shardOfState, STREAMS } from "../../wire/subjects.ts";
import { type Env, systemPrincipal } from "./env.ts";
import { WAKE } from "./host.ts";
import type { JournalEntry, Stop, TailStart } from "./journal.ts";

interface Watched {
  /** Wall clock; then it is late. */
  at: number;
  /** The same or, once it was woken, the next try: monotonic moment from which on it is late. */
  lateAt: number;
  wakes: number;
}
interface Followed {
  /** By subject. */
  actors: Map<string, Watched>;
  /** Seen up to here, and noted up to there. */
  seq: number;
  noted: number;
  notedAt: number;
  stop: Promise<Stop | null>;
}

const SWEEP_MS = 250;
const WAKES_AT_ONCE = 64; // after a crash of a busy node: not all of its actors in one breath

export class Waker {
  readonly #streams = new Map<number, Followed>();
  #wanted: (stream: number) => boolean = () => false;
  #fires: Stop | null = null;
  #sweeping: { cancel(): void } | null = null;
  #waking = 0;

  constructor(readonly env: Env) {}

  async start(): Promise<void> {
    this.#sweep();
    const seen = async (place: Place) => (await this.env.ask(wakeCommand(this.env, place))).ok;
    this.#fires = await this.env.journal.fires(seen);
  }

  /** Follows the placement. */
  follow(wanted: (stream: number) => boolean): void {
    this.#wanted = wanted;
    for (let stream = 0; stream < STREAMS; stream++) {
      const isOpen = this.#streams.has(stream);
      if (wanted(stream) && !isOpen) this.#open(stream);
      else if (!wanted(stream) && isOpen) void this.#close(stream);
    }
  }

  async stop(): Promise<void> {
    this.#sweeping?.cancel();
    this.#wanted = () => false;
    await this.#fires?.();
    await Promise.all([...this.#streams.keys()].map((stream) => this.#close(stream)));
  }

  #open(stream: number): void {
    const { journal, clock, limits, log } = this.env;
    const notedAt = clock.tick();
    const followed: Followed = {
      actors: new Map(),
      seq: 0,
      noted: 0,
      notedAt,
      stop: Promise.resolve(null),
    };
    const see = (entry: JournalEntry) => this.#see(followed, entry);
    followed.stop = this.#resume(stream, followed)
      .then((start) => journal.tail(stream, start, see, { headersOnly: true }))
      .catch((error) => {
        log.warn({ stream, error: String(error) }, "waker cannot follow, trying again");
        this.#streams.delete(stream);
        clock.after(limits.wakeMs, () => this.follow(this.#wanted));
        return null;
      });
    this.#streams.set(stream, followed);
  }

  /** Takes over what was noted last. */
  async #resume(stream: number, followed: Followed): Promise<TailStart> {
    const { journal, clock } = this.env;
    const note = await journal.noted(stream).catch(() => null); // it only saves time
    if (!note) return { from: "newest" };
    const ahead = clock.tick() - clock.now();
    for (const [actor, at] of JSON.parse(note.text) as [string, number][]) {
      followed.actors.set(actor, { at, lateAt: at + ahead, wakes: 0 });
    }
    followed.seq = followed.noted = note.seq;
    return { from: "seq", seq: note.seq + 1 };
  }

  async #note(stream: number, followed: Followed, now: number): Promise<void> {
    followed.notedAt = now;
    followed.noted = followed.seq;
    const open = [...followed.actors].map(([actor, { at }]) => [actor, at]);
    try {
      await this.env.journal.note(stream, followed.seq, JSON.stringify(open));
    } catch (error) {
      this.env.log.warn({ stream, error: String(error) }, "waker cannot keep its note");
    }
  }

  async #close(stream: number): Promise<void> {
    const { stop } = this.#streams.get(stream)!;
    this.#streams.delete(stream);
    await (await stop)?.();
  }

  #see(followed: Followed, entry: JournalEntry): void {
    const { actor, pending, nextAt, storedAt } = entry;
    followed.seq = entry.seq;
    if (pending === 0 && nextAt === null) return void followed.actors.delete(actor);
    const { clock, limits: { wakeMs } } = this.env;
    const now = clock.now();
    const age = Math.min(wakeMs, Math.max(0, now - storedAt));
    const pendingMs = pending > 0 ? wakeMs - age : Infinity;
    const timerMs = nextAt === null ? Infinity : nextAt - now + wakeMs;
    const lateMs = Math.max(0, Math.min(pendingMs, timerMs));
    followed.actors.set(actor, { at: now + lateMs, lateAt: clock.tick() + lateMs, wakes: 0 });
  }

  #sweep(): void {
    const { clock, limits } = this.env;
    const now = clock.tick();
    for (const [stream, followed] of this.#streams) {
      const { seq, noted, notedAt, actors } = followed;
      if (seq > noted && now - notedAt > limits.noteMs) void this.#note(stream, followed, now);
      for (const [actor, one] of actors) {
        if (one.lateAt > now || this.#waking >= WAKES_AT_ONCE) continue;
        one.lateAt = now + Math.min(limits.wakeMsMax, limits.wakeMs * 2 ** ++one.wakes);
        void this.#wake({ address: addressOfState(actor), shard: shardOfState(actor) });
      }
    }
    this.#sweeping = clock.after(SWEEP_MS, () => this.#sweep());
  }

  async #wake(place: Place): Promise<void> {
    this.#waking++;
    this.env.metrics.count("wakes");
    await this.env.ask(wakeCommand(this.env, place));
    this.#waking--;
  }
}

function wakeCommand({ freshId, limits }: Env, { address }: Place): Envelope {
  const id = freshId();
  return {
    id,
    to: address,
    type: WAKE,
    body: {},
    principal: systemPrincipal("waker"),
    cause: id,
    correlation: id,
    ttlMs: limits.wakeMs,
    bodyHash: "",
    class: "order",
  };
}

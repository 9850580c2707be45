// The net under a crash: follows the headers of every record and wakes actors whose newest record
// has open effects that nobody saw to, or a timer that nobody fired. It starts from the newest record
// of every actor, so it needs no position of its own; one node at a time follows a stream.
import type { Place } from "../routing/mod.ts";
import type { Envelope } from "../../wire/envelope.ts";
import { STREAMS } from "../../wire/subjects.ts";
import { type Env, ownCommand } from "./env.ts";
import { WAKE } from "./host.ts";
import type { JournalEntry, Stop } from "./journal.ts";

interface Watched {
  place: Place;
  /** Monotonic moment from which on it is late. */
  lateAt: number;
  wakes: number;
}
interface Followed {
  actors: Map<string, Watched>;
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
    const actors = new Map<string, Watched>();
    const see = (entry: JournalEntry) => this.#see(actors, entry);
    const stop = journal.tail(stream, { from: "newest" }, see, { headersOnly: true })
      .catch((error) => {
        log.warn({ stream, error: String(error) }, "waker cannot follow, trying again");
        this.#streams.delete(stream);
        clock.after(limits.wakeMs, () => this.follow(this.#wanted));
        return null;
      });
    this.#streams.set(stream, { actors, stop });
  }

  async #close(stream: number): Promise<void> {
    const { stop } = this.#streams.get(stream)!;
    this.#streams.delete(stream);
    await (await stop)?.();
  }

  #see(actors: Map<string, Watched>, entry: JournalEntry): void {
    const { actor, pending, nextAt, storedAt } = entry;
    if (pending === 0 && nextAt === null) return void actors.delete(actor);
    const { clock, limits: { wakeMs } } = this.env;
    const now = clock.now();
    const age = Math.min(wakeMs, Math.max(0, now - storedAt));
    const pendingMs = pending > 0 ? wakeMs - age : Infinity;
    const timerMs = nextAt === null ? Infinity : nextAt - now + wakeMs;
    const lateAt = clock.tick() + Math.max(0, Math.min(pendingMs, timerMs));
    actors.set(actor, { place: entry.place, lateAt, wakes: 0 });
  }

  #sweep(): void {
    const { clock, limits } = this.env;
    const now = clock.tick();
    for (const { actors } of this.#streams.values()) {
      for (const one of actors.values()) {
        if (one.lateAt > now || this.#waking >= WAKES_AT_ONCE) continue;
        one.lateAt = now + Math.min(limits.wakeMsMax, limits.wakeMs * 2 ** ++one.wakes);
        void this.#wake(one.place);
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

const wakeCommand = ({ freshId, limits }: Env, { address }: Place): Envelope => ({
  ...ownCommand(address, "waker", { id: freshId(), type: WAKE, body: {} }),
  ttlMs: limits.wakeMs,
});

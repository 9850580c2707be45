// The net under a crash: follows the headers of every record and wakes actors whose newest record
// has open effects that nobody saw to, or a timer that nobody fired. It starts from the newest record
// of every actor, so it needs no position of its own; one node at a time follows a stream.
import type { Envelope } from "../../wire/envelope.ts";
import { STREAMS } from "../../wire/subjects.ts";
import { type Env, systemPrincipal } from "./env.ts";
import { WAKE } from "./host.ts";
import type { JournalEntry, Place, Stop } from "./journal.ts";

interface Watched {
  place: Place;
  /** Monotonic moment from which on it is late. */
  lateAt: number;
  wakes: number;
}

export interface Waker {
  start(): Promise<void>;
  /** Follows the placement. */
  follow(ownsStream: (stream: number) => boolean): void;
  stop(): Promise<void>;
}

const SWEEP_MS = 250;
const WAKES_AT_ONCE = 64; // after a crash of a busy node: not all of its actors in one breath

export function wakerOf(env: Env): Waker {
  const { clock, limits, journal, metrics } = env;
  const streams = new Map<number, { watched: Map<string, Watched>; stop: Promise<Stop | null> }>();
  let fires: Stop | null = null;
  let sweeping: { cancel(): void } | null = null;
  let waking = 0;
  let wanted: (stream: number) => boolean = () => false;

  function see(watched: Map<string, Watched>, entry: JournalEntry) {
    const key = entry.actor;
    if (entry.pending === 0 && entry.nextAt === null) return void watched.delete(key);
    const now = clock.now();
    const age = Math.min(limits.wakeMs, Math.max(0, now - entry.storedAt));
    const pendingMs = entry.pending > 0 ? limits.wakeMs - age : Infinity;
    const timerMs = entry.nextAt === null ? Infinity : entry.nextAt - now + limits.wakeMs;
    const lateAt = clock.tick() + Math.max(0, Math.min(pendingMs, timerMs));
    watched.set(key, { place: entry.place, lateAt, wakes: 0 });
  }

  async function wake(place: Place): Promise<void> {
    waking++;
    metrics.count("wakes");
    await env.ask(wakeCommand(env, place));
    waking--;
  }

  function sweep() {
    const now = clock.tick();
    for (const { watched } of streams.values()) {
      for (const one of watched.values()) {
        if (one.lateAt > now || waking >= WAKES_AT_ONCE) continue;
        one.lateAt = now + Math.min(limits.wakeMsMax, limits.wakeMs * 2 ** ++one.wakes);
        void wake(one.place);
      }
    }
    sweeping = clock.after(SWEEP_MS, sweep);
  }

  function open(stream: number) {
    const watched = new Map<string, Watched>();
    const stop = journal.tail(
      stream,
      { from: "newest" },
      (entry) => see(watched, entry),
      { headersOnly: true },
    ).catch((error) => {
      env.log.warn({ stream, error: String(error) }, "waker cannot follow, trying again");
      streams.delete(stream);
      clock.after(limits.wakeMs, follow);
      return null;
    });
    streams.set(stream, { watched, stop });
  }
  async function close(stream: number) {
    const { stop } = streams.get(stream)!;
    streams.delete(stream);
    await (await stop)?.();
  }

  function follow() {
    for (let stream = 0; stream < STREAMS; stream++) {
      if (wanted(stream) === streams.has(stream)) continue;
      if (streams.has(stream)) void close(stream);
      else open(stream);
    }
  }

  return {
    async start() {
      sweep();
      fires = await journal.fires(async (place) => (await env.ask(wakeCommand(env, place))).ok);
    },
    follow(ownsStream) {
      wanted = ownsStream;
      follow();
    },
    async stop() {
      sweeping?.cancel();
      wanted = () => false;
      await fires?.();
      await Promise.all([...streams.keys()].map(close));
    },
  };
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

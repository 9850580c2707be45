// What the runtime asks of the world: clock, random, ids, network, metrics, log. Nothing else in this
// folder touches any of them, so a simulation can run whole nodes on virtual time.
import { randomBytes } from "node:crypto";

export interface Clock {
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** Monotonic milliseconds: every span is measured by it. */
  tick(): number;
  after(ms: number, run: () => void): { cancel(): void };
}

/** A number in [0, 1), as Math.random. */
export type Random = () => number;
/** A short text that nobody else ever made. */
export type FreshId = () => string;

export interface NetworkMessage {
  subject: string;
  data: Uint8Array;
  /** Where an answer goes, if one is wanted. */
  reply?: string;
  /** The network's own answer: nobody listens there. */
  nobody?: boolean;
}

/** Core messaging: at most once, no order across subjects, loss possible. */
export interface Network {
  publish(subject: string, data: Uint8Array, reply?: string): void;
  /** Members of one `queue` share the messages of a subject. The answer ends the subscription. */
  subscribe(
    subject: string,
    options: { queue?: string },
    take: (message: NetworkMessage) => void,
  ): () => void;
  /** A subject prefix for private answers; `<inbox>.<token>` reaches only its maker. */
  inbox(): string;
  /** Resolves when everything published so far has reached the network. */
  flush(): Promise<void>;
}

export interface Metrics {
  count(name: string, labels?: Record<string, string>, by?: number): void;
  gauge(name: string, value: number, labels?: Record<string, string>): void;
  observe(name: string, valueMs: number, labels?: Record<string, string>): void;
}

/**
 * Who draws what a command caused, over all actors and nodes. `trace` says where something belongs;
 * the runtime only hands it on. Without a tracer, or without a trace, nothing is drawn.
 */
export interface Tracer {
  /** Runs it as a part of `trace`; it hands on the trace that it gets, and may note how it went. */
  span<T>(
    name: string,
    trace: string,
    facts: TraceFacts,
    run: (trace: string, note: (more: TraceFacts) => void) => Promise<T>,
  ): Promise<T>;
}
type TraceFacts = Record<string, string | number>;

export interface Log {
  info(facts: Record<string, unknown>, message: string): void;
  warn(facts: Record<string, unknown>, message: string): void;
  error(facts: Record<string, unknown>, message: string): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  tick: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};
/**
 * The same clock for spans that may be a little longer: what ends within one grain ends together, so
 * a deadline that is nearly always cancelled costs next to nothing.
 */
export function coarseClock(clock: Clock, grainMs: number): Clock {
  const slots = new Map<number, Set<() => void>>();
  function end(slot: number) {
    const runs = slots.get(slot) ?? [];
    slots.delete(slot);
    for (const run of runs) run();
  }
  return {
    now: () => clock.now(),
    tick: () => clock.tick(),
    after(ms, run) {
      const now = clock.tick();
      const slot = Math.ceil((now + ms) / grainMs);
      let runs = slots.get(slot);
      if (!runs) {
        slots.set(slot, runs = new Set());
        clock.after(slot * grainMs - now, () => end(slot));
      }
      const held = runs;
      const once = () => run(); // the same function may wait twice
      held.add(once);
      return { cancel: () => void held.delete(once) };
    },
  };
}

export const systemRandom: Random = () => Math.random();

const ID_BYTES = 9; // 72 bits: no clash in 2^30 ids
/** Ids of one process: random head, then a counter. */
export function freshIds(): FreshId {
  const head = randomBytes(ID_BYTES).toString("base64url");
  let n = 0;
  return () => `${head}${(n++).toString(36)}`;
}

export const noMetrics: Metrics = { count: () => {}, gauge: () => {}, observe: () => {} };
export const noLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** Promise of `ms` on the given clock. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((done) => clock.after(ms, done));
}

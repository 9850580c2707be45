// Collects what streams bring and hands it on in batches, one batch at a time, again and again until
// it is taken. While the taker is away the streams keep everything; only a bounded part waits here.
import { backOff, type Clock, type Log, type Random, sleep } from "../runtime/mod.ts";

export interface Feed<T> {
  /** Resolves when there is room for more. */
  put(item: T): Promise<void>;
  /** Those in hand among them. */
  waiting(): number;
  /** How often the present batch was tried in vain. */
  failures(): number;
  stop(): Promise<void>;
}

export interface FeedOptions<T> {
  name: string;
  clock: Clock;
  random: Random;
  log: Log;
  take(batch: T[]): Promise<void>;
  batchMax?: number;
  /** How long a batch is collected. */
  collectMs?: number;
}

const BATCH_MAX = 400;
const WAITING_MAX = 2_000;
const COLLECT_MS = 20; // views may lag by it; a slow database gets fewer, larger writes
const PAUSE_MS = 200;
const PAUSE_MS_MAX = 5_000;

export function feedOf<T>(options: FeedOptions<T>): Feed<T> {
  const { name, clock, random, log, take } = options;
  const { batchMax = BATCH_MAX, collectMs = COLLECT_MS } = options;
  const items: T[] = [];
  let room: (() => void)[] = [];
  let inHand = 0;
  let failures = 0;
  let stopped = false;
  let running: Promise<void> | null = null;

  async function hand(batch: T[]): Promise<void> {
    inHand = batch.length;
    for (failures = 0; !stopped; failures++) {
      try {
        await take(batch);
        failures = 0;
        inHand = 0;
        return;
      } catch (error) {
        log.warn({ name, failures, error: String(error) }, "batch not taken, trying again");
        await sleep(clock, backOff(random, failures, PAUSE_MS, PAUSE_MS_MAX));
      }
    }
  }
  async function run(): Promise<void> {
    while (items.length > 0 && !stopped) {
      if (items.length < batchMax) await sleep(clock, collectMs);
      await hand(items.splice(0, batchMax));
      const waiting = room;
      room = [];
      for (const go of waiting) go();
    }
    running = null;
  }
  return {
    put(item) {
      items.push(item);
      running ??= run();
      if (items.length < WAITING_MAX || stopped) return Promise.resolve();
      return new Promise((go) => room.push(go));
    },
    waiting: () => items.length + inHand,
    failures: () => failures,
    async stop() {
      stopped = true;
      for (const go of room) go();
      await running;
    },
  };
}

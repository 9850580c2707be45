// The world around a gateway of piles, in memory: actors that record what they are told and answer as a
// test wants, a directory, a bus, a store of readings, and logs that can be looked at.
import { realClock } from "../../server/observe.ts";
import { memoryDirectory } from "../../server/store/memory-directory.ts";
import type {
  Ask,
  Bus,
  Client,
  Clock,
  Directory,
  Log,
  Metrics,
  Read,
  Reading,
  TeleWriter,
} from "../../server/ports.ts";
import type { Address, Reply } from "../../wire/envelope.ts";

export interface Signal {
  to: Address;
  data: Record<string, unknown>;
}
type Answer = (ask: Ask) => Reply | undefined | Promise<Reply | undefined>;

export interface World {
  client: Client;
  directory: Directory;
  bus: Bus;
  tele: TeleWriter;
  log: Log;
  metrics: Metrics;
  clock: Clock;
  asks: Ask[];
  signals: Signal[];
  stored: Reading[];
  lines: { level: string; message: string; facts: Record<string, unknown> }[];
  counts: Map<string, number>;
  /** First look before the usual answer. */
  answer: Answer | null;
  /** Body of the read "show". */
  shown: unknown;
  /** Holds `append` until it resolves; a rejection is a store that fails. */
  store: (() => Promise<void>) | null;
  /** Resolves with the first command of that type (from now on, or already there). */
  told(type: string, where?: (ask: Ask) => boolean): Promise<Ask>;
  until(holds: () => boolean, what: string): Promise<void>;
}

export const done = (body: unknown = null): Reply => ({ ok: true, v: 1, asOf: 0, body });
export const refusedWith = (code: string, facts: Record<string, unknown> = {}): Reply => (
  { ok: false, v: 1, asOf: 0, refusal: { code, facts } }
);
export const faulty = (code: "unavailable" | "overloaded" | "outcome.unknown"): Reply => (
  { ok: false, fault: { code } }
);

const LOOK_MS = 5;
const PATIENCE_MS = 10_000;

/** Nothing happened within the time a test waits. */
export class NothingCame extends Error {
  override readonly name = "NothingCame";
}

export function gatewayWorld(): World {
  const epochs = new Map<string, number>();
  const world: World = {
    asks: [],
    signals: [],
    stored: [],
    lines: [],
    counts: new Map(),
    answer: null,
    shown: { connectors: [{ no: 1 }, { no: 2 }] },
    store: null,
    clock: realClock,
    directory: memoryDirectory(realClock),
    bus: memoryBus(),
    client: {
      async ask(ask) {
        world.asks.push(ask);
        const given = await world.answer?.(ask);
        if (given !== undefined) return given;
        if (ask.type === "OpenLink") {
          const linkEpoch = (epochs.get(ask.to.id) ?? 0) + 1;
          epochs.set(ask.to.id, linkEpoch);
          return done({ linkEpoch, lastSeq: 0, openStarts: [] });
        }
        if (ask.type === "ReportStarted") return done({ txId: 7, accepted: true });
        return done();
      },
      read: (_read: Read) => Promise.resolve(done(world.shown)),
      signal: (to, data) => void world.signals.push({ to, data }),
    },
    tele: {
      async append(readings) {
        await world.store?.();
        world.stored.push(...readings);
      },
    },
    log: memoryLog((line) => world.lines.push(line)),
    metrics: {
      count: (name, labels = {}, by = 1) => {
        const key = [name, ...Object.values(labels)].join("/");
        world.counts.set(key, (world.counts.get(key) ?? 0) + by);
      },
      gauge: () => {},
      observe: () => {},
    },
    async told(type, where = () => true) {
      const find = () => world.asks.find((ask) => ask.type === type && where(ask));
      await world.until(() => find() !== undefined, `command ${type}`);
      return find()!;
    },
    until: (holds, what) => until(holds, what),
  };
  return world;
}

export async function until(holds: () => boolean, what: string): Promise<void> {
  const last = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > last) throw new NothingCame(`did not happen: ${what}`);
    await new Promise((next) => setTimeout(next, LOOK_MS));
  }
}

function memoryLog(take: (line: World["lines"][number]) => void): Log {
  const at = (level: string) => (facts: Record<string, unknown>, message: string) =>
    take({ level, message, facts });
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** As NATS core: JSON bodies, nobody there is known at once. */
export function memoryBus(): Bus {
  type Handler = Parameters<Bus["subscribe"]>[1];
  const handlers = new Map<string, Set<Handler>>();
  const copy = (data: unknown): unknown => JSON.parse(JSON.stringify(data));
  return {
    publish(subject, data) {
      for (const handler of handlers.get(subject) ?? []) handler({ subject, data: copy(data) });
    },
    request(subject, data, timeoutMs, headers) {
      const [handler] = handlers.get(subject) ?? [];
      if (handler === undefined) return Promise.resolve(null);
      return new Promise((answered) => {
        const timer = setTimeout(() => answered(null), timeoutMs);
        const reply = (body: unknown) => {
          clearTimeout(timer);
          answered(copy(body));
        };
        handler({ subject, data: copy(data), reply, header: (name) => headers?.[name] });
      });
    },
    subscribe(subject, handler) {
      const all = handlers.get(subject) ?? new Set();
      handlers.set(subject, all.add(handler));
      return { stop: () => void all.delete(handler) };
    },
  };
}

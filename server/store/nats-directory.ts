// Small facts without MongoDB (codes, keys, cards, sessions): JetStream KV buckets with JSON values.
// Hot buckets are kept in memory by following their stream, so a read costs nothing.
import { jetstream, JetStreamApiError, type JsMsg } from "@nats-io/jetstream";
import { type KV, type KvEntry, Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import { decodeToken, encodeToken } from "../../wire/ids.ts";
import type { Bucket, Directory } from "../ports.ts";
import { systemClock } from "../runtime/mod.ts";
import { follow } from "./jetstream-tail.ts";
import { isReadable, type Readable, readValue, valueOrFault } from "./kv-value.ts";

interface Found<T> {
  value: T;
  revision: number;
}
interface Cached<T> extends Found<Readable<T>> {
  /** Wall clock: the server lets it go by its own. */
  until: number;
}
/** What is in memory, by token; entries past their time are as good as gone. */
interface Cache<T> {
  get(token: string): Found<T> | null;
  keep(token: string, value: Readable<T>, revision: number, storedAt: number): void;
  drop(token: string, revision: number): void;
  all(): [string, Found<Readable<T>>][];
}

function emptyCache<T>(ttlMs: number, now: () => number): Cache<T> {
  const rows = new Map<string, Cached<T>>();
  const live = (row: Cached<T> | undefined) => (row && row.until > now() ? row : null);
  return {
    get(token) {
      const row = live(rows.get(token));
      return row && { value: valueOrFault(row.value, token), revision: row.revision };
    },
    keep(token, value, revision, storedAt) {
      const known = rows.get(token);
      if (known && known.revision >= revision) return;
      rows.set(token, { value, revision, until: ttlMs > 0 ? storedAt + ttlMs : Infinity });
    },
    drop(token, revision) {
      const known = rows.get(token);
      if (known && known.revision <= revision) rows.delete(token);
    },
    all: () => [...rows].filter(([, row]) => live(row)),
  };
}

const LOST_RACE = [10071, 10164]; // wrong last sequence, by name or by constant
const OPERATION = "KV-Operation"; // on markers of deleted keys

export function natsDirectory(
  connection: NatsConnection,
  { replicas = 1, now = systemClock.now }: { replicas?: number; now?: () => number } = {},
): Directory {
  const js = jetstream(connection);
  const kvm = new Kvm(js);
  const opened = new Map<string, Promise<unknown>>();

  async function open<T>(name: string, ttlMs: number, hot: boolean): Promise<Bucket<T>> {
    const kv = await kvm.create(name, {
      history: 1,
      replicas,
      allow_direct: false, // a replica may not know yet what was revoked
      ...(ttlMs > 0 ? { ttl: ttlMs } : {}),
    });
    const cache = hot ? emptyCache<T>(ttlMs, now) : null;
    if (cache) await fill(js, name, cache);
    return bucketOf<T>(kv, cache, now);
  }
  return {
    bucket<T>(name: string, { ttlMs = 0, hot = false } = {}) {
      let bucket = opened.get(name) as Promise<Bucket<T>> | undefined;
      if (!bucket) {
        bucket = open<T>(name, ttlMs, hot);
        opened.set(name, bucket);
        bucket.catch(() => opened.delete(name));
      }
      return bucket;
    },
  };
}

/** Follows the bucket; resolves when the cache holds what the bucket held at the call. */
async function fill<T>(
  js: ReturnType<typeof jetstream>,
  name: string,
  cache: Cache<T>,
): Promise<void> {
  let taken = 0;
  let wanted = Infinity;
  let complete = () => {};
  const completed = new Promise<void>((done) => complete = done);
  const take = (message: JsMsg) => {
    const token = message.subject.slice(message.subject.lastIndexOf(".") + 1);
    const storedAt = message.info.timestampNanos / 1e6;
    if (message.headers?.has(OPERATION)) cache.drop(token, message.seq);
    else cache.keep(token, readValue<T>(message.data), message.seq, storedAt);
    if (++taken >= wanted) complete();
  };
  const { behind } = await follow(js, { stream: `KV_${name}`, start: { from: "newest" } }, take);
  wanted = behind;
  if (taken >= wanted) complete();
  await completed;
}

function bucketOf<T>(kv: KV, cache: Cache<T> | null, now: () => number): Bucket<T> {
  const text = (value: T) => JSON.stringify(value);
  const kept = (token: string, value: T, revision: number) => {
    cache?.keep(token, value, revision, now());
    return revision;
  };
  const valueOf = (entry: KvEntry): Found<T> | null =>
    entry.operation === "PUT"
      ? { value: valueOrFault(readValue<T>(entry.value), entry.key), revision: entry.revision }
      : null;
  const raced = async (key: string, value: T, write: () => Promise<number>) => {
    try {
      return kept(key, value, await write());
    } catch (error) {
      if (error instanceof JetStreamApiError && LOST_RACE.includes(error.code)) return null;
      throw error;
    }
  };
  return {
    async get(key) {
      const token = encodeToken(key);
      if (token === "") return null; // no key at all: nothing can lie there
      if (cache) return cache.get(token);
      const entry = await kv.get(token);
      return entry && valueOf(entry);
    },
    async put(key, value) {
      const token = encodeToken(key);
      return kept(token, value, await kv.put(token, text(value)));
    },
    create(key, value) {
      const token = encodeToken(key);
      return raced(token, value, () => kv.create(token, text(value)));
    },
    update(key, value, revision) {
      const token = encodeToken(key);
      return raced(token, value, () => kv.update(token, text(value), revision));
    },
    async delete(key) {
      const token = encodeToken(key);
      await kv.delete(token);
      cache?.drop(token, Infinity);
    },
    async entries(prefix = "") {
      const all = cache
        ? cache.all().flatMap(([token, { value }]) =>
          isReadable(value) ? [{ key: decodeToken(token), value }] : []
        )
        : await stored(kv, valueOf);
      return all.filter(({ key }) => key.startsWith(prefix));
    },
  };
}

async function stored<T>(kv: KV, valueOf: (entry: KvEntry) => Found<T> | null) {
  const tokens: string[] = [];
  for await (const token of await kv.keys()) tokens.push(token);
  const found = await Promise.all(tokens.map(async (token) => {
    const entry = await kv.get(token);
    const value = entry && valueOf(entry);
    return value ? [{ key: decodeToken(token), value: value.value }] : [];
  }));
  return found.flat();
}

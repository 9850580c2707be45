// The directory's twin in memory: the same answers, entries vanish after their time.
import type { Bucket, Clock, Directory } from "../ports.ts";

interface Row {
  text: string;
  revision: number;
  until: number;
}

export function memoryDirectory(clock: Pick<Clock, "tick">): Directory {
  const buckets = new Map<string, unknown>();
  return {
    bucket<T>(name: string, { ttlMs = 0 } = {}) {
      let bucket = buckets.get(name) as Bucket<T> | undefined;
      if (!bucket) buckets.set(name, bucket = bucketOf<T>(clock, ttlMs));
      return Promise.resolve(bucket);
    },
  };
}

function bucketOf<T>(clock: Pick<Clock, "tick">, ttlMs: number): Bucket<T> {
  const rows = new Map<string, Row>();
  let revision = 0;
  const live = (key: string): Row | null => {
    const row = rows.get(key);
    if (!row || row.until > clock.tick()) return row ?? null;
    rows.delete(key);
    return null;
  };
  const put = (key: string, value: T): number => {
    const until = ttlMs > 0 ? clock.tick() + ttlMs : Infinity;
    rows.set(key, { text: JSON.stringify(value), revision: ++revision, until });
    return revision;
  };
  return {
    get(key) {
      const row = live(key);
      return Promise.resolve(row && { value: JSON.parse(row.text) as T, revision: row.revision });
    },
    put: (key, value) => Promise.resolve(put(key, value)),
    create: (key, value) => Promise.resolve(live(key) ? null : put(key, value)),
    update: (key, value, expected) =>
      Promise.resolve(live(key)?.revision === expected ? put(key, value) : null),
    delete: (key) => Promise.resolve(void rows.delete(key)),
    entries: (prefix = "") =>
      Promise.resolve(
        [...rows.keys()].filter((key) => key.startsWith(prefix) && live(key))
          .map((key) => ({ key, value: JSON.parse(rows.get(key)!.text) as T })),
      ),
  };
}

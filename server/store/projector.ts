// Carries the journal into MongoDB: archive, snapshots, views, and how far it came, all in the same
// database. It goes on from there after any interruption; while MongoDB is away the streams wait.
import type { Db } from "mongodb";
import { streamName, STREAMS } from "../../wire/subjects.ts";
import {
  type Clock,
  type Journal,
  type JournalEntry,
  keyOf,
  type Log,
  type Metrics,
  type Random,
  type Stop,
  unseal,
} from "../runtime/mod.ts";
import {
  archive,
  type Archived,
  ensureIndexes,
  keepPositions,
  PARKED,
  positionOf,
  QUARANTINE,
  replaceOlder,
  snapshots,
  type ViewOf,
  type ViewWrite,
} from "./archive.ts";
import { type Feed, feedOf } from "./feed.ts";

export interface ProjectorOptions {
  journal: Pick<Journal, "tail">;
  db: Db;
  views?: ViewOf;
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
}

export interface Projector {
  /** Does not wait for MongoDB. */
  start(): void;
  stop(): Promise<void>;
  /** How far it is behind: records it knows of, and the age of the oldest of them. */
  lag(): { records: number; ms: number };
}

const GAUGE_MS = 1_000;
const none: ViewOf = () => [];

interface Parked {
  _id: string;
  v: number;
  seq: number;
  why: string;
}

export function createProjector(options: ProjectorOptions): Projector {
  const { journal, db, clock, random, log, metrics, views = none } = options;
  const parked = new Set<string>();
  const behind = new Map<number, number>();
  const stops: Stop[] = [];
  let oldest: number | null = null;
  let stopped = false;
  let gauging: { cancel(): void } | null = null;

  const feed: Feed<JournalEntry> = feedOf({ name: "projector", clock, random, log, take });
  const opening: Feed<number> = feedOf({
    name: "projector start",
    clock,
    random,
    log,
    take: (streams) => open(streams),
  });

  async function open(streams: number[]): Promise<void> {
    await ensureIndexes(db);
    for (const row of await db.collection<Parked>(PARKED).find().toArray()) parked.add(row._id);
    while (streams.length > 0 && !stopped) {
      const stream = streams[0]!;
      const seq = await positionOf(db, streamName(stream)) + 1;
      stops.push(
        await journal.tail(stream, { from: "seq", seq }, async (entry) => {
          behind.set(stream, entry.behind);
          oldest ??= entry.storedAt;
          await feed.put(entry);
        }),
      );
      streams.shift();
    }
  }

  /** Null: nobody can read it. The actor is parked, the others go on. */
  async function read(entry: JournalEntry): Promise<Archived | null> {
    const { address, shard } = entry.place;
    try {
      const record = unseal(entry.bytes, entry.prevSum);
      const { seq, recordId, prevSum, storedAt } = entry;
      return { address, stream: shard % STREAMS, seq, recordId, prevSum, storedAt, record };
    } catch (error) {
      await park(keyOf(address), 0, entry.seq, error);
      return null;
    }
  }
  async function park(key: string, v: number, seq: number, error: unknown): Promise<void> {
    log.error({ actor: key, v, seq, error: String(error) }, "record parks its actor");
    metrics.count("projector_parked");
    const why = String(error);
    await db.collection<Parked>(PARKED)
      .updateOne({ _id: key }, { $setOnInsert: { v, seq, why } }, { upsert: true });
    parked.add(key);
  }
  async function viewsOf(entry: Archived): Promise<ViewWrite[]> {
    const key = keyOf(entry.address);
    if (parked.has(key)) return [];
    try {
      return views(entry.address, entry.record);
    } catch (error) {
      await park(key, entry.record.v, entry.seq, error);
      return [];
    }
  }

  async function take(entries: JournalEntry[]): Promise<void> {
    const begun = clock.tick();
    const records = (await Promise.all(entries.map(read))).filter((entry) => entry !== null);
    const conflicts = await archive(db, records);
    for (const conflict of conflicts) {
      log.error({ ...conflict }, "two records claim the same version");
      metrics.count("projector_conflicts");
      const { _id, ...note } = conflict;
      await db.collection<{ _id: string }>(QUARANTINE)
        .updateOne({ _id }, { $setOnInsert: note }, { upsert: true });
    }
    const doubtful = new Set(conflicts.map(({ _id }) => _id));
    const sound = records.filter(({ address, record }) =>
      !doubtful.has(`${keyOf(address)}#${record.v}`)
    );
    await snapshots(db, sound);
    await replaceOlder(db, (await Promise.all(sound.map(viewsOf))).flat());
    const positions = new Map<string, { seq: number; storedAt: number }>();
    for (const { place, seq, storedAt } of entries) {
      positions.set(streamName(place.shard % STREAMS), { seq, storedAt });
    }
    await keepPositions(db, positions);
    oldest = feed.waiting() > 0 ? entries.at(-1)!.storedAt : null;
    metrics.count("projector_records", {}, entries.length);
    metrics.observe("projector_batch_ms", clock.tick() - begun);
  }

  function lag() {
    const streams = [...behind.values()].reduce((sum, one) => sum + one, 0);
    const ms = oldest === null ? 0 : Math.max(0, clock.now() - oldest);
    return { records: streams + feed.waiting(), ms };
  }
  function gauge() {
    const { records, ms } = lag();
    metrics.gauge("projector_lag_records", records);
    metrics.gauge("projector_lag_ms", ms);
    gauging = clock.after(GAUGE_MS, gauge);
  }

  return {
    lag,
    start() {
      for (let stream = 0; stream < STREAMS; stream++) void opening.put(stream);
      gauge();
    },
    async stop() {
      stopped = true;
      gauging?.cancel();
      await opening.stop();
      await feed.stop();
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}

// Carries the journal into MongoDB: archive, snapshots, views, and how far it came, all in the same
// database. It goes on from there after any interruption; while MongoDB is away the streams wait, and
// so they do at a record of a later release.
import type { Db } from "mongodb";
import type { Address, JournalRecord } from "../../wire/envelope.ts";
import { streamName, STREAMS } from "../../wire/subjects.ts";
import {
  type Clock,
  type Journal,
  type JournalEntry,
  keyOf,
  LaterShape,
  type Log,
  type Metrics,
  type Random,
  type Stop,
  unseal,
} from "../runtime/mod.ts";
import type { ArchivedWord } from "./journal-archive.ts";
import {
  archive,
  type Archived,
  type Conflict,
  ensureIndexes,
  keepPositions,
  PARKED,
  type Position,
  positionOf,
  QUARANTINE,
  replaceOlder,
  rowId,
  snapshots,
  type ViewOf,
  type ViewWrite,
} from "./archive.ts";
import { feedOf } from "./feed.ts";

export interface ProjectorOptions {
  journal: Pick<Journal, "tail">;
  db: Db;
  views?: ViewOf;
  /** The record in the shapes that `views` and `ended` know. */
  present?: (record: JournalRecord, kind: string) => JournalRecord;
  /** True: the actor will never act again, its subject may go some time later. */
  ended?: (kind: string, state: unknown) => boolean;
  /** Hears how far the archive holds the journal. */
  say?: (word: ArchivedWord) => void;
  /** Hears how far the archive held a stream at the start. */
  opened?: (stream: number, upTo: number) => void;
  /** Hears of each record that the archive holds. */
  archived?: (address: Address, seq: number) => void;
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
}

interface Parked {
  _id: string;
  v: number;
  seq: number;
  why: string;
}

/** How far one stream is ahead of the database. */
interface StreamLag {
  /** In the journal, not here yet. */
  behind: number;
  /** Here, not in the database yet; and when the oldest of them was stored. */
  waiting: number;
  oldest: number | null;
}

const GAUGE_MS = 1_000;
const SAY_MS = 5_000; // for those who came after the last word
const BLOCKED_MAX = 5_000; // what one message can name; more of them: nothing counts as archived
const noViews: ViewOf = () => [];
const asItIs = (record: JournalRecord) => record;

export const createProjector = (options: ProjectorOptions) => new Projector(options);

export class Projector {
  /** Actors whose views stand still, and why; those not yet in the database are written first. */
  readonly #parked = new Map<string, Parked | null>();
  readonly #lags = new Map<number, StreamLag>();
  readonly #stops: Stop[] = [];
  readonly #feed;
  readonly #opening;
  /** By stream: everything up to this sequence is in the archive, but records of these actors. */
  readonly #upTo = Array.from({ length: STREAMS }, () => 0);
  readonly #blocked = new Set<string>();
  #saidAt = -Infinity;
  #conflicts = 0;
  #stopped = false;
  #gauging: { cancel(): void } | null = null;

  constructor(readonly options: ProjectorOptions) {
    const { clock, random, log } = options;
    const ports = { clock, random, log };
    this.#feed = feedOf<JournalEntry>({
      ...ports,
      name: "projector",
      take: (entries) => this.#take(entries),
    });
    this.#opening = feedOf<number>({
      ...ports,
      name: "projector start",
      take: (streams) => this.#open(streams),
    });
  }

  /** Does not wait for MongoDB. */
  start(): void {
    for (let stream = 0; stream < STREAMS; stream++) void this.#opening.put(stream);
    this.#gauge();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#gauging?.cancel();
    await this.#opening.stop();
    await this.#feed.stop();
    await Promise.all(this.#stops.map((stop) => stop()));
  }

  /** How far it is behind: records it knows of, and the age of the oldest of them. */
  lag(): { records: number; ms: number } {
    const lags = this.lags();
    return {
      records: lags.reduce((sum, { records }) => sum + records, 0),
      ms: Math.max(0, ...lags.map(({ ms }) => ms)),
    };
  }

  /** The same for each stream of the journal. */
  lags(): { stream: string; records: number; ms: number }[] {
    const now = this.options.clock.now();
    return [...this.#lags].map(([stream, { behind, waiting, oldest }]) => ({
      stream: streamName(stream),
      records: behind + waiting,
      ms: oldest === null ? 0 : Math.max(0, now - oldest),
    }));
  }

  /** Is the database taking what comes, and what of it could not be believed? */
  health(): { failures: number; parkedActors: number; conflicts: number } {
    return {
      failures: this.#feed.failures(),
      parkedActors: this.#parked.size,
      conflicts: this.#conflicts,
    };
  }

  /** Streams that were opened leave the list, so that a second try goes on where the first ended. */
  async #open(streams: number[]): Promise<void> {
    const { db, journal } = this.options;
    await ensureIndexes(db);
    const parked = await db.collection<Parked>(PARKED).find().toArray();
    for (const row of parked) {
      this.#parked.set(row._id, null);
      this.#blocked.add(row._id);
    }
    const doubtful = db.collection<Conflict>(QUARANTINE).find({}, { projection: { address: 1 } });
    for await (const { address } of doubtful) this.#blocked.add(keyOf(address));
    this.#conflicts = await db.collection(QUARANTINE).countDocuments();
    while (streams.length > 0 && !this.#stopped) {
      const stream = streams[0]!;
      const { seq } = await positionOf(db, streamName(stream));
      this.#upTo[stream] = seq;
      this.options.opened?.(stream, seq);
      const stop = await journal.tail(stream, { from: "seq", seq: seq + 1 }, async (entry) => {
        this.#came(stream, entry);
        await this.#feed.put(entry);
      });
      this.#stops.push(stop);
      streams.shift();
    }
  }

  #came(stream: number, { behind, storedAt }: JournalEntry): void {
    const { waiting = 0, oldest = null } = this.#lags.get(stream) ?? {};
    this.#lags.set(stream, { behind, waiting: waiting + 1, oldest: oldest ?? storedAt });
  }

  #went({ place, storedAt }: JournalEntry): void {
    const lag = this.#lags.get(place.shard % STREAMS)!;
    lag.waiting--;
    lag.oldest = lag.waiting > 0 ? storedAt : null;
  }

  async #take(entries: JournalEntry[]): Promise<void> {
    const { db, clock, metrics } = this.options;
    const begun = clock.tick();
    const records = entries.map((entry) => this.#read(entry)).filter((entry) => entry !== null);
    const conflicts = await archive(db, records);
    for (const conflict of conflicts) await this.#quarantine(conflict);
    const doubtful = new Set(conflicts.map(({ _id }) => _id));
    const sound = records.filter(({ address, record }) => !doubtful.has(rowId(address, record.v)));
    const { ended = () => false, archived = () => {}, present = asItIs } = this.options;
    await snapshots(
      db,
      sound,
      ({ address, record }) =>
        record.out.length === 0 && Object.keys(record.timers).length === 0 &&
        ended(address.kind, present(record, address.kind).state),
    );
    const writes = sound.flatMap((entry) => this.#viewsOf(entry));
    await this.#saveParked();
    await replaceOlder(db, writes);
    const positions = new Map<string, Position>();
    for (const { place, seq, storedAt, recordId } of entries) {
      positions.set(streamName(place.shard % STREAMS), { seq, storedAt, recordId });
    }
    await keepPositions(db, positions);
    for (const { place, seq } of entries) this.#upTo[place.shard % STREAMS] = seq;
    for (const { address, seq } of sound) archived(address, seq);
    this.#say();
    for (const entry of entries) this.#went(entry);
    metrics.count("projector_records", {}, entries.length);
    metrics.observe("projector_batch_ms", clock.tick() - begun);
  }

  /** Null: nobody can read it. The actor is parked, the others go on. */
  #read(entry: JournalEntry): Archived | null {
    const { place: { address, shard }, bytes, seq, recordId, prevSum, storedAt } = entry;
    try {
      const record = unseal(bytes, prevSum);
      return { address, stream: shard % STREAMS, seq, recordId, prevSum, storedAt, record };
    } catch (error) {
      if (error instanceof LaterShape) throw error;
      this.#park(keyOf(address), 0, seq, error);
      return null;
    }
  }

  #viewsOf({ address, record, seq }: Archived): ViewWrite[] {
    const { views = noViews, present = asItIs } = this.options;
    const key = keyOf(address);
    if (this.#parked.has(key)) return [];
    try {
      return views(address, present(record, address.kind));
    } catch (error) {
      if (error instanceof LaterShape) throw error;
      this.#park(key, record.v, seq, error);
      return [];
    }
  }

  /** True: records of the actor are not in the archive, or in doubt there. */
  blocked(key: string): boolean {
    return this.#blocked.has(key);
  }

  #say(): void {
    const isSafe = this.#blocked.size <= BLOCKED_MAX;
    this.options.say?.({
      upTo: isSafe ? this.#upTo : this.#upTo.map(() => 0),
      blocked: isSafe ? [...this.#blocked] : [],
    });
    this.#saidAt = this.options.clock.tick();
  }

  #park(key: string, v: number, seq: number, error: unknown): void {
    if (this.#parked.has(key)) return;
    const why = String(error);
    this.options.log.error({ actor: key, v, seq, why }, "record parks its actor");
    this.options.metrics.count("projector_parked");
    this.#parked.set(key, { _id: key, v, seq, why });
    this.#blocked.add(key);
  }

  async #saveParked(): Promise<void> {
    for (const [key, parked] of this.#parked) {
      if (!parked) continue;
      const { _id, ...note } = parked;
      await this.options.db.collection<Parked>(PARKED)
        .updateOne({ _id }, { $setOnInsert: note }, { upsert: true });
      this.#parked.set(key, null);
    }
  }

  async #quarantine(conflict: Conflict): Promise<void> {
    const { db, log, metrics } = this.options;
    log.error({ ...conflict }, "two records claim the same version");
    metrics.count("projector_conflicts");
    this.#conflicts++;
    const { _id, ...note } = conflict;
    this.#blocked.add(keyOf(conflict.address));
    await db.collection<{ _id: string }>(QUARANTINE)
      .updateOne({ _id }, { $setOnInsert: note }, { upsert: true });
  }

  #gauge(): void {
    const { clock, metrics } = this.options;
    for (const { stream, records, ms } of this.lags()) {
      metrics.gauge("projector_lag_records", records, { stream });
      metrics.gauge("projector_lag_ms", ms, { stream });
    }
    metrics.gauge("projector_failures", this.#feed.failures());
    if (clock.tick() - this.#saidAt >= SAY_MS) this.#say();
    this.#gauging = clock.after(GAUGE_MS, () => this.#gauge());
  }
}

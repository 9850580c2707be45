// The archive in small: follows the journal at some distance, keeps every record and its chain, trims
// the journal behind itself, and answers for actors that ended and left. A record that it misses is lost.
import type { AnyActor } from "../../actors/kit/mod.ts";
import type { JournalRecord } from "../../wire/envelope.ts";
import { STREAMS } from "../../wire/subjects.ts";
import {
  type Archive,
  asJournalFault,
  type Journal,
  type JournalEntry,
  JournalFault,
  keyOf,
  type Place,
  type StoredRecord,
} from "../../server/runtime/mod.ts";
import { Books } from "../../server/audit/mod.ts";
import type { MemoryJournal } from "../../server/store/mod.ts";
import type { Random } from "../../sim/random.ts";
import type { Process } from "./process.ts";
import type { Time } from "./time.ts";

export interface ArchiveOptions {
  time: Time;
  random: Random;
  twin: MemoryJournal;
  kinds: readonly AnyActor[];
  weather: { archiveAway: boolean };
  endedKeepMs: number;
  /** A stored record; the checkers have read it already. */
  read(entry: JournalEntry): JournalRecord;
  breach(invariant: string, what: string): void;
  count(name: string): void;
}
interface Kept {
  place: Place;
  newest: JournalEntry & { v: number; sum: string };
  /** Archived records that the journal still holds. */
  inJournal: number;
  quietAt: number;
  /** When it ended for good. */
  endedAt: number | null;
  gone: boolean;
}

const LAG_MS_MAX = 400;
const AWAY_LOOK_MS = 300;
const EVERY = 4; // short runs have short histories
const QUIET_MS = 4_000;
const SWEEP_MS = 1_500;
const WORD_MS_MAX = 2_000;
const FIND_MS = 2_000;

export class ArchiveTwin {
  readonly #actors = new Map<string, Kept>();
  readonly #books = new Books();
  readonly #kinds: ReadonlyMap<string, AnyActor>;
  readonly #upTo: number[] = Array.from({ length: STREAMS }, () => 0);

  constructor(readonly options: ArchiveOptions) {
    this.#kinds = new Map(options.kinds.map((actor) => [actor.kind, actor]));
    const tail: Journal["tail"] = options.twin.tail;
    for (let stream = 0; stream < STREAMS; stream++) {
      void tail(stream, { from: "seq", seq: 1 }, (entry) => this.#take(stream, entry));
    }
    this.#sweep();
  }

  /** What its auditor finds, once all has come to rest. */
  audit() {
    return this.#books.differences(this.options.time.now(), 0);
  }

  /** How far it holds an actor. */
  v(actor: string): number {
    return this.#actors.get(actor)?.newest.v ?? 0;
  }

  /** As one node knows it: what it has heard of the archive's progress is older than the truth. */
  seenBy(process: Process): Archive {
    let upTo: readonly number[] = [...this.#upTo];
    const hear = () => {
      const word = [...this.#upTo];
      process.enter(() => upTo = word);
      if (process.state !== "dead") {
        this.options.time.after(this.options.random.next() * WORD_MS_MAX, hear);
      }
    };
    hear();
    return {
      holds: ({ shard }, seq) => seq <= upTo[shard % STREAMS]!,
      newest: (place) => process.call(() => this.#newest(place)),
    };
  }

  async #take(stream: number, entry: JournalEntry): Promise<void> {
    const { time, random, weather, breach } = this.options;
    if (random.next() < 0.3) await time.sleep(random.next() * LAG_MS_MAX);
    while (weather.archiveAway) await time.sleep(AWAY_LOOK_MS);
    const known = this.#actors.get(entry.actor);
    const record = this.options.read(entry);
    const { v, sum, at, state, out, timers } = record;
    this.#books.take({ ...entry.place.address, ...record });
    const follows = v === (known?.newest.v ?? 0) + 1 && entry.prevSum === (known?.newest.sum ?? "");
    if (!follows) {
      breach("J2", `${entry.actor}: the archive has v ${known?.newest.v ?? 0}, then comes ${v}`);
    }
    const { kind } = entry.place.address;
    const isIdle = out.length === 0 && Object.keys(timers).length === 0;
    const isOver = isIdle && (this.#kinds.get(kind)?.ended?.(state) ?? false);
    this.#actors.set(entry.actor, {
      place: entry.place,
      newest: { ...entry, v, sum },
      inJournal: (known?.inJournal ?? 0) + 1,
      quietAt: time.tick + QUIET_MS,
      endedAt: isOver ? at : null,
      gone: false,
    });
    this.#upTo[stream] = entry.seq;
  }

  #sweep(): void {
    const { time, weather } = this.options;
    if (!weather.archiveAway) { for (const kept of this.#actors.values()) this.#trim(kept); }
    time.after(SWEEP_MS, () => this.#sweep());
  }

  #trim(kept: Kept): void {
    const { time, twin, endedKeepMs, count } = this.options;
    const { place, newest, endedAt } = kept;
    const isDue = kept.inJournal >= EVERY || (kept.inJournal > 1 && time.tick >= kept.quietAt);
    if (isDue) {
      twin.purge(place, newest.seq);
      kept.inJournal = 1;
      count("trimmed");
    }
    if (endedAt === null || kept.gone || endedAt + endedKeepMs > time.now()) return;
    twin.purge(place, newest.seq + 1);
    kept.inJournal = 0;
    kept.gone = true;
    count("left-journal");
  }

  async #newest(place: Place): Promise<Omit<StoredRecord, "seq"> | null> {
    const { time, random, weather, count } = this.options;
    await time.sleep(random.next() * 10);
    if (weather.archiveAway) {
      await time.sleep(FIND_MS);
      throw asJournalFault(new JournalFault("transient", "archive is away"));
    }
    const kept = this.#actors.get(keyOf(place.address));
    if (!kept) return null;
    count("rehydrated");
    const { recordId, prevSum, bytes, v } = kept.newest;
    return { recordId, prevSum, bytes, base: v + 1 };
  }
}

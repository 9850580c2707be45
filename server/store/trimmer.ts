// Trims the journal behind the archive, so that it holds what is not archived yet and the newest record
// of every actor that still acts. Purges never touch a newer record than the one they name, so a
// command that comes meanwhile loses nothing.
import type { Db } from "mongodb";
import type { Address } from "../../wire/envelope.ts";
import {
  type Clock,
  keyOf,
  type Limits,
  type Log,
  type Metrics,
  type Place,
  placeOf,
} from "../runtime/mod.ts";
import { type Snapshot, SNAPSHOTS } from "./archive.ts";

/** Takes the records of an actor below `seq` out of the journal. */
export type Purge = (place: Place, seq: number) => Promise<void>;

export interface TrimmerOptions {
  purge: Purge;
  db: Db;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** Records that the projector could not take stay in the journal. */
  blocked(key: string): boolean;
  limits: Pick<Limits, "endedKeepMs">;
  times?: Partial<TrimTimes>;
}

export interface TrimTimes {
  /** An actor that was quiet for so long keeps its newest record only. */
  quietMs: number;
  sweepMs: number;
  endedMs: number;
}

interface Actor {
  address: Address;
  /** Records in the journal that are archived, the newest among them. */
  count: number;
  seq: number;
  at: number;
}

const EVERY = 16; // records of a busy actor: one purge for so many appends
const AT_ONCE = 64; // the server answers purges one after the other; appends go between
const ENDED_AT_ONCE = 500;
const TIMES: TrimTimes = { quietMs: 30_000, sweepMs: 5_000, endedMs: 60_000 };

export class Trimmer {
  readonly #actors = new Map<string, Actor>();
  readonly #due = new Set<Actor>();
  readonly #times: TrimTimes;
  #working = 0;
  #sweeping: { cancel(): void } | null = null;
  #endedAt: number;
  #failed = false;

  constructor(readonly options: TrimmerOptions) {
    this.#times = { ...TIMES, ...options.times };
    this.#endedAt = options.clock.tick();
    this.#again();
  }

  /** So many more records of the actor, up to this sequence, are in the archive; one lay there before. */
  archived(address: Address, seq: number, count = 1): void {
    const key = keyOf(address);
    const actor = this.#actors.get(key) ?? { address, count: 1, seq, at: 0 };
    this.#actors.set(key, actor);
    actor.count += count;
    actor.seq = seq;
    actor.at = this.options.clock.tick();
    if (actor.count >= EVERY) this.#want(actor);
  }

  stop(): void {
    this.#sweeping?.cancel();
  }

  #again(): void {
    this.#sweeping = this.options.clock.after(this.#times.sweepMs, () => void this.#sweep());
  }

  /** Quiet actors, and those whose purge failed before. */
  async #sweep(): Promise<void> {
    const { clock, metrics } = this.options;
    const now = clock.tick();
    for (const [key, actor] of this.#actors) {
      const quiet = now - actor.at >= this.#times.quietMs;
      if (actor.count > 1 && (quiet || actor.count > EVERY)) this.#want(actor);
      else if (quiet) this.#actors.delete(key);
    }
    metrics.gauge("trim_waiting", this.#due.size);
    if (now - this.#endedAt >= this.#times.endedMs) {
      this.#endedAt = now;
      await this.#purgeEnded().catch((error) => this.#say(error));
    }
    this.#again();
  }

  #want(actor: Actor): void {
    if (!this.options.blocked(keyOf(actor.address))) this.#due.add(actor);
    this.#work();
  }

  #work(): void {
    for (const actor of this.#due) {
      if (this.#working >= AT_ONCE) return;
      this.#due.delete(actor);
      void this.#trim(actor);
    }
  }

  async #trim(actor: Actor): Promise<void> {
    const { purge, metrics } = this.options;
    const older = actor.count - 1;
    actor.count = 1; // at once: what is archived meanwhile counts for the next purge
    this.#working++;
    try {
      await purge(placeOf(actor.address), actor.seq);
      this.#failed = false;
      metrics.count("trimmed_records", {}, older);
    } catch (error) {
      actor.count += older;
      this.#say(error); // the next sweep tries again
    }
    this.#working--;
    this.#work();
  }

  /** What ended long ago leaves no subject behind; from then on the archive answers for it. */
  async #purgeEnded(): Promise<void> {
    const { db, clock, purge, limits, metrics } = this.options;
    const snapshots = db.collection<Snapshot>(SNAPSHOTS);
    const before = clock.now() - limits.endedKeepMs;
    const ended = await snapshots.find({ endedAt: { $lt: before } }).limit(ENDED_AT_ONCE).toArray();
    for (const { _id, tenant, kind, id, seq, v } of ended) {
      await purge(placeOf({ tenant, kind, id }), seq + 1);
      await snapshots.updateOne({ _id, v }, {
        $unset: { endedAt: "" },
        $set: { gone: true },
      });
      metrics.count("trimmed_actors");
    }
  }

  /** Said once, until it works again. */
  #say(error: unknown): void {
    if (!this.#failed) this.options.log.warn({ error: String(error) }, "journal is not trimmed");
    this.#failed = true;
  }
}

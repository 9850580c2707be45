// Notices that the journal lost its tail: a disk that lied, an older copy put back. What this node saw
// stored, and what the archive holds, must still be there; else the stream is read-only until a person
// has run `restore-journal` (invariant J3).
import { readFile, rename, writeFile } from "node:fs/promises";
import type { NatsConnection } from "@nats-io/transport-node";
import { streamName, STREAMS } from "../../wire/subjects.ts";
import { type Clock, type Journal, JournalFault, type Log, type Metrics } from "../runtime/mod.ts";
import { leaderOf } from "./leader.ts";

/** A record that was stored once; `epoch`: the restore it came after. Later restores sort later. */
export interface Mark {
  seq: number;
  recordId: string;
  epoch: string;
}

export interface StreamTails {
  /** Last sequence of a stream, and the name of its last restore ("": never). */
  end(stream: number): Promise<{ seq: number; epoch: string }>;
  /** Record id at a sequence; null: nothing lies there any more. */
  recordAt(stream: number, seq: number): Promise<string | null>;
}

export interface TailGuardOptions {
  journal: Journal;
  tails: StreamTails;
  /** Where this node keeps its marks. */
  file: string;
  /** What the archive holds, by stream; throws while it is away. */
  archived(): Promise<ReadonlyMap<number, Mark>>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}

/** Set on a stream by `restore-journal`: sequences seen before it mean nothing any more. */
export const RESTORED = "chargeward-restored";

export function streamTails(connection: NatsConnection): StreamTails {
  const leader = leaderOf(connection);
  return {
    async end(stream) {
      const { seq, metadata } = await leader.end(streamName(stream));
      return { seq, epoch: metadata[RESTORED] ?? "" };
    },
    recordAt: async (stream, seq) =>
      (await leader.record(streamName(stream), { seq }))?.recordId ?? null,
  };
}

const KEEP_MS = 1_000;
const AGAIN_MS = 1_000;
const ARCHIVE_AGAIN_MS = 5_000;

export class TailGuard {
  readonly #marks = new Map<number, Mark>();
  readonly #behind = new Map<number, string>();
  /** Until it is known what a new connection leads to, nothing is appended. */
  #held = true;
  #changed = false;
  #keeping: { cancel(): void } | null = null;
  #archive: { cancel(): void } | null = null;
  #stopped = false;
  readonly journal: Journal;

  constructor(readonly options: TailGuardOptions) {
    const { journal } = options;
    this.journal = {
      ...journal,
      append: async (place, bytes, marks) => {
        const stream = place.shard % STREAMS;
        this.#refuse(stream);
        const stored = await journal.append(place, bytes, marks);
        this.#saw(stream, stored.seq, marks.recordId);
        return stored;
      },
    };
  }

  /** Reads this node's marks and looks at every stream; the archive is asked when it answers. */
  async start(): Promise<void> {
    await this.#read();
    await this.look();
    void this.#lookAtArchive();
    this.#keep();
  }

  /** The connection was lost: what comes back may be another disk. */
  hold(): void {
    this.#held = true;
  }

  /** Compares every stream with this node's marks; tries until the journal answers. */
  async look(): Promise<void> {
    const { tails, clock, log } = this.options;
    try {
      for (let stream = 0; stream < STREAMS; stream++) {
        const { epoch } = await tails.end(stream);
        const known = this.#marks.get(stream);
        if (known && known.epoch >= epoch) await this.#compare(stream, known, "this node");
        else this.#begin(stream, epoch);
      }
      this.#held = false;
    } catch (error) {
      if (this.#stopped) return;
      log.warn({ error: String(error) }, "journal cannot be compared yet");
      clock.after(AGAIN_MS, () => void this.look());
    }
  }

  /** Names of streams that lost records. */
  behind(): string[] {
    return [...this.#behind.keys()].map(streamName);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#keeping?.cancel();
    this.#archive?.cancel();
    await this.#write();
  }

  /** Never seen, or restored since. */
  #begin(stream: number, epoch: string): void {
    this.#marks.set(stream, { seq: 0, recordId: "", epoch });
    this.#changed = true;
  }

  #refuse(stream: number): void {
    const why = this.#behind.get(stream);
    if (why !== undefined) throw new JournalFault("read-only", why);
    if (this.#held) throw new JournalFault("transient", "the journal is being compared");
  }

  #saw(stream: number, seq: number, recordId: string): void {
    const mark = this.#marks.get(stream);
    if (!mark || seq <= mark.seq) return;
    mark.seq = seq;
    mark.recordId = recordId;
    this.#changed = true;
  }

  async #compare(stream: number, mark: Mark, who: string): Promise<void> {
    const { log, metrics } = this.options;
    const why = await this.#lost(stream, mark, who);
    if (why !== null) {
      log.error({ stream, why }, "journal lost records: read-only until restore-journal was run");
      this.#behind.set(stream, why);
    }
    const isLost = this.#behind.has(stream); // whoever else saw less does not make it whole
    metrics.gauge("journal_read_only", isLost ? 1 : 0, { stream: streamName(stream) });
  }

  /** In words; null: what was seen is still there. */
  async #lost(stream: number, mark: Mark, who: string): Promise<string | null> {
    const { tails } = this.options;
    const name = streamName(stream);
    const { seq, epoch } = await tails.end(stream);
    if (epoch < mark.epoch) return `${name} is older than the restore of ${mark.epoch} ${who} saw`;
    if (epoch > mark.epoch || mark.seq === 0) return null;
    if (seq < mark.seq) return `${name} ends at ${seq}, but ${who} saw ${mark.seq}`;
    const there = await tails.recordAt(stream, mark.seq);
    if (there === null || there === mark.recordId) return null;
    return `${name} has another record at ${mark.seq} than ${who} saw`;
  }

  async #lookAtArchive(): Promise<void> {
    const { archived, clock } = this.options;
    try {
      for (const [stream, mark] of await archived()) {
        await this.#compare(stream, mark, "the archive");
      }
    } catch {
      if (this.#stopped) return;
      this.#archive = clock.after(ARCHIVE_AGAIN_MS, () => void this.#lookAtArchive());
    }
  }

  #keep(): void {
    this.#keeping = this.options.clock.after(KEEP_MS, () => {
      void this.#write().catch((error) =>
        this.options.log.error({ error: String(error) }, "marks of the journal are not kept")
      );
      this.#keep();
    });
  }

  /** Marks that a loss of power tore are none: a node that starts is worth more, the archive remembers. */
  async #read(): Promise<void> {
    const { file, log } = this.options;
    const text = await readFile(file, "utf8").catch(() => "{}");
    try {
      for (const [stream, mark] of Object.entries(JSON.parse(text) as Record<string, Mark>)) {
        this.#marks.set(Number(stream), mark);
      }
    } catch (error) {
      log.error({ file, error: String(error) }, "marks of the journal cannot be read: begun anew");
    }
  }

  async #write(): Promise<void> {
    if (!this.#changed) return;
    this.#changed = false;
    const { file } = this.options;
    await writeFile(`${file}.tmp`, JSON.stringify(Object.fromEntries(this.#marks)));
    await rename(`${file}.tmp`, file);
  }
}

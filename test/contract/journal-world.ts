// The two journals of the contract suite behind one face: real JetStream on a server of its own, and
// the twin in memory.
import { startNats } from "../../server/engines/mod.ts";
import { type Journal, type Place, systemClock } from "../../server/runtime/mod.ts";
import {
  connectNats,
  ensureStreams,
  jetstreamJournal,
  memoryJournal,
  type NatsConnection,
} from "../../server/store/mod.ts";
import { tempDir } from "../kit/temp.ts";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { stateSubject, streamOfShard } from "../../wire/subjects.ts";

export interface JournalWorld extends AsyncDisposable {
  journal: Journal;
  /** A second, independent client of the same storage. */
  other(): Promise<Journal>;
  /** Takes the actor's records before a sequence away, or all. */
  purge(place: Place, beforeSeq?: number): Promise<void>;
  /** Sequences of the actor's records, oldest first. */
  seqs(place: Place): Promise<number[]>;
}

export interface Bounds {
  streamBytes?: number;
  recordsPerActor?: number;
}

export function inMemory(bounds: Bounds = {}): Promise<JournalWorld> {
  const journal = memoryJournal({ clock: systemClock, ...bounds });
  return Promise.resolve({
    journal,
    other: () => Promise.resolve(journal),
    purge: (place, beforeSeq) => Promise.resolve(journal.purge(place, beforeSeq)),
    seqs: (place) => Promise.resolve(journal.history(place).map(({ seq }) => seq)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

export interface NatsWorld extends JournalWorld {
  url: string;
  /** Of the platform's user. */
  seed: string;
  connection: NatsConnection;
  connect(name: string): Promise<NatsConnection>;
  /** Ends the server (kill -9 unless `gently`) and starts it again on the same port and data. */
  restart(downMs: number, gently?: boolean): Promise<void>;
}

export async function onJetStream(
  { streamBytes, ...bounds }: Bounds = {},
): Promise<NatsWorld> {
  const stack = new AsyncDisposableStack();
  try {
    const dir = stack.use(await tempDir("journal-"));
    const nats = await startNats({ dataDir: dir.path, sync: "1s", say: () => {} });
    stack.defer(() => nats.stop());
    const seed = () => new TextEncoder().encode(nats.credentials.platform);
    const connect = async (name: string) => {
      const connection = await connectNats({ url: nats.url, name, seed: seed() });
      stack.defer(() => connection.close());
      return connection;
    };
    const connection = await connect("journal");
    await ensureStreams(connection, {
      ...bounds,
      ...(streamBytes === undefined ? {} : { journalBytes: streamBytes }),
    });
    const maintenance = await connectNats({
      url: nats.url,
      name: "maintenance",
      seed: new TextEncoder().encode(nats.credentials.maintenance),
    });
    stack.defer(() => maintenance.close());
    return {
      url: nats.url,
      seed: nats.credentials.platform,
      connection,
      connect,
      journal: await jetstreamJournal(connection),
      other: async () => await jetstreamJournal(await connect("other")),
      async purge({ shard, address }, beforeSeq) {
        const manager = await jetstreamManager(maintenance);
        await manager.streams.purge(streamOfShard(shard), {
          filter: stateSubject(shard, address),
          ...(beforeSeq === undefined ? {} : { seq: beforeSeq }),
        });
      },
      async seqs({ shard, address }) {
        const consumer = await jetstream(maintenance).consumers.get(streamOfShard(shard), {
          filter_subjects: stateSubject(shard, address),
        });
        const { num_pending } = await consumer.info();
        const seqs: number[] = [];
        if (num_pending === 0) return seqs;
        for await (const { seq } of await consumer.fetch({ max_messages: num_pending })) {
          if (seqs.push(seq) === num_pending) break;
        }
        return seqs;
      },
      async restart(downMs, gently = false) {
        await (gently ? nats.stop() : nats.kill());
        await new Promise((done) => setTimeout(done, downMs));
        await nats.restart();
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (cause) {
    await stack.disposeAsync();
    throw cause;
  }
}

// The journals of the contract suite behind one face: real JetStream on a server or a cluster of its
// own, and the twin in memory with the same faults.
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { type NatsSeeds, startNats } from "../../server/engines/mod.ts";
import { type Journal, JournalFault, type Place, systemClock } from "../../server/runtime/mod.ts";
import {
  connectNats,
  ensureStreams,
  jetstreamJournal,
  type MemoryJournal,
  memoryJournal,
  type NatsConnection,
} from "../../server/store/mod.ts";
import { stateSubject, streamOfShard } from "../../wire/subjects.ts";
import { pause } from "../kit/pause.ts";
import { startCluster } from "../kit/nats-cluster.ts";
import { tempDir } from "../kit/temp.ts";

export interface JournalWorld extends AsyncDisposable {
  journal: Journal;
  /** A second, independent client of the same storage. */
  other(): Promise<Journal>;
  /** Takes the actor's records before a sequence away, or all. */
  purge(place: Place, beforeSeq?: number): Promise<void>;
  /** Sequences of the actor's records, oldest first. */
  seqs(place: Place): Promise<number[]>;
}

/** A journal whose server can go away. */
export interface MortalWorld extends JournalWorld {
  /** Ends the server (kill -9 unless `gently`) and starts it again on the same port and data. */
  restart(downMs: number, gently?: boolean): Promise<void>;
  /** The server stands still from now until thawed; what was asked meanwhile is done late. */
  freeze(): Promise<() => void>;
}

/** A journal on several servers. */
export interface ClusterWorld extends JournalWorld {
  /** Another server leads the actor's stream from now on. */
  stepDown(place: Place): Promise<void>;
  /** Kill -9 of the server that leads the actor's stream; it comes back after a while. */
  killLeader(place: Place, downMs: number): Promise<void>;
}

export interface Bounds {
  streamBytes?: number;
  recordsPerActor?: number;
}

const ANSWER_MS = 1_000; // as long as the journal on JetStream waits
const ELECTION_MS = 300;
const START_MS_MAX = 30_000;
const ASK_MS = 300;
const AGAIN_MS = 100;

export function inMemory(bounds: Bounds = {}): Promise<MortalWorld & ClusterWorld> {
  const twin = memoryJournal({ clock: systemClock, ...bounds });
  const { journal, away } = behindServer(twin);
  const awayFor = async (ms: number) => {
    const back = away();
    await pause(ms);
    back();
  };
  return Promise.resolve({
    journal,
    other: () => Promise.resolve(journal),
    purge: (place, beforeSeq) => Promise.resolve(twin.purge(place, beforeSeq)),
    seqs: (place) => Promise.resolve(twin.history(place).map(({ seq }) => seq)),
    restart: awayFor,
    freeze: () => Promise.resolve(away()),
    stepDown: () => awayFor(ELECTION_MS),
    killLeader: (_place, downMs) => awayFor(downMs),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

/** What is asked of a server that is away is done when it is back, and answered if that is in time. */
function behindServer(twin: MemoryJournal) {
  let back: Promise<void> | null = null;
  const late = <T>(request: () => Promise<T>): Promise<T> => {
    const silent = pause(ANSWER_MS).then((): never => {
      throw new JournalFault("transient", "no acknowledgement in time");
    });
    return Promise.race([back!.then(request), silent]);
  };
  const ask = <T>(request: () => Promise<T>) => back ? late(request) : request();
  const { fires, tail } = twin;
  const journal: Journal = {
    fires,
    tail,
    append: (...args) => ask(() => twin.append(...args)),
    last: (place) => ask(() => twin.last(place)),
    schedule: (...args) => ask(() => twin.schedule(...args)),
  };
  return {
    journal,
    away(): () => void {
      let over!: () => void;
      back = new Promise((done) => over = done);
      return () => {
        back = null;
        over();
      };
    },
  };
}

export interface NatsWorld extends MortalWorld {
  url: string;
  /** Of the platform's user. */
  seed: string;
  connection: NatsConnection;
  connect(name: string, role?: "platform" | "projector"): Promise<NatsConnection>;
}

export async function onJetStream(bounds: Bounds = {}): Promise<NatsWorld> {
  return await opened(async (stack) => {
    const dir = stack.use(await tempDir("journal-"));
    const nats = await startNats({ dataDir: dir.path, sync: "1s", say: () => {} });
    stack.defer(() => nats.stop());
    const clients = await clientsOf(stack, nats, bounds);
    const { connection } = clients;
    const silent = () =>
      Promise.race([connection.rtt().then(() => false), pause(50).then(() => true)]);
    return {
      ...clients,
      async restart(downMs, gently = false) {
        await (gently ? nats.stop() : nats.kill());
        await pause(downMs);
        await nats.restart();
      },
      async freeze() {
        nats.signal("SIGSTOP");
        while (!await silent()); // the signal takes its time
        return () => void nats.signal("SIGCONT");
      },
    };
  });
}

/** Three servers, three replicas of every stream. */
export async function onCluster(bounds: Bounds = {}): Promise<ClusterWorld> {
  return await opened(async (stack) => {
    const dir = stack.use(await tempDir("cluster-"));
    const cluster = await startCluster(dir.path);
    stack.defer(() => cluster.stop());
    const clients = await clientsOf(stack, cluster, bounds, 3);
    const { connection } = clients;
    const manager = await jetstreamManager(connection, { checkAPI: false });
    /** Name of the server that leads a stream; waits while none does. */
    const leaderOf = (stream: string) =>
      patient(async () => {
        const { cluster: known } = await manager.streams.info(stream);
        if (!known?.leader) throw new Leaderless(`'${stream}' has no leader`);
        return known.leader;
      });
    return {
      ...clients,
      async stepDown({ shard }) {
        const stream = streamOfShard(shard);
        const leader = await leaderOf(stream);
        await patient(() => connection.request(`$JS.API.STREAM.LEADER.STEPDOWN.${stream}`));
        while (await leaderOf(stream) === leader) await pause(AGAIN_MS);
      },
      async killLeader({ shard }, downMs) {
        const leader = cluster.servers.get(await leaderOf(streamOfShard(shard)))!;
        await leader.kill();
        await pause(downMs);
        await leader.restart();
      },
    };
  });
}

/** What was begun is ended when the rest fails, or with the world. */
async function opened<T extends object>(
  open: (stack: AsyncDisposableStack) => Promise<T>,
): Promise<T & AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  try {
    const world = await open(stack);
    return { ...world, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (cause) {
    await stack.disposeAsync();
    throw cause;
  }
}

async function clientsOf(
  stack: AsyncDisposableStack,
  { url, credentials }: { url: string; credentials: NatsSeeds },
  { streamBytes, ...bounds }: Bounds,
  replicas = 1,
) {
  const as = async (role: "platform" | "maintenance" | "projector", name: string) => {
    const seed = new TextEncoder().encode(credentials[role]);
    const connection = await patient(() => connectNats({ url, name, seed }));
    stack.defer(() => connection.close());
    return connection;
  };
  const connect = (name: string, role: "platform" | "projector" = "platform") => as(role, name);
  const connection = await connect("journal");
  const asking = await jetstreamManager(connection, { checkAPI: false, timeout: ASK_MS });
  await patient(() => asking.getAccountInfo());
  await ensureStreams(connection, {
    ...bounds,
    replicas,
    ...(streamBytes === undefined ? {} : { journalBytes: streamBytes }),
  });
  const maintenance = await as("maintenance", "maintenance");
  return {
    url,
    seed: credentials.platform,
    connection,
    connect,
    journal: await jetstreamJournal(connection),
    other: async () => await jetstreamJournal(await connect("other")),
    async purge({ shard, address }: Place, beforeSeq?: number) {
      const manager = await jetstreamManager(maintenance);
      await manager.streams.purge(streamOfShard(shard), {
        filter: stateSubject(shard, address),
        ...(beforeSeq === undefined ? {} : { seq: beforeSeq }),
      });
    },
    async seqs({ shard, address }: Place) {
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
  };
}

/** Where many servers start at once, one may be slow to greet; a cluster without a leader is silent. */
async function patient<T>(attempt: () => Promise<T>): Promise<T> {
  const until = Date.now() + START_MS_MAX;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > until) throw error;
      await pause(AGAIN_MS);
    }
  }
}

class Leaderless extends Error {
  override readonly name = "Leaderless";
}

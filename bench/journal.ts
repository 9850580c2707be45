// The journal's server seen from beside the platform: how many records were stored, and what it takes
// of raw appends with the same fence and size. The measure that every share is a share of.
import {
  jetstream,
  type JetStreamManager,
  jetstreamManager,
  StorageType,
} from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { connectNats } from "../server/store/mod.ts";
import { BenchFault } from "./bench-fault.ts";
import type { World } from "../test/kit/world.ts";
import {
  addressOfState,
  statesOfKind,
  streamName,
  STREAMS,
  telemetryStream,
} from "../wire/subjects.ts";

const CALLERS = 256;
const ACTORS = 4_000;

export interface JournalLook extends AsyncDisposable {
  connection: NatsConnection;
  /** Records stored so far, and their size in all. */
  records(): Promise<{ count: number; bytes: number }>;
  /** Raw appends a second: 16 streams, 256 callers, the expected sequence checked. */
  rawAppends(count: number, bytes: number): Promise<number>;
  /** Id and text of the newest record of some actor of that kind. */
  newestOf(kind: string): Promise<{ id: string; text: string }>;
  /** Newest sequence of the readings' stream. */
  telemetrySeq(): Promise<number>;
}

export async function lookAtJournal({ nats }: World): Promise<JournalLook> {
  const seed = new TextEncoder().encode(nats.credentials.platform);
  const connection = await connectNats({ url: nats.url, name: "bench", seed });
  const manager = await jetstreamManager(connection, { timeout: 10_000 });
  const stateOf = async (name: string) => (await manager.streams.info(name)).state;
  return {
    connection,
    async records() {
      const names = Array.from({ length: STREAMS }, (_, k) => streamName(k));
      const states = await Promise.all(names.map(stateOf));
      const sum = (of: (state: typeof states[number]) => number) =>
        states.reduce((total, state) => total + of(state), 0);
      return { count: sum(({ last_seq }) => last_seq), bytes: sum(({ bytes }) => bytes) };
    },
    rawAppends: (count, bytes) => rawAppends(connection, manager, count, bytes),
    newestOf: (kind) => newestOf(manager, kind),
    telemetrySeq: async () => (await stateOf(telemetryStream)).last_seq,
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

async function newestOf(manager: JetStreamManager, kind: string) {
  for (let k = 0; k < STREAMS; k++) {
    const filter = statesOfKind(kind);
    const { state } = await manager.streams.info(streamName(k), { subjects_filter: filter });
    const [subject] = Object.keys(state.subjects ?? {});
    if (subject === undefined) continue;
    const message = await manager.streams.getMessage(streamName(k), { last_by_subj: subject });
    return { id: addressOfState(subject).id, text: message!.string() };
  }
  throw new BenchFault(`no actor in the journal: ${kind}`);
}

async function rawAppends(
  connection: NatsConnection,
  manager: JetStreamManager,
  count: number,
  bytes: number,
): Promise<number> {
  const names = Array.from({ length: STREAMS }, (_, k) => `RAW${k}`);
  for (const [k, name] of names.entries()) {
    await manager.streams.add({ name, subjects: [`raw.${k}.*`], storage: StorageType.File });
  }
  const js = jetstream(connection);
  const body = new Uint8Array(bytes).fill(120);
  const newest = new Map<number, number>();
  const append = async (n: number) => {
    const actor = n % ACTORS;
    const expect = { lastSubjectSequence: newest.get(actor) ?? 0 };
    const ack = await js.publish(`raw.${actor % STREAMS}.${actor}`, body, { expect });
    newest.set(actor, ack.seq);
  };
  let next = 0;
  const begun = performance.now();
  await Promise.all(Array.from({ length: CALLERS }, async () => {
    for (let n = next++; n < count; n = next++) await append(n);
  }));
  const perSecond = count / ((performance.now() - begun) / 1_000);
  for (const name of names) await manager.streams.delete(name);
  return perSecond;
}

// Program: one process of the runtime's bench. It hosts a node, or asks actors, or appends raw, or
// asks a rival over HTTP: so that no side pays for the other's work on its thread.
import { jetstream } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { type ActorNode, type Client, createClient, createNode } from "../server/runtime/mod.ts";
import { placeOf } from "../server/runtime/mod.ts";
import { connectNats, jetstreamJournal, natsNetwork } from "../server/store/mod.ts";
import { stateSubject } from "../wire/subjects.ts";
import { BenchFault } from "./bench-fault.ts";
import { serveCrew } from "./crew.ts";
import { pause } from "./numbers.ts";
import { type Callers, timed, type Times } from "./rounds.ts";
import { counterAt, counterOf } from "./runtime-counter.ts";
import { seedRecords } from "./runtime-seed.ts";
import { UNTRIMMED } from "./runtime-stage.ts";

export interface Work extends Callers {
  /** Names of commands and actors begin with it. */
  round: string;
  /** How many actors there are; asked in turn, or at random. */
  actors: number;
  pick?: "turn" | "random";
  /** First actor, where they are asked in turn. */
  from?: number;
  /** Only look at them. */
  reads?: boolean;
  /** Devices: no ring of answered ids, so a record does not grow with the commands before it. */
  by?: "driver" | "device";
}

const TRIES_MAX = 20;

let connection: NatsConnection;
let node: ActorNode | null = null;
let client: Client | null = null;

const actorOf = ({ round, actors, pick = "turn", from = 0 }: Work, n: number) =>
  counterAt(`${round}-${pick === "turn" ? from + n % actors : Math.floor(Math.random() * actors)}`);

/** Of the node in this process, else over the network. */
async function ask(work: Work): Promise<Times> {
  const to: Pick<Client, "ask" | "read"> = node ??
    (client ??= createClient({ network: natsNetwork(connection) }));
  const principal = { kind: work.by ?? "driver", id: "bench" } as const;
  const begun = `${work.round}-${Deno.pid}-${Math.round(performance.now())}`;
  let repeated = 0;
  const times = await timed(work, async (n) => {
    const address = actorOf(work, n);
    const id = `${begun}-${n}`;
    const command = { id, to: address, type: "Add", body: { by: 1 }, principal } as const;
    for (let tries = 1;; tries++) { // as every caller must: the same id again where the world failed
      const reply = await (work.reads ? to.read({ ...command, name: "total" }) : to.ask(command));
      if (reply.ok) return;
      if (!("fault" in reply) || tries === TRIES_MAX) {
        throw new BenchFault(`command failed: ${JSON.stringify(reply)}`);
      }
      repeated++;
      await pause(reply.fault.afterMs ?? 0);
    }
  });
  return { ...times, repeated };
}

/** Appends as the client library itself makes them: the measure that every share is a share of. */
function raw(work: Work & { bytes: number }) {
  const js = jetstream(connection);
  const body = new Uint8Array(work.bytes).fill(120);
  const newest = new Map<string, number>();
  return timed(work, async (n) => {
    const { shard, address } = placeOf(actorOf(work, n));
    const expect = { lastSubjectSequence: newest.get(address.id) ?? 0 };
    const ack = await js.publish(stateSubject(shard, address), body, { expect });
    newest.set(address.id, ack.seq);
  });
}

/** The same command, of a rival: one POST each; with a key it promises what ours do. */
function post(work: Work & { url: string; keyed: boolean }) {
  const begun = `${work.round}-${Math.round(performance.now())}`;
  return timed(work, async (n) => {
    const url = work.url.replace("{id}", actorOf(work, n).id);
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (work.keyed) headers["idempotency-key"] = `${begun}-${n}`;
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ by: 1 }) });
    const text = await answer.text();
    if (!answer.ok) throw new BenchFault(`command failed: ${answer.status} ${text}`);
  });
}

const deeds = {
  async connect({ url, seed, name }: { url: string; seed: string; name: string }) {
    connection = await connectNats({ url, name, seed: new TextEncoder().encode(seed) });
  },
  /** How long the start took, in ms. */
  async host({ name, pad, residents }: { name: string; pad: number; residents?: number }) {
    const begun = performance.now();
    node = createNode({
      node: name,
      actors: [counterOf(pad)],
      journal: await jetstreamJournal(connection),
      network: natsNetwork(connection),
      limits: { records: UNTRIMMED, ...(residents === undefined ? {} : { residents }) },
    });
    await node.start();
    return performance.now() - begun;
  },
  residents: () => Promise.resolve(node!.status().residents),
  heap() {
    (globalThis as unknown as { gc?(): void }).gc?.();
    return Promise.resolve(Deno.memoryUsage().heapUsed);
  },
  async recordBytes({ id }: { id: string }) {
    const journal = await jetstreamJournal(connection);
    return (await journal.last(placeOf(counterAt(id))))!.bytes.length;
  },
  ask,
  raw,
  post,
  seed: (job: { from: number; to: number; round: string; pad: number }) =>
    seedRecords(connection, job),
  async leave() {
    await node?.stop();
    await client?.stop();
    await connection.close();
  },
};

await serveCrew(deeds as unknown as Parameters<typeof serveCrew>[0]);

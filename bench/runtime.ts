// How much of the journal's speed is left when actors run on it: commands a second and their times,
// as a share of raw appends of the same size with the same fence, in the same run on the same server.
import { jetstream } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { ActorDefinition } from "../actors/kit/mod.ts";
import { replied } from "../actors/kit/mod.ts";
import { startNats } from "../server/engines/mod.ts";
import {
  type ActorNode,
  type Client,
  createClient,
  createNode,
  type Place,
  placeOf,
} from "../server/runtime/mod.ts";
import { connectNats, ensureStreams, jetstreamJournal, natsNetwork } from "../server/store/mod.ts";
import { stateSubject } from "../wire/subjects.ts";
import { BenchFault } from "./bench-fault.ts";
import { type Figure, type Run, spans } from "./figure.ts";

const CALLERS = 256;
const ACTORS = 4_000;
const AIM = 0.5; // of raw appends, the runtime's first goal; 0.7 later
const PARTS = 4;
const PAD = "x".repeat(900); // with it a record has about 1.5 KB, as an order's
const driver = { kind: "driver", id: "usr_bench" } as const;

interface State {
  total: number;
  pad: string;
}
type Add = { type: "Add"; by: number };

const counter: ActorDefinition<State, Add, { type: "Added"; by: number }> = {
  kind: "counter",
  sv: 1,
  initial: { total: 0, pad: PAD },
  parse: (command) => command as unknown as Add,
  grants: { Add: ["driver"] },
  decide: (_state, { by }) => replied([{ type: "Added", by }], (state) => ({ total: state.total })),
  evolve: (state, { by }) => ({ ...state, total: state.total + by }),
  react: () => [],
  read: (_name, state) => ({ body: state.total }),
};

interface Times {
  perSecond: number;
  ms: number[];
}

/** `work` for each number below `count`, so many at once. */
async function timed(count: number, work: (n: number) => Promise<unknown>): Promise<Times> {
  const times: number[] = [];
  let next = 0;
  const begun = performance.now();
  await Promise.all(Array.from({ length: CALLERS }, async () => {
    for (let n = next++; n < count; n = next++) {
      const at = performance.now();
      await work(n);
      times.push(performance.now() - at);
    }
  }));
  const seconds = (performance.now() - begun) / 1_000;
  return { perSecond: count / seconds, ms: times };
}

/** The same work in parts, as one. */
function together(parts: readonly Times[]): Times {
  const ms = parts.flatMap((part) => part.ms);
  const seconds = parts.reduce((sum, part) => sum + part.ms.length / part.perSecond, 0);
  return { perSecond: ms.length / seconds, ms };
}

const place = (round: string, n: number): Place =>
  placeOf({ tenant: "main", kind: "counter", id: `${round}-${n % ACTORS}` });

/** Appends as the client library itself makes them. */
async function raw(connection: NatsConnection, round: string, count: number, size: number) {
  const js = jetstream(connection);
  const bytes = new Uint8Array(size).fill(120);
  const newest = new Map<string, number>();
  return await timed(count, async (n) => {
    const { shard, address } = place(round, n);
    const lastSubjectSequence = newest.get(address.id) ?? 0;
    const expect = { lastSubjectSequence };
    const ack = await js.publish(stateSubject(shard, address), bytes, { expect });
    newest.set(address.id, ack.seq);
  });
}

const commands = (to: Pick<Client, "ask">, round: string, count: number) =>
  timed(count, async (n) => {
    const { address } = place(round, n);
    const body = { by: 1 };
    const id = `${round}-${n}`;
    const reply = await to.ask({ id, to: address, type: "Add", body, principal: driver });
    if (!reply.ok) throw new BenchFault(`command failed: ${JSON.stringify(reply)}`);
  });

async function onServer(sync: string, count: number) {
  const dir = await Deno.makeTempDir({ prefix: "bench-" });
  const nats = await startNats({ dataDir: dir, sync, say: () => {} });
  const connections: NatsConnection[] = [];
  const connect = async (name: string) => {
    const seed = new TextEncoder().encode(nats.credentials.platform);
    const connection = await connectNats({ url: nats.url, name, seed });
    connections.push(connection);
    return connection;
  };
  let node: ActorNode | null = null;
  try {
    const connection = await connect("actors");
    await ensureStreams(connection);
    const journal = await jetstreamJournal(connection);
    node = createNode({
      node: "bench",
      actors: [counter],
      journal,
      network: natsNetwork(connection),
    });
    await node.start();
    await commands(node, "warm", count / 4);
    const size = (await journal.last(place("warm", 0)))!.bytes.length;
    await raw(await connect("raw"), "warmraw", count / 4, size);
    const rows = await compare(sync, count, size, node, connect);
    return { version: nats.version, rows };
  } finally {
    await node?.stop();
    await Promise.all(connections.map((one) => one.close()));
    await nats.stop();
    await Deno.remove(dir, { recursive: true });
  }
}

async function compare(
  sync: string,
  count: number,
  size: number,
  node: ActorNode,
  connect: (name: string) => Promise<NatsConnection>,
): Promise<Figure[]> {
  const client = createClient({ network: natsNetwork(await connect("client")) });
  const rawOn = await connect("raw");
  const part = Math.ceil(count / PARTS);
  const [bases, heres, theres]: [Times[], Times[], Times[]] = [[], [], []];
  for (let n = 1; n <= PARTS; n++) { // in turns: what else the machine does meets all of them
    bases.push(await raw(rawOn, `raw${n}`, part, size));
    heres.push(await commands(node, `here${n}`, part));
    theres.push(await commands(client, `there${n}`, part));
  }
  await client.stop();
  const [base, here, there] = [together(bases), together(heres), together(theres)];
  const rows = [["appends", base], ["commands.local", here], ["commands.network", there]] as const;
  return rows.flatMap(([name, times]): Figure[] => {
    const ratio = times.perSecond / base.perSecond;
    const beside = times === base ? {} : { baseline: Math.round(base.perSecond), ratio, aim: AIM };
    const measure = `${name} (sync ${sync}, ${size} B)`;
    return [
      {
        area: "runtime",
        measure,
        value: Math.round(times.perSecond),
        unit: "1/s",
        ...beside,
      },
      ...spans("runtime", measure, times.ms),
    ];
  });
}

export async function run(options: { commands?: number; syncs?: string[] } = {}): Promise<Run> {
  const { commands: count = 20_000, syncs = ["always", "2m"] } = options;
  const figures: Figure[] = [];
  let engine = "";
  for (const sync of syncs) {
    const { version, rows } = await onServer(sync, count);
    figures.push(...rows);
    engine = version;
  }
  return {
    figures,
    notes: [
      `runtime: nats-server ${engine}; ${CALLERS} callers, ${ACTORS} actors, ${count} commands each`,
      "node, raw appends and callers share one process, as they share the machine's cores",
    ],
  };
}

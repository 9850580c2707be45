// Two nodes that both serve every actor, acknowledgements that get lost, and fifty copies of each
// command at once: one effect, one answer. Without the fence the same run must break.
import { expect, test } from "vitest";
import type { Reply } from "../../wire/envelope.ts";
import {
  type ActorNode,
  createNode,
  type Inspection,
  type Journal,
  systemClock,
} from "../../server/runtime/mod.ts";
import { jetstreamJournal, natsNetwork } from "../../server/store/mod.ts";
import { type NatsWorld, onJetStream } from "../contract/journal-world.ts";
import { everyShard } from "./every-shard.ts";
import { faultyJournal, unfencedJournal } from "./faulty-journal.ts";
import { checkHistories, distinctAnswers, readAll } from "./history.ts";
import { tally } from "./tally.ts";

const ACTORS = 20;
const COPIES = 50;
const SWALLOWED = 0.05;
const driver = { kind: "driver", id: "usr_1" } as const;

/** Seeded, so that a run can be had again (xorshift32). */
function seeded(seed: number) {
  let x = seed;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
}

const at = (actor: number) => ({ tenant: "main", kind: "tally", id: `t${actor}` });

interface Race {
  nodes: ActorNode[];
  hits(): number;
}

async function race(world: NatsWorld, seed: number, fenced: boolean): Promise<Race> {
  const random = seeded(seed);
  const hits: (() => number)[] = [];
  const nodes = await Promise.all(["a", "b"].map(async (name) => {
    const connection = await world.connect(name);
    const real = await jetstreamJournal(connection);
    const inner: Journal = fenced ? real : unfencedJournal(real, connection);
    const swallow = () => random() < SWALLOWED;
    const journal = faultyJournal(inner, systemClock, { swallow });
    hits.push(journal.hits);
    const node = createNode({
      node: name,
      actors: [tally],
      journal,
      network: natsNetwork(connection),
      placement: everyShard(name),
      limits: { mailbox: COPIES * 2 },
    });
    await node.start();
    return node;
  }));
  return { nodes, hits: () => hits.reduce((sum, one) => sum + one(), 0) };
}

/** The same command from fifty sides, half of them at each node; each third tells a neighbour. */
function copies(nodes: ActorNode[], actor: number, round: number): Promise<Reply[]> {
  const word = `w${actor}-${round}`;
  const to = at(actor);
  const command = round % 3 === 2
    ? { type: "Send", body: { to: at((actor + 1) % ACTORS).id, by: 1, word } }
    : { type: "Add", body: { by: 1, word } };
  return Promise.all(Array.from({ length: COPIES }, (_, i) =>
    nodes[i % nodes.length]!.ask({
      id: `key-${actor}-${round}`,
      to,
      ...command,
      principal: driver,
      ttlMs: 15_000,
    })));
}

/** Until no actor has anything left to send. */
async function allSent(node: ActorNode): Promise<void> {
  const left = async () => {
    const all = await Promise.all(
      Array.from({ length: ACTORS }, async (_, actor) => {
        const to = at(actor);
        await node.read({ to, name: "state", principal: driver, sinceV: 9_999, waitMs: 100 });
        const reply = await node.inspect(to);
        return reply.ok ? (reply.body as Inspection).out.length : 1;
      }),
    );
    return all.reduce((sum, one) => sum + one, 0);
  };
  await expect.poll(left, { timeout: 20_000 }).toBe(0);
}

async function run(fenced: boolean, rounds: number) {
  const seed = fenced ? 20_260_101 : 7;
  await using world = await onJetStream();
  const { nodes, hits } = await race(world, seed, fenced);
  const answers: Reply[][] = [];
  for (let round = 0; round < rounds; round++) {
    const actors = Array.from({ length: ACTORS }, (_, actor) => copies(nodes, actor, round));
    answers.push(...await Promise.all(actors));
  }
  if (fenced) await allSent(nodes[0]!);
  await Promise.all(nodes.map((node) => node.stop()));
  const breaches = checkHistories(await readAll(await world.other()));
  const unequal = answers.filter((replies) => distinctAnswers(replies).length !== 1).length;
  console.log(`seed ${seed}: ${hits()} acknowledgements lost, ${breaches.length} breaches`);
  return { breaches, unequal, hits: hits() };
}

test("one effect and one answer per key, with lost acknowledgements on both nodes", async () => {
  const { breaches, unequal, hits } = await run(true, 12);
  expect(hits).toBeGreaterThan(0);
  expect(breaches).toEqual([]);
  expect(unequal).toBe(0);
});

test("without the expected sequence the same run breaks", async () => {
  const { breaches } = await run(false, 3);
  expect(breaches.length).toBeGreaterThan(0);
});

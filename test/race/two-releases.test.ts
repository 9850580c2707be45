// Two releases on one journal, on a real server: both active on every actor, then rolled out one node
// after the other and back again under load. Each command acts once and is answered the same.
import { expect, test } from "vitest";
import type { AnyActor } from "../../actors/kit/mod.ts";
import type { Reply } from "../../wire/envelope.ts";
import { presentRecord } from "../../server/present.ts";
import {
  type ActorNode,
  type Client,
  createClient,
  createNode,
  type JournalEntry,
  unseal,
} from "../../server/runtime/mod.ts";
import { jetstreamJournal, natsNetwork } from "../../server/store/mod.ts";
import { type NatsWorld, onJetStream } from "../contract/journal-world.ts";
import { type Release, releases, type State3 } from "../kit/crate.ts";
import { pause } from "../kit/pause.ts";
import { everyShard } from "./every-shard.ts";
import { distinctAnswers, readAll } from "./history.ts";

const ACTORS = 20;
const ROUNDS = 15;
const TTL_MS = 4_000;
const driver = { kind: "driver", id: "usr_1" } as const;
const newest: AnyActor = releases.r3;
const at = (actor: number) => ({ tenant: "main", kind: "crate", id: `c${actor}` });

interface Started {
  node: ActorNode;
  rung: string[];
}

/** A node of one release; its records bear its name. */
async function start(
  world: NatsWorld,
  release: Release,
  name: string,
  everywhere = false,
): Promise<Started> {
  const connection = await world.connect(name);
  const rung: string[] = [];
  let n = 0;
  const node = createNode({
    node: name,
    actors: [releases[release]],
    journal: await jetstreamJournal(connection),
    network: natsNetwork(connection),
    freshId: () => `${name}-${n++}`,
    alarms: {
      breach: (_at, error) => void rung.push(`breach: ${String(error)}`),
      quarantined: (_at, error) => void rung.push(`quarantined: ${String(error)}`),
      parked: (_at, { id }) => void rung.push(`parked: ${id}`),
    },
    ...(everywhere ? { placement: everyShard(name) } : {}),
  });
  await node.start();
  return { node, rung };
}

/** Asks all sides at once until each has a definite answer; every third word goes to a neighbour too. */
async function put(sides: Pick<Client, "ask">[], actor: number, n: number): Promise<Reply[]> {
  const word = `w${actor}-${n}`;
  const more = n % 3 === 2 ? { tell: at((actor + 1) % ACTORS).id } : {};
  const ask = { id: word, to: at(actor), type: "Put", body: { by: 1, word, ...more } };
  return await Promise.all(sides.map(async (side) => {
    for (;;) {
      const reply = await side.ask({ ...ask, principal: driver, ttlMs: TTL_MS });
      if (!("fault" in reply)) return reply;
      await pause(20);
    }
  }));
}

interface Found {
  /** Versions of the records of each actor, in order. */
  versions: number[][];
  writers: Set<string>;
  words: Map<string, number>;
  breaches: string[];
}

/** What lies in the journal, read as the newest release would read it. */
function found(all: Map<string, JournalEntry[]>): Found {
  const result: Found = { versions: [], writers: new Set(), words: new Map(), breaches: [] };
  for (const [key, entries] of all) {
    let state = newest.initial;
    let sum = "";
    const versions: number[] = [];
    for (const { bytes, prevSum, recordId, place: { address } } of entries) {
      const stored = unseal(bytes, prevSum);
      const record = presentRecord(newest, stored);
      const ctx = { at: record.at, self: address };
      for (const event of record.events) state = newest.evolve(state, event, ctx);
      if (prevSum !== sum) result.breaches.push(`${key} ${record.v}: chain`);
      if (JSON.stringify(state) !== JSON.stringify(record.state)) {
        result.breaches.push(`${key} ${record.v}: events do not fold to the state`);
      }
      if (stored.events.some(({ sv }) => sv !== stored.sv)) {
        result.breaches.push(`${key} ${record.v}: event of another version`);
      }
      versions.push(stored.sv);
      result.writers.add(recordId.split("-")[0]!);
      sum = stored.sum;
    }
    for (const [word, times] of (state as State3).words) {
      result.words.set(word, (result.words.get(word) ?? 0) + times);
    }
    result.versions.push(versions);
  }
  return result;
}

/** All words after so many rounds of each actor. */
const wordsOf = (counts: readonly number[]) =>
  counts.flatMap((count, actor) =>
    Array.from({ length: count }, (_, n) => `w${actor}-${n}`)
      .flatMap((word, n) => n % 3 === 2 ? [word, `${word}+`] : [word])
  ).sort();

const risen = (versions: number[]) => versions.every((sv, i) => i === 0 || sv >= versions[i - 1]!);

test.each<{ pair: [Release, Release]; svs: number[] }>([
  { pair: ["r1", "r2w1"], svs: [1] },
  { pair: ["r2w1", "r2"], svs: [1, 2] },
  { pair: ["r1", "r2"], svs: [1, 2] }, // against the rule: only the later one goes on
])("$pair.0 and $pair.1, both active on every actor", async ({ pair, svs }) => {
  await using world = await onJetStream();
  const actors = Array.from({ length: ACTORS }, (_, actor) => actor);
  const round = (n: number, sides: ActorNode[]) =>
    Promise.all(actors.map((actor) => put(sides, actor, n)));
  const old = await start(world, pair[0], "old", true);
  const answers = await round(0, [old.node]);
  const next = await start(world, pair[1], "new", true);
  const sides = [old, next, old, next].map(({ node }) => node);
  const both = await Promise.all(actors.map(async (actor) => {
    const own: Reply[][] = [];
    for (let n = 1; n < ROUNDS - 1; n++) own.push(await put(sides, actor, n));
    return own;
  }));
  await old.node.stop();
  answers.push(...both.flat(), ...await round(ROUNDS - 1, [next.node]));
  const wanted = wordsOf(Array.from({ length: ACTORS }, () => ROUNDS));
  const other = await world.other();
  await expect.poll(async () => found(await readAll(other)).words.size, { timeout: 20_000 })
    .toBe(wanted.length);
  await next.node.stop();
  const { versions, writers, words, breaches } = found(await readAll(other));
  expect(breaches).toEqual([]);
  expect([...words].filter(([, times]) => times !== 1)).toEqual([]);
  expect([...words.keys()].sort()).toEqual(wanted);
  expect(answers.filter((replies) => distinctAnswers(replies).length !== 1)).toEqual([]);
  expect([...old.rung, ...next.rung]).toEqual([]);
  expect([...new Set(versions.flat())].sort()).toEqual(svs);
  expect(writers).toEqual(new Set(["old", "new"]));
  if (pair[0] === "r1") expect(versions.filter((one) => !risen(one))).toEqual([]);
});

test("a change of shape is rolled out and taken back, node by node, under load", async () => {
  await using world = await onJetStream();
  const story: Release[] = ["r1", "r2w1", "r2", "r2w1", "r2", "r3w2", "r3"];
  let nodes = [await start(world, "r1", "a0"), await start(world, "r1", "b0")];
  const rung = nodes.map((one) => one.rung);
  const client = createClient({ network: natsNetwork(await world.connect("client")) });
  const counts: number[] = Array.from({ length: ACTORS }, () => 0);
  const unequal: Reply[][] = [];
  let running = true;
  const load = Promise.all(counts.map(async (_, actor) => {
    while (running) {
      const replies = await put([client, client], actor, counts[actor]!);
      if (distinctAnswers(replies).length !== 1) unequal.push(replies);
      counts[actor]!++;
      await pause(40);
    }
  }));
  const advanced = async () => {
    const goals = counts.map((count) => count + 3);
    await expect.poll(() => counts.every((count, i) => count >= goals[i]!), { timeout: 20_000 })
      .toBe(true);
  };
  for (const [step, release] of story.slice(1).entries()) {
    for (const [i, side] of ["a", "b"].entries()) {
      const next = await start(world, release, `${side}${step + 1}`);
      rung.push(next.rung);
      if (step % 2 === 0) await nodes[i]!.node.stop();
      else nodes[i]!.node.kill();
      nodes = nodes.with(i, next);
      await advanced();
    }
  }
  running = false;
  await load;
  const wanted = wordsOf(counts);
  const other = await world.other();
  await expect.poll(async () => found(await readAll(other)).words.size, { timeout: 20_000 })
    .toBe(wanted.length);
  await client.stop();
  await Promise.all(nodes.map(({ node }) => node.stop()));
  const { versions, writers, words, breaches } = found(await readAll(other));
  const steps = versions.map((one) => one.filter((sv, i) => sv !== one[i - 1]).join(""));
  console.log(
    `${wanted.length} effects by ${writers.size} nodes; versions in turn: ` +
      [...new Set(steps)].join(),
  );
  expect(breaches).toEqual([]);
  expect([...words].filter(([, times]) => times !== 1)).toEqual([]);
  expect([...words.keys()].sort()).toEqual(wanted);
  expect(unequal).toEqual([]);
  expect(rung.flat()).toEqual([]);
  expect(writers.size).toBe(2 * story.length);
});

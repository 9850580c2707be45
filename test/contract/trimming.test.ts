// The journal behind the archive, on real engines: busy and quiet actors keep what is needed, what ended
// leaves nothing behind and is had back from the archive, and without an archive nothing goes.
import { jetstreamManager } from "@nats-io/jetstream";
import { ulid } from "ulid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type MongoEngine, startMongo } from "../../server/engines/mod.ts";
import { stateSubject, streamOfShard } from "../../wire/subjects.ts";
import {
  type ActorNode,
  createNode,
  entityId,
  type Limits,
  noLog,
  noMetrics,
  placeOf,
  systemClock,
  systemRandom,
} from "../../server/runtime/mod.ts";
import {
  ARCHIVE,
  connectMongo,
  createProjector,
  journalArchive,
  leftoversOf,
  natsNetwork,
  purgeOf,
  sayArchived,
  Trimmer,
} from "../../server/store/mod.ts";
import { tempDir } from "../kit/temp.ts";
import { tally, type TallyState } from "../race/tally.ts";
import { type NatsWorld, onJetStream } from "./journal-world.ts";

const driver = { kind: "driver", id: "usr_1" } as const;
const at = (id: string) => ({ tenant: "main", kind: "tally", id });
const ports = { clock: systemClock, random: systemRandom, log: noLog, metrics: noMetrics };
const ENOUGH = 100; // a tally that counts so far has ended
const actor = { ...tally, ended: ({ total }: TallyState) => total >= ENOUGH };
const within = (task: () => unknown) => expect.poll(task, { timeout: 20_000 });

const stack = new AsyncDisposableStack();
let engine: MongoEngine;
let world: NatsWorld;
let databases = 0;

beforeAll(async () => {
  const dir = stack.use(await tempDir("mongo-")).path;
  engine = await startMongo({ dataDir: dir, say: () => {} });
  stack.defer(() => engine.stop());
  world = stack.use(await onJetStream());
}, 120_000);
afterAll(() => stack.disposeAsync());

interface Platform extends AsyncDisposable {
  node: ActorNode;
  add(id: string, n: number, by?: number): Promise<unknown>;
  project(): void;
  rows(id: string): Promise<number>;
}

/** A node with an archive of its own behind it; `project` starts what carries records there. */
async function platform(name: string, limits: Partial<Limits> = {}): Promise<Platform> {
  const own = new AsyncDisposableStack();
  const connection = await world.connect(name);
  const network = natsNetwork(connection);
  const mongo = connectMongo({ url: engine.url, name, database: `trim${databases++}` });
  own.defer(() => mongo.close());
  const archive = journalArchive(network, mongo.db);
  const { journal } = world;
  const node = createNode({ node: name, actors: [actor], journal, archive, network, limits });
  await node.start();
  own.defer(() => node.stop());
  return {
    node,
    add: (id, n, by = 1) =>
      node.ask({ id: `k${n}`, to: at(id), type: "Add", body: { by }, principal: driver }),
    project() {
      const trimmer = new Trimmer({
        ...ports,
        purge: purgeOf(connection),
        db: mongo.db,
        blocked: (key) => projector.blocked(key),
        limits: { endedKeepMs: 0 },
        times: { quietMs: 300, sweepMs: 100, endedMs: 100 },
      });
      const projector = createProjector({
        ...ports,
        journal,
        db: mongo.db,
        ended: (_kind, state) => actor.ended(state as TallyState),
        say: (word) => sayArchived(network, word),
        archived: (address, seq) => trimmer.archived(address, seq),
      });
      projector.start();
      own.defer(async () => {
        trimmer.stop();
        await projector.stop();
      });
    },
    rows: (id) => mongo.db.collection(ARCHIVE).countDocuments({ id }),
    [Symbol.asyncDispose]: () => own.disposeAsync(),
  };
}

async function kept(id: string): Promise<number> {
  const manager = await jetstreamManager(world.connection, { checkAPI: false });
  const { shard, address } = placeOf(at(id));
  const subject = stateSubject(shard, address);
  const { state } = await manager.streams.info(streamOfShard(shard), { subjects_filter: subject });
  return state.subjects?.[subject] ?? 0;
}

test("an actor with more commands than its subject takes goes on, and keeps few records", async () => {
  await using busy = await platform("busy", { done: 2_000, records: 200 });
  busy.project();
  for (let n = 0; n < 400; n++) {
    // The archive may be behind for a moment: then the caller is told to come again.
    await within(() => busy.add("busy", n, 0)).toMatchObject({ ok: true });
  }
  await within(() => busy.rows("busy")).toBe(400);
  await within(() => kept("busy")).toBe(1);
  expect(await busy.node.inspect(at("busy"))).toMatchObject({ v: 400 });
});

test("while nobody carries records to the archive they stay, and ordinary commands stop early", async () => {
  await using alone = await platform("alone", { records: 20 });
  for (let n = 0; n < 15; n++) expect(await alone.add("alone", n)).toMatchObject({ ok: true });
  expect(await alone.add("alone", 15)).toEqual({ ok: false, fault: { code: "overloaded" } });
  const stop = { type: "Add", body: { by: 1 }, principal: driver, class: "stop" } as const;
  expect(await alone.node.ask({ id: "stop", to: at("alone"), ...stop })).toMatchObject({
    ok: true,
  });
  expect(await kept("alone")).toBe(16);
  alone.project();
  await within(() => kept("alone")).toBe(1);
  await within(() => alone.add("alone", 16)).toMatchObject({ ok: true });
});

test("what a trimmer left when it died is found by the next one", async () => {
  await using early = await platform("early");
  for (let n = 0; n < 5; n++) await early.add("early", n);
  const { shard } = placeOf(at("early"));
  const found = [];
  for await (const one of leftoversOf(world.connection, shard % 16)) found.push(one);
  const newest = await world.journal.last(placeOf(at("early")));
  expect(found).toContainEqual({ address: at("early"), count: 5, seq: newest!.seq });
});

test("an actor that ended leaves no subject, and goes on from the archive when it is asked", async () => {
  await using first = await platform("first", { endedKeepMs: 0 });
  first.project();
  await first.add("done", 1, 40);
  await first.add("done", 2, 60);
  await within(() => kept("done")).toBe(0);
  const repeat = await first.add("done", 2, 60);
  expect(repeat).toMatchObject({ ok: true, v: 2, replay: true });
  expect(await first.add("done", 3, 5)).toMatchObject({ ok: true, v: 3, body: { total: 105 } });
  await within(() => first.rows("done")).toBe(3);
  await within(() => kept("done")).toBe(0); // it has ended still
  expect(await first.add("done", 4, 1)).toMatchObject({ ok: true, v: 4, body: { total: 106 } });
});

test("while the archive is away an old actor is unavailable, never unknown; a young one is served", async () => {
  const network = natsNetwork(await world.connect("blind"));
  const archive = { holds: () => false, newest: () => Promise.reject(new TypeError("no server")) };
  const { journal } = world;
  await using blind = Object.assign(
    createNode({ node: "blind", actors: [actor], journal, archive, network }),
    { [Symbol.asyncDispose]: () => blind.stop() },
  );
  await blind.start();
  const idOf = (mintedAt: number) =>
    entityId("tly", { tenant: "main", principal: driver, route: "r", key: ulid(mintedAt) });
  const add = (id: string) =>
    blind.ask({ id: "k1", to: at(id), type: "Add", body: { by: 1 }, principal: driver });
  const [old, young] = [idOf(Date.now() - 8 * 24 * 3_600_000), idOf(Date.now())];
  expect(await add(old)).toEqual({ ok: false, fault: { code: "unavailable" } });
  expect(await add(young)).toMatchObject({ ok: true, v: 1 });
});

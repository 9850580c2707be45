// The projector on a real journal and a real database: everything arrives once, in any interruption.
import { jetstreamManager } from "@nats-io/jetstream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type MongoEngine, startMongo } from "../../server/engines/mod.ts";
import type { JournalRecord } from "../../wire/envelope.ts";
import {
  createNode,
  type Journal,
  keyOf,
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
  ensureStreams,
  type Mongo,
  natsNetwork,
  PARKED,
  type Projector,
  projectReadings,
  QUARANTINE,
  READINGS,
  SNAPSHOTS,
  teleStream,
  teleWriter,
  type ViewOf,
} from "../../server/store/mod.ts";
import { tempDir } from "../kit/temp.ts";
import { tally, type TallyState } from "../race/tally.ts";
import { type NatsWorld, onJetStream } from "./journal-world.ts";

const encoder = new TextEncoder();
const driver = { kind: "driver", id: "usr_1" } as const;
const at = (id: string) => ({ tenant: "main", kind: "tally", id });
const ports = { clock: systemClock, random: systemRandom, log: noLog, metrics: noMetrics };

const stack = new AsyncDisposableStack();
let dir: string;
let engine: MongoEngine;
let world: NatsWorld;
let databases = 0;

beforeAll(async () => {
  dir = stack.use(await tempDir("mongo-")).path;
  engine = await startMongo({ dataDir: dir, say: () => {} });
  stack.defer(() => engine.stop());
  world = stack.use(await onJetStream());
}, 120_000);
afterAll(() => stack.disposeAsync());

function database(url = engine.url): Mongo {
  const mongo = connectMongo({ url, name: "test", database: `test${databases++}` });
  stack.defer(() => mongo.close());
  return mongo;
}

async function work(journal: Journal, ids: string[], commands: number): Promise<void> {
  const connection = await world.connect("actors");
  const node = createNode({
    node: `n${ids[0]}`,
    actors: [tally],
    journal,
    network: natsNetwork(connection),
  });
  await node.start();
  await Promise.all(ids.map(async (id) => {
    for (let n = 0; n < commands; n++) {
      const body = { by: 1, word: `w${n}` };
      await node.ask({ id: `k${n}`, to: at(id), type: "Add", body, principal: driver });
    }
  }));
  await node.stop();
}

const totals: ViewOf = (address, record) => {
  if (address.kind !== "tally") return [];
  const { total } = record.state as TallyState;
  return [{ collection: "totals", id: keyOf(address), v: record.v, doc: { total } }];
};

function project(mongo: Mongo, views: ViewOf = totals): Projector {
  const projector = createProjector({ ...ports, journal: world.journal, db: mongo.db, views });
  projector.start();
  return projector;
}
const idsOf = (name: string) => Array.from({ length: 12 }, (_, n) => `${name}${n}`);
const count = (mongo: Mongo, name: string, filter: object) =>
  mongo.db.collection(name).countDocuments(filter);

test("archive, snapshots and views hold everything, once, and fold to the stored state", async () => {
  const mongo = database();
  const ids = idsOf("whole");
  const first = project(mongo);
  await work(world.journal, ids, 5);
  const archived = { id: { $in: ids } };
  await expect.poll(() => count(mongo, ARCHIVE, archived), { timeout: 20_000 }).toBe(60);
  await first.stop();
  await work(world.journal, ids, 8); // the first five keys are repeats
  const second = project(mongo);
  await expect.poll(() => count(mongo, ARCHIVE, archived), { timeout: 20_000 }).toBe(96);
  await expect.poll(() => count(mongo, "totals", { total: 8, v: 8 })).toBe(12);
  await expect.poll(() => second.lag().records).toBe(0);
  await second.stop();

  const snapshot = await mongo.db.collection(SNAPSHOTS).findOne({ id: ids[3] });
  const record = JSON.parse(String(snapshot!["record"])) as JournalRecord;
  const rows = await mongo.db.collection(ARCHIVE).find({ id: ids[3] }).sort({ v: 1 }).toArray();
  expect(rows.map((row) => row["v"])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(rows.slice(1).map((row) => row["prevSum"]))
    .toEqual(rows.slice(0, -1).map((row) => row["sum"]));
  expect(rows.at(-1)!["sum"]).toBe(record.sum);
  expect((record.state as TallyState).total).toBe(8);
  expect(rows.every((row) => row["state"] === undefined && row["done"].length === 1)).toBe(true);
});

test("starting again from nothing gives the same rows", async () => {
  const [one, two] = [database(), database()];
  await work(world.journal, idsOf("again"), 3);
  const filter = { id: /^again/ };
  const rows = async (mongo: Mongo) => {
    const projector = project(mongo);
    await expect.poll(() => count(mongo, ARCHIVE, filter), { timeout: 20_000 }).toBe(36);
    await expect.poll(() => count(mongo, "totals", { _id: /again/ as never })).toBe(12);
    await projector.stop();
    return await mongo.db.collection(ARCHIVE).find(filter).sort({ id: 1, v: 1 }).toArray();
  };
  expect(await rows(one)).toEqual(await rows(two));
});

test("a record that a view cannot take parks its actor, the others go on", async () => {
  const mongo = database();
  const ids = idsOf("poison");
  class Unready extends Error {}
  const views: ViewOf = (address, record) => {
    if (address.id === ids[0] && record.v === 2) throw new Unready("no such state");
    return totals(address, record);
  };
  const projector = project(mongo, views);
  await work(world.journal, ids, 4);
  await expect.poll(() => count(mongo, ARCHIVE, { id: { $in: ids } }), { timeout: 20_000 })
    .toBe(48);
  await expect.poll(() => count(mongo, "totals", { _id: /poison/ as never, v: 4 })).toBe(11);
  const parked = await mongo.db.collection(PARKED).find().toArray();
  expect(parked).toMatchObject([{ _id: keyOf(at(ids[0]!)), v: 2 }]);
  await projector.stop();
});

test("bytes that are no record park their actor", async () => {
  const mongo = database();
  const place = placeOf(at("garbage"));
  const marks = { expectedSeq: 0, recordId: "r", prevSum: "", pending: 0, nextAt: null, base: 0 };
  await world.journal.append(place, new TextEncoder().encode("{}"), marks);
  const projector = project(mongo);
  await expect.poll(() => count(mongo, PARKED, { _id: keyOf(place.address) as never }), {
    timeout: 20_000,
  }).toBe(1);
  await projector.stop();
});

test("another record under the same version is noted, and the first one stands", async () => {
  const mongo = database();
  await work(world.journal, ["forked"], 1);
  const _id = `${keyOf(at("forked"))}#1`;
  const forged = { _id: _id as never, sum: "other", tenant: "main", kind: "tally", id: "forked" };
  await mongo.db.collection(ARCHIVE).insertOne({ ...forged, v: 1 });
  const projector = project(mongo);
  await expect.poll(() => mongo.db.collection(QUARANTINE).findOne({ _id: _id as never }), {
    timeout: 20_000,
  }).toMatchObject({ v: 1, stored: "other" });
  expect((await mongo.db.collection(ARCHIVE).findOne({ _id: _id as never }))!["sum"]).toBe("other");
  await projector.stop();
});

test(
  "while the database is away the journal goes on, and everything arrives afterwards",
  async () => {
    await using away = await tempDir("away-");
    const start = (port?: number) =>
      startMongo({ dataDir: away.path, say: () => {}, ...(port === undefined ? {} : { port }) });
    let own = await start();
    const mongo = database(own.url);
    const projector = project(mongo);
    const ids = idsOf("away");
    await work(world.journal, ids, 1);
    const filter = { id: { $in: ids } };
    await expect.poll(() => count(mongo, ARCHIVE, filter), { timeout: 20_000 }).toBe(12);
    const port = Number(new URL(own.url.replace("mongodb:", "http:")).port);
    await own.stop();
    await work(world.journal, ids, 6);
    expect(projector.lag().records).toBeGreaterThan(0);
    own = await start(port);
    const arrived = () => count(mongo, ARCHIVE, filter).catch(() => 0);
    await expect.poll(arrived, { timeout: 40_000 }).toBe(72);
    await projector.stop();
    await own.stop();
  },
  120_000,
);

test("readings are carried from the start where their stream is an older copy or a new one", async () => {
  const mongo = database();
  const connection = await world.connect("gateway");
  const purger = await world.connect("maintenance");
  const manager = await jetstreamManager(purger);
  const store = teleStream(connection, systemClock, systemRandom);
  const say = async (from: number, to: number) => {
    for (let t = from; t < to; t++) await store("tele.main.gw", encoder.encode(`[{"t":${t}}]`));
  };
  const carried = async (rows: number) => {
    const stop = projectReadings({ ...ports, connection, purger, db: mongo.db, trimMs: 0 });
    await expect.poll(() => count(mongo, READINGS, {}), { timeout: 20_000 }).toBe(rows);
    await stop();
  };
  const lose = async () => {
    await manager.streams.delete("TELE");
    await ensureStreams(connection);
  };
  await say(0, 30);
  await carried(30);
  await lose();
  await say(30, 40); // ends before what the database knows
  await carried(40);
  await lose();
  await say(40, 100); // has grown beyond it since
  await carried(100);
});

test("readings arrive once, also when their batch was stored twice", async () => {
  const mongo = database();
  const connection = await world.connect("projector", "projector");
  const purger = await world.connect("maintenance");
  const store = teleStream(connection, systemClock, systemRandom);
  const twice = async (subject: string, bytes: Uint8Array) => {
    await store(subject, bytes);
    await store(subject, bytes);
  };
  const writer = teleWriter({
    gatewayId: "gw",
    store: twice,
    clock: systemClock,
    metrics: noMetrics,
  });
  const stop = projectReadings({ ...ports, connection, purger, db: mongo.db, trimMs: 0 });
  const readings = Array.from({ length: 500 }, (_, n) => ({
    tenant: "main",
    pileId: `P-${n % 5}`,
    connector: 1,
    orderId: `ord_${n % 5}`,
    t: 1_000 * n,
    at: 1_000 * n,
    linkEpoch: 1,
    powerW: 7_000 + n,
  }));
  await Promise.all(readings.map((one) => writer.append([one])));
  await expect.poll(() => count(mongo, READINGS, {}), { timeout: 20_000 }).toBe(500);
  const curve = await mongo.db.collection(READINGS).find({ tenant: "main", orderId: "ord_3" })
    .sort({ t: 1 }).toArray();
  expect(curve.map((row) => row["t"])).toEqual(
    readings.filter(({ orderId }) => orderId === "ord_3").map(({ t }) => t),
  );
  const manager = await jetstreamManager(connection);
  const left = async () => (await manager.streams.info("TELE")).state.messages;
  await expect.poll(left).toBeLessThanOrEqual(1); // what is in the database need not stay
  await stop();
});

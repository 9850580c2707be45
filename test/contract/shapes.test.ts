// Shapes over time behind the journal: the projector shows old records in the newest shape, the archive
// keeps them as they were, and a projector of an earlier release waits rather than guess.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AnyActor } from "../../actors/kit/mod.ts";
import { type MongoEngine, startMongo } from "../../server/engines/mod.ts";
import { presentRecord } from "../../server/present.ts";
import {
  createNode,
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
  memoryJournal,
  memoryNetwork,
  type Mongo,
  PARKED,
  type ViewOf,
} from "../../server/store/mod.ts";
import { type Release, releases, type State3 } from "../kit/crate.ts";
import { tempDir } from "../kit/temp.ts";

const ports = { clock: systemClock, random: systemRandom, log: noLog, metrics: noMetrics };
const at = (id: string) => ({ tenant: "main", kind: "crate", id });
const driver = { kind: "driver", id: "usr_1" } as const;
const actorOf = (release: Release): AnyActor => releases[release];

const stack = new AsyncDisposableStack();
let engine: MongoEngine;
let databases = 0;
beforeAll(async () => {
  const dir = stack.use(await tempDir("mongo-")).path;
  engine = await startMongo({ dataDir: dir, say: () => {} });
  stack.defer(() => engine.stop());
}, 60_000);
afterAll(() => stack.disposeAsync());

function database(): Mongo {
  const mongo = connectMongo({ url: engine.url, name: "test", database: `shapes${databases++}` });
  stack.defer(() => mongo.close());
  return mongo;
}

/** One journal on which releases follow each other. */
function journalOf() {
  const journal = memoryJournal({ clock: systemClock });
  const network = memoryNetwork({ clock: systemClock, random: systemRandom });
  let n = 0;
  return {
    journal,
    network,
    /** The answers of a node of that release to one command of each actor. */
    async work(
      release: Release,
      ids: readonly string[],
      more: { actor?: AnyActor; mongo?: Mongo } = {},
    ) {
      const name = `${release}-${n++}`;
      const port = network.port(name);
      const archive = more.mongo && journalArchive(port, more.mongo.db);
      const node = createNode({
        node: name,
        actors: [more.actor ?? actorOf(release)],
        journal,
        network: port,
        ...(archive ? { archive } : {}),
      });
      await node.start();
      const body = { by: 1, word: name };
      const replies = await Promise.all(
        ids.map((id) => node.ask({ id: name, to: at(id), type: "Put", body, principal: driver })),
      );
      await node.stop();
      archive?.stop();
      return replies;
    },
  };
}
type Worked = ReturnType<typeof journalOf>;

/** Rows that only the newest shape can fill: total and words of the state, amounts of the events. */
const newestViews: ViewOf = ({ id }, { v, state, events }) => {
  const { sum, words } = state as State3;
  const amounts = events.map((event) => (event["amount"] as { whole: number }).whole);
  const totals = { collection: "totals", id, v, doc: { total: sum.whole, words: words.length } };
  return [totals, { collection: "amounts", id: `${id}/${v}`, v, doc: { amounts } }];
};
function project({ journal }: Worked, { db }: Mongo, release: Release, views: ViewOf) {
  const actor = actorOf(release);
  const present = (record: Parameters<typeof presentRecord>[1]) => presentRecord(actor, record);
  const projector = createProjector({ ...ports, journal, db, views, present });
  projector.start();
  return projector;
}
const rowsOf = ({ db }: Mongo, name: string) =>
  db.collection(name).find().sort({ _id: 1 }).toArray();
const ids = Array.from({ length: 6 }, (_, i) => `crate-${i}`);
const story: Release[] = ["r1", "r2w1", "r2", "r3w2", "r3"];

test("views see all records in the newest shape, again and again; the archive keeps each as it was", async () => {
  const worked = journalOf();
  for (const release of story) await worked.work(release, ids);
  const shown: unknown[] = [];
  for (const mongo of [database(), database()]) {
    const projector = project(worked, mongo, "r3", newestViews);
    const count = () => mongo.db.collection("amounts").countDocuments();
    await expect.poll(count, { timeout: 20_000 }).toBe(ids.length * story.length);
    await expect.poll(() => projector.lag().records).toBe(0);
    await projector.stop();
    expect(await rowsOf(mongo, PARKED)).toEqual([]);
    shown.push([await rowsOf(mongo, "totals"), await rowsOf(mongo, "amounts")]);
    const kept = await mongo.db.collection(ARCHIVE).find({ id: ids[0] }).sort({ v: 1 }).toArray();
    expect(kept.map((row) => [row["sv"], row["events"][0].sv])).toEqual(
      [1, 1, 2, 2, 3].map((sv) => [sv, sv]),
    );
    expect(kept[0]!["events"][0]).toMatchObject({ by: 1 });
  }
  expect(shown[0]).toEqual(shown[1]);
  expect(shown[0]).toMatchObject([ids.map(() => ({ total: 5, words: 5 })), {}]);
});

test("an actor that left the journal in its first shape comes back in the newest one", async () => {
  const worked = journalOf();
  const mongo = database();
  await worked.work("r1", ids);
  const projector = project(worked, mongo, "r3", newestViews);
  await expect.poll(() => mongo.db.collection("totals").countDocuments(), { timeout: 20_000 })
    .toBe(ids.length);
  await expect.poll(() => projector.lag().records).toBe(0);
  await projector.stop();
  for (const id of ids) worked.journal.purge(placeOf(at(id)));
  const actor: AnyActor = { ...actorOf("r3"), ended: () => true };
  const replies = await worked.work("r3", ids, { actor, mongo });
  expect(replies).toMatchObject(ids.map(() => ({ ok: true, v: 2, body: { total: 2 } })));
});

test("a projector waits at a record of a later release, and the later one goes on there", async () => {
  const worked = journalOf();
  const mongo = database();
  const oldViews: ViewOf = ({ id }, { v, state }) => [
    { collection: "totals", id, v, doc: { total: (state as { total: number }).total } },
  ];
  const waiting = project(worked, mongo, "r1", oldViews);
  await worked.work("r1", ids);
  const totals = () => rowsOf(mongo, "totals");
  await expect.poll(totals, { timeout: 20_000 }).toMatchObject(ids.map(() => ({ total: 1, v: 1 })));
  await worked.work("r2", ids);
  await expect.poll(() => waiting.lag().records).toBeGreaterThan(0);
  await expect.poll(() => mongo.db.collection(ARCHIVE).countDocuments()).toBe(2 * ids.length);
  expect(await totals()).toMatchObject(ids.map(() => ({ total: 1, v: 1 })));
  await waiting.stop();
  expect(await rowsOf(mongo, PARKED)).toEqual([]);

  const next = project(worked, mongo, "r3", newestViews);
  await expect.poll(totals, { timeout: 20_000 }).toMatchObject(ids.map(() => ({ total: 2, v: 2 })));
  await expect.poll(() => next.lag().records).toBe(0);
  await next.stop();
  expect(await rowsOf(mongo, "amounts")).toHaveLength(ids.length);
});

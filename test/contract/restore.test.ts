// One of the two stores lost records: it is noticed, nothing is built upon it, and `restoreJournal`
// brings both together, whichever is newer.
import { cp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type MongoEngine, startMongo, startNats } from "../../server/engines/mod.ts";
import {
  type ActorNode,
  createNode,
  noLog,
  noMetrics,
  placeOf,
  systemClock,
  systemRandom,
} from "../../server/runtime/mod.ts";
import {
  ARCHIVE,
  archivedMarks,
  connectMongo,
  connectNats,
  createProjector,
  ensureStreams,
  jetstreamJournal,
  type Mongo,
  natsNetwork,
  restoreJournal,
  SNAPSHOTS,
  streamTails,
  TailGuard,
} from "../../server/store/mod.ts";
import type { Address } from "../../wire/envelope.ts";
import { stillRunning } from "../../tools/launch/still-running.ts";
import { tempDir } from "../kit/temp.ts";
import { checkHistories, readAll } from "../race/history.ts";
import { tally } from "../race/tally.ts";

const driver = { kind: "driver", id: "usr_1" } as const;
const at = (id: string) => ({ tenant: "main", kind: "tally", id });
const ports = { clock: systemClock, random: systemRandom, log: noLog, metrics: noMetrics };
const IDS = ["a", "b", "c", "d"];
const within = (task: () => unknown) => expect.poll(task, { timeout: 20_000 });

const stack = new AsyncDisposableStack();
let engine: MongoEngine;
let databases = 0;
beforeAll(async () => {
  const dir = stack.use(await tempDir("mongo-")).path;
  engine = await startMongo({ dataDir: dir, say: () => {} });
  stack.defer(() => engine.stop());
}, 120_000);
afterAll(() => stack.disposeAsync());

/** One node with a guard over its journal and a projector, on a server whose disk can be exchanged. */
class Site {
  readonly dir: string;
  readonly #nats: Awaited<ReturnType<typeof startNats>>;
  readonly #own = new AsyncDisposableStack();
  readonly mongo: Mongo;
  #running = new AsyncDisposableStack();
  #epochs = 0;
  #words = 0;
  node!: ActorNode;
  guard!: TailGuard;
  projector!: ReturnType<typeof createProjector>;

  private constructor(dir: string, nats: Awaited<ReturnType<typeof startNats>>) {
    this.dir = dir;
    this.#nats = nats;
    this.mongo = connectMongo({ url: engine.url, name: "t", database: `restore${databases++}` });
    this.#own.defer(() => this.mongo.close());
    this.#own.defer(() => nats.stop());
  }
  static async open(): Promise<Site> {
    const { path } = stack.use(await tempDir("restore-"));
    const nats = await startNats({ dataDir: join(path, "nats"), sync: "1s", say: () => {} });
    const site = new Site(path, nats);
    stack.defer(() => site.close());
    return site;
  }
  async close(): Promise<void> {
    await this.stop();
    await this.#own.disposeAsync();
  }
  #connect(role: "platform" | "maintenance") {
    const seed = new TextEncoder().encode(this.#nats.credentials[role]);
    return connectNats({ url: this.#nats.url, name: role, seed });
  }

  async start({ project = true } = {}): Promise<void> {
    const connection = await this.#connect("platform");
    this.#running.defer(() => connection.close());
    await ensureStreams(connection);
    const inner = await jetstreamJournal(connection);
    const { db } = this.mongo;
    this.guard = new TailGuard({
      ...ports,
      journal: inner,
      tails: streamTails(connection),
      file: join(this.dir, "marks.json"),
      archived: () => archivedMarks(db),
    });
    await this.guard.start();
    this.#running.defer(() => this.guard.stop());
    const { journal } = this.guard;
    this.projector = createProjector({ ...ports, journal, db });
    if (project) this.projector.start();
    this.#running.defer(() => this.projector.stop());
    const network = natsNetwork(connection);
    this.node = createNode({ node: "n", actors: [tally], journal, network });
    await this.node.start();
    this.#running.defer(() => this.node.stop());
  }
  async stop(): Promise<void> {
    await this.#running.disposeAsync();
    this.#running = new AsyncDisposableStack();
  }
  /** While the server is down, what lies on its disk is kept, put back, or wiped. */
  async disk(work: "keep" | "put back" | "wipe"): Promise<void> {
    const [live, copy] = [join(this.dir, "nats", "jetstream"), join(this.dir, "copy")];
    await this.#nats.stop();
    if (work === "keep") await cp(live, copy, { recursive: true });
    else await rm(live, { recursive: true });
    if (work === "put back") await cp(copy, live, { recursive: true });
    await this.#nats.restart();
  }
  add(id: string) {
    const word = `w${this.#words++}`;
    const command = { type: "Add", body: { by: 1, word }, principal: driver, ttlMs: 3_000 };
    return this.node.ask({ id: word, to: at(id), ...command });
  }
  async addToAll(times: number): Promise<void> {
    for (let n = 0; n < times; n++) {
      for (const id of IDS) expect(await this.add(id)).toMatchObject({ ok: true });
    }
  }
  archived(): Promise<number> {
    return this.mongo.db.collection(ARCHIVE).countDocuments();
  }
  async restore() {
    const connection = await this.#connect("maintenance");
    await ensureStreams(connection);
    const journal = await jetstreamJournal(connection);
    const epoch = `e${this.#epochs++}`;
    const restored = await restoreJournal({ connection, journal, db: this.mongo.db, epoch });
    await connection.close();
    return restored;
  }
  async running() {
    const connection = await this.#connect("maintenance");
    const names = await stillRunning(connection);
    await connection.close();
    return names;
  }
  /** Sequences of the newest records, as the journal and as the archive knows them. */
  async sequences() {
    const connection = await this.#connect("platform");
    const journal = await jetstreamJournal(connection);
    const snapshots = await this.mongo.db.collection<Address & { seq: number }>(SNAPSHOTS).find()
      .toArray();
    const stored = await Promise.all(snapshots.map((one) => journal.last(placeOf(one))));
    await connection.close();
    return {
      journal: stored.map((record) => record?.seq),
      archive: snapshots.map(({ seq }) => seq),
    };
  }
  async breaches() {
    const connection = await this.#connect("platform");
    const all = await readAll(await jetstreamJournal(connection));
    await connection.close();
    return { actors: all.size, breaches: checkHistories(all) };
  }
}

const none = { appended: [], journalNewer: [], forked: [], gaps: [], damaged: [] };

test("a journal put back from an older copy is read-only until it is restored from the archive", async () => {
  const site = await Site.open();
  await site.start();
  await site.addToAll(2);
  await within(() => site.archived()).toBe(8);
  await site.stop();
  await site.disk("keep");
  await site.start();
  expect(site.guard.behind()).toEqual([]);
  await site.addToAll(3);
  await within(() => site.archived()).toBe(20);
  await site.stop();
  await site.disk("put back");

  await site.start();
  expect(site.guard.behind()).toHaveLength(
    new Set(IDS.map((id) => placeOf(at(id)).shard % 16)).size,
  );
  expect(await site.add("a")).toEqual({ ok: false, fault: { code: "unavailable" } });
  await site.stop();
  const restored = await site.restore();
  expect(restored.appended.sort()).toEqual(IDS.map((id) => `main/tally/${id}`));
  expect({ ...restored, appended: [] }).toEqual(none);

  await site.start();
  expect(site.guard.behind()).toEqual([]);
  expect(await site.add("a")).toMatchObject({ ok: true, v: 6, body: { total: 6 } });
  await within(() => site.archived()).toBe(21);
  expect(await site.restore()).toEqual(none); // twice is harmless
});

test("a journal that is gone altogether is made again, timers and open effects included", async () => {
  const site = await Site.open();
  await site.start();
  await site.addToAll(2);
  const due = Date.now() + 3_000;
  const ring = { type: "Ring", body: { name: "tea", at: due }, principal: driver };
  await site.node.ask({ id: "ring", to: at("a"), ...ring });
  await within(() => site.archived()).toBe(9);
  await site.stop();
  await site.disk("wipe");
  expect((await site.restore()).appended).toHaveLength(IDS.length);
  const sequences = await site.sequences(); // what ended is purged by them
  expect(sequences.archive).toEqual(sequences.journal);
  await site.start();
  const state = async () => {
    const reply = await site.node.read({ to: at("a"), name: "state", principal: driver });
    return reply.ok ? reply.body : reply;
  };
  await within(state).toMatchObject({ total: 2, rung: ["tea"] });
});

test("an archive that lost records is filled again from the journal", async () => {
  const site = await Site.open();
  await site.start();
  await site.addToAll(2);
  await within(() => site.archived()).toBe(8);
  await site.stop();
  await site.start({ project: false });
  await site.addToAll(2);
  await site.stop();
  const restored = await site.restore();
  expect(restored).toEqual({ ...none, journalNewer: restored.journalNewer });
  expect(restored.journalNewer).toHaveLength(IDS.length);
  await site.start();
  await within(() => site.archived()).toBe(16);
  expect(await site.breaches()).toEqual({ actors: IDS.length, breaches: [] });
});

test("while the archive alone remembers, a new disk under a node whose marks are torn is noticed too", async () => {
  const site = await Site.open();
  await site.start();
  await site.addToAll(1);
  await within(() => site.archived()).toBe(4);
  await site.stop();
  await site.disk("wipe");
  await writeFile(join(site.dir, "marks.json"), `{"0":{"se`);
  await site.start({ project: false });
  await within(() => site.guard.behind().length).toBeGreaterThan(0);
});

test("a journal that is lost once more after a restore is noticed, by each node and by the archive", async () => {
  const site = await Site.open();
  await site.start();
  await site.addToAll(1);
  await within(() => site.archived()).toBe(4);
  await site.stop();
  await site.restore();
  await site.start();
  await site.addToAll(1);
  await within(() => site.archived()).toBe(8);
  await site.stop();
  await site.restore(); // nothing was archived since: only the name of the restore is left to tell
  await site.disk("wipe");

  await site.start({ project: false });
  expect(site.guard.behind()).toHaveLength(16);
  expect(await site.add("a")).toEqual({ ok: false, fault: { code: "unavailable" } });
  await site.stop();
  await rm(join(site.dir, "marks.json"));
  await site.start({ project: false });
  await within(() => site.guard.behind().length).toBe(16);
  await site.stop();

  expect((await site.restore()).appended).toHaveLength(IDS.length);
  await site.start();
  expect(await site.add("a")).toMatchObject({ ok: true, v: 3, body: { total: 3 } });
});

test("who is about to restore is told which nodes still run", async () => {
  const site = await Site.open();
  await site.start({ project: false });
  expect(await site.running()).toEqual(["n"]);
  await site.stop();
  expect(await site.running()).toEqual([]);
});

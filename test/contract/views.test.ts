// The read models' queries on a real MongoDB: pages that neither skip nor repeat, cursors that carry no
// operator, and a clear word when the database is away.
import { afterAll, beforeAll, expect, test } from "vitest";
import { MongoClient } from "mongodb";
import { type MongoEngine, startMongo } from "../../server/engines/mod.ts";
import { ensureViewIndexes, mongoViews, type Views, ViewsAway } from "../../server/views/mod.ts";
import { tempDir } from "../kit/temp.ts";

const stack = new AsyncDisposableStack();
let engine: MongoEngine;
let mongo: MongoClient;
let views: Views;
beforeAll(async () => {
  const { path } = stack.use(await tempDir("views-"));
  engine = await startMongo({ dataDir: path, say: () => {} });
  stack.defer(() => engine.stop());
  mongo = new MongoClient(engine.url, { serverSelectionTimeoutMS: 2_000 });
  stack.defer(() => mongo.close());
  const db = mongo.db("views");
  await ensureViewIndexes(db);
  await ensureViewIndexes(db); // as every start does
  views = mongoViews({ db, archive: "archive", readings: "readings", lagMs: () => 7 });
}, 60_000);
afterAll(() => stack.disposeAsync());

const put = (collection: string, rows: Record<string, unknown>[]) =>
  mongo.db("views").collection<{ _id: string }>(collection)
    .insertMany(rows as { _id: string }[]);
async function all<T>(read: (cursor?: string) => Promise<{ items: T[]; next: string | null }>) {
  const pages: T[][] = [];
  for (let cursor: string | undefined;;) {
    const { items, next } = await read(cursor);
    pages.push(items);
    if (next === null) return pages;
    cursor = next;
  }
}

test("orders: newest first, per person, station and status, in pages", async () => {
  const order = (n: number) => ({
    _id: `main/ord_${n}`,
    tenant: "main",
    key: `ord_${n}`,
    userId: `usr_${n % 2}`,
    stationId: `stn_${n % 3}`,
    status: n % 5 === 0 ? "paid" : "charging",
    createdAt: `2026-03-02T04:00:0${Math.floor(n / 4)}.000Z`, // four share each moment
    view: { id: `ord_${n}` },
  });
  await put("orders", Array.from({ length: 20 }, (_, n) => order(n + 10)));
  await put("orders", [{ ...order(99), _id: "other/ord_99", tenant: "other" }]);
  const pages = await all((cursor) => views.orders("main", { size: 3, cursor }));
  const ids = pages.flat().map(({ id }) => id);
  expect(pages.map((page) => page.length)).toEqual([3, 3, 3, 3, 3, 3, 2]);
  expect(ids).toEqual(Array.from({ length: 20 }, (_, i) => `ord_${29 - i}`));
  const mine = await views.orders("main", { userId: "usr_1", status: "paid", size: 50 });
  expect(mine.items.map(({ id }) => id)).toEqual(["ord_25", "ord_15"]);
  const stations = await views.orders("main", { stations: ["stn_0"], size: 2 });
  expect(stations.items.map(({ id }) => id)).toEqual(["ord_27", "ord_24"]);
});

test("reservations by appeal; no-shows that still count, of who missed one at these stations", async () => {
  const iso = (at: number) => new Date(at).toISOString();
  const reservation = (n: number, more: Record<string, unknown>) => ({
    _id: `main/rsv_${n}`,
    tenant: "main",
    key: `rsv_${n}`,
    userId: "usr_1",
    stationId: "stn_1",
    status: "no-show",
    from: iso(n * 1_000),
    view: { id: `rsv_${n}` },
    ...more,
  });
  await put("reservations", [
    reservation(1, {}),
    reservation(2, { userId: "usr_2", stationId: "stn_2" }),
    reservation(3, { userId: "usr_3", status: "appealed", appeal: "waiting" }),
    reservation(4, { status: "appealed", appeal: "granted" }),
  ]);
  const appeals = await views.reservations("main", { appeal: "waiting", size: 5 });
  expect(appeals.items.map(({ id }) => id)).toEqual(["rsv_3"]);

  const user = (n: number, at: number[], barredUntil = 0) => ({
    _id: `main/usr_${n}`,
    tenant: "main",
    key: `usr_${n}`,
    missedAt: at.at(-1),
    missed: at.map((at, i) => ({ reservationId: `rsv_${n}${i}`, at })),
    barredUntil,
    view: {},
  });
  await put("users", [
    user(1, [500, 1_500, 2_500], 9_000),
    user(2, [2_000]),
    user(3, [900]), // too long ago
    { _id: "main/usr_4", tenant: "main", key: "usr_4", view: {} }, // never missed any
  ]);
  const pages = await all((cursor) => views.noShows("main", { since: 1_000, size: 1, cursor }));
  expect(pages.flat()).toEqual([
    {
      userId: "usr_1",
      noShows: [{ reservationId: "rsv_12", at: iso(2_500) }, {
        reservationId: "rsv_11",
        at: iso(1_500),
      }],
      suspendedUntil: iso(9_000),
    },
    { userId: "usr_2", noShows: [{ reservationId: "rsv_20", at: iso(2_000) }] },
  ]);
  const there = await views.noShows("main", { since: 1_000, stations: ["stn_2"], size: 5 });
  expect(there.items.map(({ userId }) => userId)).toEqual(["usr_2"]);
});

test("a cursor that somebody made up starts from the top and carries no operator", async () => {
  const top = await views.orders("main", { size: 2 });
  const forged = [
    "x",
    Buffer.from(`[{"$gt":""},{"$gt":""}]`).toString("base64url"),
    Buffer.from(`["a"]`).toString("base64url"),
    Buffer.from("null").toString("base64url"),
  ];
  for (const cursor of forged) expect(await views.orders("main", { size: 2, cursor })).toEqual(top);
});

test("timeline: events newest first out of the archive", async () => {
  const row = (v: number, ...types: string[]) => ({
    _id: `p#${v}`,
    tenant: "main",
    kind: "pile",
    id: "P1",
    v,
    at: 1_000 * v,
    cause: { command: "c", type: "ReportPlug", principal: { kind: "device", id: "P1" } },
    events: types.map((type) => ({ type, sv: 1 })),
  });
  await put("archive", [row(1, "A"), row(2, "B", "C"), row(3)]);
  const { items } = await views.timeline("main", "pile", "P1", {});
  expect(items.map(({ v, type, by }) => [v, type, by.kind])).toEqual([
    [2, "C", "device"],
    [2, "B", "device"],
    [1, "A", "device"],
  ]);
  const pages = await all((cursor) => views.timeline("main", "pile", "P1", { size: 1, cursor }));
  expect(pages.map((page) => page.length)).toEqual([0, 2, 1]);
});

test("curve: readings of the connector while the charge ran, a device's wrong clock mended", async () => {
  const from = Date.parse("2026-03-02T04:00:00Z");
  const reading = (n: number, more: object = {}) => ({
    _id: `r${n}`,
    tenant: "main",
    pileId: "P1",
    connector: 1,
    t: from + n * 1_000,
    at: from + n * 1_000,
    powerW: n,
    ...more,
  });
  await put("readings", [
    reading(1),
    reading(2, { t: from + 3_600_000 }),
    reading(3, { connector: 2 }),
    reading(-5),
    reading(500),
  ]);
  const charge = { pileId: "P1", connector: 1, fromAt: from, toAt: from + 10_000 };
  const points = await views.curve("main", charge);
  expect(points.map(({ powerW }) => powerW)).toEqual([1, 2]);
  expect(points[1]!.t).toBe("2026-03-02T04:00:02.000Z");
});

test("incidents, wallet lines and piles", async () => {
  await put("incidents", [
    {
      _id: "i1",
      tenant: "main",
      key: "a",
      at: 1,
      row: "2.7",
      outcome: "handled",
      view: { id: "a" },
    },
    {
      _id: "i2",
      tenant: "main",
      key: "b",
      at: 2,
      row: "2.1",
      outcome: "handled",
      stationId: "s",
      view: { id: "b" },
    },
  ]);
  expect((await views.incidents("main", {})).items.map(({ id }) => id)).toEqual(["b", "a"]);
  expect((await views.incidents("main", { row: "2.7" })).items.map(({ id }) => id)).toEqual(["a"]);
  const scoped = await views.incidents("main", { stations: ["s"] });
  expect(scoped.items.map(({ id }) => id)).toEqual(["b"]);
  await put("wallet-lines", [
    { _id: "l1", tenant: "main", userId: "usr_1", key: "usr_1/000000000002/0", view: { v: 2 } },
    { _id: "l2", tenant: "main", userId: "usr_1", key: "usr_1/000000000010/0", view: { v: 10 } },
    { _id: "l3", tenant: "main", userId: "usr_2", key: "usr_2/000000000001/0", view: { v: 1 } },
  ]);
  const lines = await views.walletLines("main", "usr_1", {});
  expect(lines.items.map(({ v }) => v)).toEqual([10, 2]);
  await put("piles", [
    {
      _id: "main/P2",
      tenant: "main",
      key: "P2",
      stationId: "s",
      status: "free",
      view: { id: "P2" },
    },
    {
      _id: "main/P1",
      tenant: "main",
      key: "P1",
      stationId: "s",
      status: "free",
      view: { id: "P1" },
    },
  ]);
  expect((await views.piles("main", { status: "free" })).items.map(({ id }) => id))
    .toEqual(["P1", "P2"]);
  expect((await views.piles("main", { stations: [] })).items).toEqual([]);
  expect(views.lagMs()).toBe(7);
});

test("a database that is away is said within seconds", async () => {
  await engine.stop();
  const startedAt = performance.now();
  await expect(views.orders("main", {})).rejects.toBeInstanceOf(ViewsAway);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

// The public surface of a whole platform: one charge as phone and console see it, over HTTP and
// socket.io, with the sandbox provider; every answer against its published shape.
import { afterAll, beforeAll, expect, test } from "vitest";
import { join } from "node:path";
import * as http from "../../wire/http.ts";
import * as ops from "../../wire/http-ops.ts";
import { type Driver, newKey } from "../../sim/mod.ts";
import type { Fact, Tick } from "../../wire/live.ts";
import { connectPile, openPlace, type Place, richDriver } from "../kit/place.ts";
import type { Program } from "../kit/processes.ts";
import { startWorld, type World } from "../kit/world.ts";

let world: World;
let server: Program;
let place: Place;
beforeAll(async () => {
  world = await startWorld({ sync: "100ms" });
  server = await world.startServer();
  place = await openPlace(server.url, join(world.dir, "node-1"));
}, 120_000);
afterAll(() => world?.[Symbol.asyncDispose]());

const untilOrder = async (driver: Driver, id: string, ...wanted: string[]) => {
  for (let v = 0;;) {
    const order = http.order.parse(await driver.api.get(`/v1/orders/${id}`, { waitV: v }));
    if (wanted.includes(order.status)) return order;
    expect(["start-failed", "declined", "bill-review"]).not.toContain(order.status);
    v = order.v;
  }
};

/** Finds the pile as a driver does, and brings a car to it. */
async function arrive() {
  const made = await place.addPile("PUB-1", "native");
  const driver = await richDriver(server.url, 1);
  const resolved = await driver.api.get("/v1/resolve", { code: `${server.url}/p/${made.code}` });
  expect(http.resolved.parse(resolved)).toEqual({ pileId: "PUB-1", code: made.code });
  const dark = http.quote.parse(await driver.api.get("/v1/piles/PUB-1/quote", { connector: 1 }));
  expect(dark).toMatchObject({ startable: false, why: "pile.offline" });

  const pile = await connectPile(world, server.url, made, "native");
  for (let v = 0, plugged: boolean | null | undefined; plugged !== true;) {
    const shown = http.publicPile.parse(await driver.api.get("/v1/piles/PUB-1", { waitV: v }));
    plugged = shown.connectors[0]?.plugged;
    v = shown.v;
  }
  const quote = http.quote.parse(await driver.api.get("/v1/piles/PUB-1/quote", { connector: 1 }));
  expect(quote).toMatchObject({ startable: true, plugged: true });
  expect(http.publicPile.parse(await driver.api.get("/v1/piles/PUB-1")).presence).toBe("online");
  const detail = http.stationDetail.parse(await driver.api.get(`/v1/stations/${place.stationId}`));
  expect(detail.piles.map(({ id }) => id)).toContain("PUB-1");
  const near = { near: "31.2,121.4", radiusM: 1_000, free: "true" };
  const stations = http.stationList.parse(await driver.api.get("/v1/stations", near));
  expect(stations.items[0]).toMatchObject({ id: place.stationId, distanceM: 0 });
  return { driver, pile, tariffVersion: quote.tariffVersion };
}

/** Ten taps and two more: one order, the same answer to each; another body is refused. */
async function tapStart(driver: Driver, tariffVersion: string) {
  const body = {
    pileId: "PUB-1",
    connector: 1,
    tariffVersion,
    limit: { energyWh: 20_000 },
    pay: { by: "wallet", autoCapture: true },
    ageMs: 0,
  };
  const key = newKey();
  const starts = await Promise.all(
    Array.from({ length: 10 }, () => driver.api.ask("POST", "/v1/orders", { body, key })),
  );
  const started = http.order.parse(starts[0]!.body);
  expect(starts.every(({ status }) => status === 202)).toBe(true);
  expect(new Set(starts.map(({ body }) => (body as http.Order).id)).size).toBe(1);
  expect(starts[0]!.headers.get("location")).toBe(`/v1/orders/${started.id}`);
  const replay = await driver.api.ask("POST", "/v1/orders", { body, key });
  expect(replay.headers.get("idempotent-replay")).toBe("true");
  expect(replay.body).toEqual(started);
  const other = await driver.api.ask("POST", "/v1/orders", { body: { ...body, ageMs: 1 }, key })
    .catch((error: { code: string }) => error.code);
  expect(other).toBe("key.reused");
  return started;
}

test("a charge from the code under the QR to the receipt", async () => {
  const { driver, pile, tariffVersion } = await arrive();
  const started = await tapStart(driver, tariffVersion);
  const facts: Fact[] = [];
  const ticks: Tick[] = [];
  const live = driver.live({
    fact: (fact) => facts.push(fact),
    tick: (tick) => ticks.push(tick),
  });
  await live.watch(`order:${started.id}`);
  await untilOrder(driver, started.id, "charging");
  expect((await driver.api.get<{ orders: unknown[] }>("/v1/me/active")).orders).toHaveLength(1);
  while (ticks.length < 2) await new Promise((done) => setTimeout(done, 50));

  const stop = await driver.api.ask("POST", `/v1/orders/${started.id}/stop`);
  expect(stop.status).toBe(202);
  const paid = await untilOrder(driver, started.id, "paid");
  expect(paid).toMatchObject({ ending: "user", dues: [{ status: "paid" }] });
  const again = await driver.api.ask("POST", `/v1/orders/${started.id}/stop`);
  expect([again.status, (again.body as http.Order).status]).toEqual([200, "paid"]);
  live.close();
  const versions = facts.map(({ v }) => v);
  expect(versions).toEqual(versions.map((_, i) => versions[0]! + i));

  const path = `/v1/orders/${started.id}`;
  const bill = http.billAnswer.parse(await driver.api.get(`${path}/bill`));
  expect(http.receipt.parse(await driver.api.get(`${path}/receipt`)).bill).toEqual(bill.bill);
  const wallet = http.wallet.parse(await driver.api.get("/v1/wallet"));
  expect(wallet).toMatchObject({ balanceFen: 50_000 - bill.bill.totalFen, heldFen: 0 });
  await pile.stop();
}, 90_000);

test("lists, curve and timeline follow within seconds", async () => {
  const driver = await richDriver(server.url, 1, 0);
  const until = async <T>(read: () => Promise<T>, isThere: (value: T) => boolean) => {
    for (;;) {
      const value = await read();
      if (isThere(value)) return value;
      await new Promise((done) => setTimeout(done, 100));
    }
  };
  const orders = await until(
    async () => http.orderList.parse(await driver.api.get("/v1/orders")),
    ({ items }) => items[0]?.status === "paid",
  );
  expect(orders.items).toHaveLength(1);
  const { id } = orders.items[0]!;
  const lines = await until(
    async () => http.walletLines.parse(await driver.api.get("/v1/wallet/lines")),
    ({ items }) => items.length >= 3,
  );
  expect(lines.items.map(({ cause }) => cause).toReversed().slice(0, 2)).toEqual([
    "recharge",
    "hold",
  ]);
  const curve = await until(
    async () => http.curve.parse(await driver.api.get(`/v1/orders/${id}/curve`)),
    ({ items }) => items.length > 0,
  );
  expect(curve.items[0]!.powerW).toBeGreaterThanOrEqual(0);
  const page = ops.timeline.parse(
    await place.ops.api.get("/v1/ops/piles/PUB-1/timeline", { size: 2 }),
  );
  expect(page.next).not.toBeNull();
  const rest = ops.timeline.parse(
    await place.ops.api.get("/v1/ops/piles/PUB-1/timeline", { size: 200, cursor: page.next! }),
  );
  expect(rest.items.at(-1)!.type).toBe("PileRegistered");
  expect(ops.pileList.parse(await place.ops.api.get("/v1/ops/piles")).items[0]!.id).toBe("PUB-1");
  expect(ops.wall.parse(await place.ops.api.get("/v1/ops/wall")).rows[0]![0]).toBe("PUB-1");
  expect(await place.ops.api.get(`/v1/ops/actors/order/${id}`)).toMatchObject({ node: "node-1" });
  ops.incidentList.parse(await place.ops.api.get("/v1/ops/incidents"));
  const all = http.orderList.parse(await place.ops.api.get("/v1/orders"));
  expect(all.items.map((order) => order.id)).toContain(id);
}, 60_000);

test("money refused before anything moves; bound accounts; a card", async () => {
  const made = await place.addPile("PUB-2", "native");
  const pile = await connectPile(world, server.url, made, "native");
  const poor = await richDriver(server.url, 2, 0);
  const quote = http.quote.parse(await poor.api.get("/v1/piles/PUB-2/quote", { connector: 1 }));
  const body = (by: string) => ({
    pileId: "PUB-2",
    connector: 1,
    tariffVersion: quote.tariffVersion,
    pay: { by, autoCapture: false },
    ageMs: 0,
  });
  const start = (by: string, more: object = {}) =>
    poor.api.ask("POST", "/v1/orders", { body: { ...body(by), ...more }, tries: 1 })
      .then(() => "started", (error: { code: string }) => error.code);
  expect(await start("wallet")).toBe("wallet.balance-too-low");
  expect(await start("wechat")).toBe("payment.not-bound");
  expect(await start("wallet", { ageMs: 60_001 })).toBe("start.too-old");
  expect(await start("wallet", { tariffVersion: "tv_other" })).toBe("order.price-changed");
  const bound = http.bindingOpened.parse(await poor.api.post("/v1/me/bindings", { by: "wechat" }));
  await poor.api.ask("POST", bound.handoff!.value, { body: {} });
  for (;;) {
    const { items } = http.bindings.parse(await poor.api.get("/v1/me/bindings"));
    if (items.some(({ id }) => id === bound.bindingId)) break;
    await new Promise((done) => setTimeout(done, 50));
  }
  await poor.api.ask("DELETE", `/v1/me/bindings/${bound.bindingId}`);
  expect(http.bindings.parse(await poor.api.get("/v1/me/bindings")).items).toEqual([]);
  await place.ops.giveCard({ idTag: "CARD0001", userId: poor.userId });
  const cards = ops.cardList.parse(await place.ops.api.get("/v1/ops/id-tags"));
  expect(cards.items).toMatchObject([{ idTag: "CARD0001", blocked: false }]);
  const estop = await place.ops.api.ask("POST", "/v1/ops/estop", {
    body: { pileId: "PUB-2", reason: "smoke" },
  });
  expect(ops.estopAnswer.parse(estop.body).piles).toMatchObject([{ outcome: "stopping" }]);
  expect(await start("wallet")).toBe("pile.disabled");
  await pile.stop();
}, 90_000);

test("without MongoDB a charge starts, stops and is paid; only lists are away", async () => {
  const made = await place.addPile("PUB-3", "native");
  const pile = await connectPile(world, server.url, made, "native");
  const driver = await richDriver(server.url, 3);
  await world.mongo.stop();
  const quote = http.quote.parse(await driver.api.get("/v1/piles/PUB-3/quote", { connector: 1 }));
  const body = {
    pileId: "PUB-3",
    connector: 1,
    tariffVersion: quote.tariffVersion,
    pay: { by: "wallet", autoCapture: false },
    ageMs: 0,
  };
  const { id } = await driver.api.post<http.Order>("/v1/orders", body);
  await untilOrder(driver, id, "charging");
  const away = await driver.api.ask("GET", "/v1/orders", { tries: 1 })
    .catch((error: { code: string }) => error.code);
  expect(away).toBe("unavailable");
  const stations = http.stationList.parse(await driver.api.get("/v1/stations"));
  expect(stations.items.map((station) => station.id)).toContain(place.stationId);
  expect((await driver.api.get<{ orders: unknown[] }>("/v1/me/active")).orders).toHaveLength(1);
  while (pile.register() < 10) await new Promise((done) => setTimeout(done, 100));
  await driver.api.ask("POST", `/v1/orders/${id}/stop`);
  const due = await untilOrder(driver, id, "awaiting-payment", "paid");
  if (due.status === "awaiting-payment") await driver.pay(id, "wechat");
  await untilOrder(driver, id, "paid");
  await driver.recharge(100);
  await pile.stop();
}, 90_000);

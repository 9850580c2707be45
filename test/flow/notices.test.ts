// An abnormal end on a whole platform: the driver hears of it by socket, push, SMS and inbox, once each,
// also over the death of the server that was telling it; and help reaches the console.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Driver, newKey, type Pile } from "../../sim/mod.ts";
import type { Notice } from "../../wire/live.ts";
import { connectPile, openPlace, type Place, richDriver } from "../kit/place.ts";
import type { Program } from "../kit/processes.ts";
import { type PushService, pushService } from "../kit/push-service.ts";
import { startWorld, type World } from "../kit/world.ts";

let publicKey = "";
let world: World;
let service: PushService;
let server: Program;
let place: Place;
let people = 0;
const piles: Pile[] = [];

beforeAll(async () => {
  service = pushService(() => publicKey);
  world = await startWorld({ sync: "100ms" });
  server = await world.startServer({
    env: { CHARGEWARD_PUSH_HOSTS: service.host },
  });
  place = await openPlace(server.url, `${world.dir}/node-1`);
}, 120_000);

afterAll(async () => {
  await Promise.all(piles.map((pile) => pile.stop()));
  await world?.[Symbol.asyncDispose]();
  await service?.[Symbol.asyncDispose]();
}, 60_000);

interface Charging {
  driver: Driver;
  phone: string;
  pile: Pile;
  orderId: string;
  heard: Notice[];
}

/** A driver with a browser that takes pushes, charging, with a page open. */
async function charging(): Promise<Charging> {
  const n = ++people;
  const phone = `139${String(n).padStart(8, "0")}`;
  const made = await place.addPile(`TOLD-${n}`, "native");
  const pile = await connectPile(world, server.url, made, "native");
  piles.push(pile);
  const driver = await richDriver(server.url, n);
  ({ publicKey } = await driver.api.get<{ publicKey: string }>("/v1/me/push"));
  await driver.api.ask("PUT", "/v1/me/push", { body: service.browser().subscription });
  const heard: Notice[] = [];
  const live = driver.live({ notice: (notice) => void heard.push(notice) });
  await live.watch("user:me");
  await expect.poll(async () => (await driver.quote(made.id)).why ?? null).toBeNull();
  const { tariffVersion } = await driver.quote(made.id);
  const pay = { by: "wallet", autoCapture: true };
  const body = { pileId: made.id, connector: 1, tariffVersion, pay, ageMs: 0 };
  const { body: order } = await driver.api.ask<{ id: string }>("POST", "/v1/orders", { body });
  await driver.until(order.id, ["charging"], 15_000);
  return { driver, phone, pile, orderId: order.id, heard };
}

interface Sms {
  by: string;
  text: string;
  code?: string;
}
const smsOf = async ({ driver, phone }: Charging) =>
  (await driver.api.get<Sms[]>("/sandbox/inbox", { phone })).filter(({ code }) => !code);
const inboxOf = ({ driver }: Charging) =>
  driver.api.get<{ items: Notice[]; unread: number }>("/v1/me/notices");
const pushesOf = ({ orderId }: Charging) =>
  service.pushed.filter(({ payload }) => payload.path === `/orders/${orderId}`);
const patience = { timeout: 20_000 };

/** Everywhere once; whatever else was under way has come by then. */
async function toldOnce(charge: Charging, code: string): Promise<void> {
  await expect.poll(() => pushesOf(charge).length, patience).toBeGreaterThan(0);
  await expect.poll(async () => (await smsOf(charge)).length, patience).toBeGreaterThan(0);
  await expect.poll(() => new Set(charge.heard.map(({ id }) => id)).size, patience).toBe(1);
  expect(charge.heard[0]).toMatchObject({ code, facts: { orderId: charge.orderId } });
  expect((await inboxOf(charge)).items).toMatchObject([{
    code,
    facts: { orderId: charge.orderId },
  }]);
  expect(await smsOf(charge)).toHaveLength(1);
}

test("a pulled gun: socket, push, SMS and inbox, once each, with reason and next step", async () => {
  const charge = await charging();
  charge.pile.unplug();
  await toldOnce(charge, "charge.gun-pulled");
  const [push] = pushesOf(charge);
  expect(push!.payload).toMatchObject({
    code: "charge.gun-pulled",
    title: "充电枪被拔出，充电已结束",
  });
  expect(push!.payload.body).toMatch(/电量 \d+\.\d\d 度，费用 \d+\.\d\d 元；账单按实际电量计算/);
  expect((await smsOf(charge))[0]!.text).toContain("充电枪被拔出");
  expect(await inboxOf(charge)).toMatchObject({ unread: 1 });
  await charge.driver.api.post("/v1/me/notices/read", {});
  expect(await inboxOf(charge)).toMatchObject({ unread: 0, items: [{ read: true }] });
});

test("a push service that fails is tried again, and nothing else waits for it", async () => {
  const charge = await charging();
  service.misbehave.push(503, "hang");
  charge.pile.fault("over-temperature");
  await expect.poll(async () => (await smsOf(charge)).length, patience).toBe(1);
  expect(pushesOf(charge)).toEqual([]);
  await toldOnce(charge, "charge.fault");
});

test("killed while it tells, the server tells it after all, once to each", async () => {
  const charge = await charging();
  service.misbehave.push("hang");
  charge.pile.unplug();
  await expect.poll(async () => (await smsOf(charge)).length, patience).toBe(1);
  await server.kill();
  await server.restart();
  await toldOnce(charge, "charge.gun-pulled");
  expect(pushesOf(charge)).toHaveLength(1);
}, 90_000);

test("help rings the console with the order attached; taken and closed, its driver hears it", async () => {
  const charge = await charging();
  const { driver, orderId, heard } = charge;
  const key = newKey();
  const asked = await driver.api.post<{ ticketId: string }>("/v1/help", {
    orderId,
    text: "停不下来",
  }, key);
  const { api } = place.ops;
  const tickets = () =>
    api.get<{ items: { id: string; status: string; orderId: string; pileId: string }[] }>(
      "/v1/ops/tickets",
      { status: "open" },
    );
  await expect.poll(async () => (await tickets()).items, patience).toMatchObject([
    { id: asked.ticketId, orderId, pileId: charge.pile.id },
  ]);
  const incidents = () =>
    api.get<{ items: { row: string; facts: Record<string, unknown> }[] }>("/v1/ops/incidents", {
      row: "1.7",
    });
  await expect.poll(async () => (await incidents()).items, patience).toMatchObject([
    { row: "1.7", words: "help.wanted", outcome: "needs-person", facts: { orderId } },
  ]);
  await api.post(`/v1/ops/tickets/${asked.ticketId}/take`, {});
  await expect.poll(() => heard.map(({ code }) => code), patience).toEqual(["help.taken"]);
  await api.post(`/v1/ops/orders/${orderId}/force-stop`, { reason: "driver cannot stop" });
  await api.post(`/v1/ops/tickets/${asked.ticketId}/close`, { note: "已远程停止" });
  await expect.poll(() => heard.map(({ code }) => code), patience).toContain("help.closed");
  const shown = await driver.api.get<{ status: string; lines: unknown[] }>(
    `/v1/help/${asked.ticketId}`,
  );
  expect(shown).toMatchObject({
    status: "closed",
    lines: [{ text: "停不下来" }, { text: "已远程停止" }],
  });
  expect((await driver.api.get<{ items: object[] }>("/v1/help")).items).toHaveLength(1);
});

// The page of one order: its status alone decides what shows, live numbers come by ticks with their age.
import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { driverIds } from "@chargeward/web-kit/mod.ts";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Order } from "../../../wire/http.ts";
import type { OrderStatus } from "../../../wire/order.ts";
import { good, show } from "../test-platform.ts";
import OrderPage from "./OrderPage.vue";

const orderId = "ord_0001";
const room = `order:${orderId}`;
const at = "2026-01-01T00:00:00.000Z";
const bill = {
  totalFen: 256,
  energyWh: 1760,
  energyFen: 171,
  serviceFen: 85,
  currency: "CNY" as const,
  tariffVersion: "tv_1",
  rounding: "total-half-up-1" as const,
  startRegisterWh: 1000,
  stopRegisterWh: 2760,
  lines: [
    {
      purpose: "energy" as const,
      kind: "flat" as const,
      wh: 1760,
      milliFenPerKwh: 97_159,
      fen: 171,
    },
    {
      purpose: "service" as const,
      kind: "flat" as const,
      wh: 1760,
      milliFenPerKwh: 48_295,
      fen: 85,
    },
  ],
};
const order = (status: OrderStatus, more: Partial<Order> = {}): Order => ({
  id: orderId,
  v: 3,
  status,
  userId: "usr_0001",
  pileId: "CW-1",
  connector: 1,
  limit: {},
  pay: { by: "wallet", autoCapture: false },
  card: false,
  createdAt: at,
  holdFen: 8600,
  dues: [],
  next: [],
  ...more,
});
const tick = (n: number) => ({
  room,
  n,
  t: at,
  linkEpoch: 1,
  energyWh: 1280,
  powerW: 52_700,
  socPct: 36,
  costFen: 141,
  elapsedMs: 7000,
});
const find = (page: VueWrapper, id: string) => page.find(`[data-testid="${id}"]`);

async function open(first: Order) {
  const shown = await show(OrderPage, { orderId }, {
    order: () => good(first),
    wallet: () =>
      good({
        v: 1,
        currency: "CNY",
        balanceFen: 10_000,
        heldFen: 0,
        holds: [],
        deposits: [],
        debts: [],
        credit: { limitFen: 0, usedFen: 0, leftFen: 0 },
      }),
    bindings: () => good({ v: 1, items: [] }),
  });
  shown.socket.answer = () =>
    Promise.resolve({ rooms: [{ room, v: first.v, snapshot: first }], refused: [] });
  shown.socket.come();
  await flushPromises();
  return shown;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date", "performance"] });
  vi.setSystemTime(new Date(at));
});
afterEach(() => vi.useRealTimers());

test.each<[OrderStatus, string]>([
  ["authorizing", driverIds.startProgress],
  ["starting", driverIds.startProgress],
  ["start-failed", driverIds.prompt],
  ["declined", driverIds.prompt],
  ["charging", driverIds.stop],
  ["stopping", driverIds.stop],
])("%s shows %s", async (status, id) => {
  const { page } = await open(order(status));
  expect(find(page, driverIds.orderStatus).attributes("data-status")).toBe(status);
  expect(find(page, id).exists()).toBe(true);
});

test("a start that waits for the plug says so in the words of the design", async () => {
  const { page } = await open(order("starting", { waiting: "unplugged" }));
  expect(find(page, driverIds.prompt).text()).toBe("请检查充电枪是否插紧/对准");
});

test("ticks show live numbers; after five silent seconds their age is shown", async () => {
  const { page, socket } = await open(order("charging", { startedAt: at }));
  socket.say("tick", tick(1));
  await flushPromises();
  expect(find(page, driverIds.energy).text()).toBe("1.28");
  expect(find(page, driverIds.cost).text()).toBe("¥1.41");
  expect(find(page, driverIds.power).text()).toContain("52.7");
  expect(find(page, driverIds.soc).text()).toContain("36");
  expect(find(page, driverIds.age).exists()).toBe(false);
  await vi.advanceTimersByTimeAsync(7000);
  expect(find(page, driverIds.age).text()).toContain("7 秒前的数据");
  socket.say("tick", tick(2));
  await vi.advanceTimersByTimeAsync(1000);
  expect(find(page, driverIds.age).exists()).toBe(false);
});

test("a fact moves the page on: charging, then the bill with its lines, then paid", async () => {
  const { page, socket } = await open(order("charging", { startedAt: at }));
  const say = (v: number, view: Order) =>
    socket.say("fact", {
      room,
      v,
      at,
      type: "X",
      sv: 1,
      data: { events: [], view: { ...view, v } },
    });
  const dues: Order["dues"] = [{ purpose: "charge", fen: 256, status: "open" }];
  say(
    4,
    order("awaiting-payment", { ending: "gun-pulled", startedAt: at, endedAt: at, bill, dues }),
  );
  await flushPromises();
  expect(find(page, driverIds.billTotal).text()).toBe("¥2.56");
  expect(find(page, driverIds.bill).text()).toContain("1.760 kWh");
  expect(page.text()).toContain("异常中断·拔枪");
  expect(find(page, driverIds.pay).text()).toContain("¥2.56");
  say(5, order("paid", { ending: "gun-pulled", bill, dues: [{ ...dues[0]!, status: "paid" }] }));
  await flushPromises();
  expect(find(page, driverIds.paid).exists()).toBe(true);
  expect(find(page, driverIds.pay).exists()).toBe(false);
});

test("an older answer never takes the page back", async () => {
  const { page, socket } = await open(order("charging", { startedAt: at }));
  const view = order("charging", { startedAt: at, v: 2 });
  socket.say("fact", { room, v: 2, at, type: "X", sv: 1, data: { events: [], view } });
  await flushPromises();
  expect(find(page, driverIds.orderStatus).attributes("data-status")).toBe("charging");
});

test("while the link is down the order is asked for every few seconds", async () => {
  let asked = 0;
  const { page, socket } = await show(OrderPage, { orderId }, {
    order: () => {
      asked++;
      return good(order(asked < 3 ? "starting" : "charging", { v: asked }));
    },
  });
  socket.drop();
  await vi.advanceTimersByTimeAsync(9000);
  await flushPromises();
  expect(asked).toBe(3);
  expect(find(page, driverIds.orderStatus).attributes("data-status")).toBe("charging");
});

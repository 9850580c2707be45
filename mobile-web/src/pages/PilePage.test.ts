// The page before the start: what is shown, and how a start goes through or is refused.
import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { driverIds } from "@chargeward/web-kit/mod.ts";
import { beforeEach, expect, test, vi } from "vitest";
import type { PublicPile, Quote } from "../../../wire/http.ts";
import { good, refuse, show } from "../test-platform.ts";
import PilePage from "./PilePage.vue";

const pile: PublicPile = {
  id: "CW-1",
  v: 2,
  stationId: "stn_0001",
  code: "100001",
  lane: "native",
  ratedPowerW: 120_000,
  presence: "online",
  disabled: false,
  status: "plugged",
  connectors: [1, 2].map((no) => ({
    no,
    plug: "gb-dc",
    ratedPowerW: 60_000,
    reservable: true,
    status: no === 2 ? "plugged" as const : "free" as const,
    plugged: no === 2,
  })),
};
const quote = (more: Partial<Quote> = {}): Quote => ({
  pileId: "CW-1",
  connector: 2,
  v: 2,
  tariffVersion: "tv_1",
  zone: "Asia/Shanghai",
  lines: [{
    fromMinute: 0,
    toMinute: 1440,
    kind: "flat",
    energyMilliFenPerKwh: 65_830,
    serviceMilliFenPerKwh: 45_000,
  }],
  holdFen: 8600,
  overstay: { graceMinutes: 15, fenPerMinute: 50, capFen: 5000 },
  plugged: true,
  startable: true,
  ...more,
});
const find = (page: VueWrapper, id: string) => page.find(`[data-testid="${id}"]`);
const start = vi.fn();
const asks = vi.fn();

async function open(balanceFen: number, first = quote()) {
  asks.mockReturnValue(good(first));
  const shown = await show(PilePage, { pileId: "CW-1" }, {
    pile: () => good(pile),
    quote: asks,
    wallet: () =>
      good({
        v: 1,
        currency: "CNY",
        balanceFen,
        heldFen: 0,
        holds: [],
        deposits: [],
        debts: [],
        credit: { limitFen: 0, usedFen: 0, leftFen: 0 },
      }),
    bindings: () => good({ v: 1, items: [] }),
    start,
  });
  await flushPromises();
  return shown;
}

beforeEach(() => {
  start.mockReset();
  asks.mockReset();
});

test("prices stand apart, the hold is shown, the plugged connector is chosen", async () => {
  const { page } = await open(10_000);
  expect(page.text()).toContain("¥0.6583");
  expect(page.text()).toContain("¥0.45");
  expect(page.text()).toContain("¥1.1083");
  expect(find(page, driverIds.hold).text()).toBe("¥86.00");
  expect(find(page, driverIds.connector(2)).attributes("aria-checked")).toBe("true");
  expect(asks).toHaveBeenCalledWith("CW-1", 2, undefined);
});

test("a balance below the hold is said before the start, with the way to recharge", async () => {
  const { page } = await open(1200);
  expect(page.text()).toContain("余额不足：需 ¥86.00，可用 ¥12.00");
  expect(find(page, driverIds.recharge).exists()).toBe(true);
});

test("a start sends the tariff seen and the age of the tap, then goes to the order", async () => {
  start.mockReturnValue(good({ id: "ord_0001" }));
  const { page, router } = await open(10_000);
  await find(page, driverIds.start).trigger("click");
  await flushPromises();
  const [body, tap] = start.mock.calls[0]!;
  expect(body).toEqual({
    pileId: "CW-1",
    connector: 2,
    tariffVersion: "tv_1",
    pay: { by: "wallet", autoCapture: true },
    ageMs: tap.ageMs(),
  });
  expect(tap.key).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  expect(router.currentRoute.value.fullPath).toBe("/orders/ord_0001");
});

test("the button is locked while the start is under way: two taps are one", async () => {
  start.mockReturnValue(new Promise(() => {}));
  const { page } = await open(10_000);
  await find(page, driverIds.start).trigger("click");
  await find(page, driverIds.start).trigger("click");
  expect(start).toHaveBeenCalledTimes(1);
});

test("a changed price is said and the new one shown; the next start sends the new version", async () => {
  start.mockReturnValueOnce(refuse("order.price-changed", { tariffVersion: "tv_2" }));
  const { page } = await open(10_000);
  asks.mockReturnValue(good(quote({ tariffVersion: "tv_2", holdFen: 9000 })));
  await find(page, driverIds.start).trigger("click");
  await flushPromises();
  expect(find(page, driverIds.refusal).attributes("data-code")).toBe("order.price-changed");
  expect(find(page, driverIds.hold).text()).toBe("¥90.00");
  start.mockReturnValue(good({ id: "ord_0002" }));
  await find(page, driverIds.start).trigger("click");
  await flushPromises();
  expect(start.mock.calls[1]![0].tariffVersion).toBe("tv_2");
});

test.each([["pile.offline", "充电桩已离线"], ["pile.occupied", "正在使用中"]])(
  "%s is said with what to do next and cannot be started",
  async (why, says) => {
    const { page } = await open(10_000, quote({ startable: false, why }));
    expect(find(page, driverIds.prompt).text()).toContain(says);
    expect(find(page, driverIds.start).attributes("disabled")).toBeDefined();
  },
);

test("unplugged is a prompt, not an end: the driver may plug in and tap", async () => {
  const { page } = await open(10_000, quote({ startable: false, why: "pile.unplugged" }));
  expect(find(page, driverIds.prompt).text()).toContain("请检查充电枪是否插紧/对准");
  expect(find(page, driverIds.start).attributes("disabled")).toBeUndefined();
});

test("a running charge or an unpaid order is one tap away from its refusal", async () => {
  start.mockReturnValue(refuse("user.debt-open", { orderId: "ord_0009" }));
  const { page } = await open(10_000);
  await find(page, driverIds.start).trigger("click");
  await flushPromises();
  expect(page.find('a[href="/orders/ord_0009"]').exists()).toBe(true);
});

const named = (text: string) => ({ zh: text, en: text });
const place = {
  id: "stn_0001",
  name: named("东站"),
  address: named("东路 1 号"),
  phone: "400 800",
  lat: 31,
  lon: 121,
};

test("a pile that is out of order says whom to call, and which piles here are free", async () => {
  const other = { ...pile, id: "CW-2", code: "100002" };
  const broken = { ...pile, id: "CW-3", disabled: true };
  const station = { ...place, piles: [pile, other, broken] };
  asks.mockReturnValue(good(quote({ startable: false, why: "pile.faulted" })));
  const { page } = await show(PilePage, { pileId: "CW-1" }, {
    pile: () => good(pile),
    quote: asks,
    station: () => good(station) as never,
  });
  await flushPromises();
  const way = find(page, driverIds.wayOut);
  expect(find(page, driverIds.prompt).text()).toContain("充电桩故障中，不可用");
  expect(way.text()).toContain("联系客服");
  expect(way.find('a[href="tel:400 800"]').exists()).toBe(true);
  expect(way.findAll('a[href^="/piles/"]').map((a) => a.attributes("href"))).toEqual([
    "/piles/CW-2",
  ]);
});

test("where nothing here is free, stations nearby are shown", async () => {
  const station = { ...place, piles: [pile] };
  const near = { id: "stn_0002", name: { zh: "南站", en: "South" }, distanceM: 1_240 };
  asks.mockReturnValue(good(quote({ startable: false, why: "pile.offline" })));
  const { page } = await show(PilePage, { pileId: "CW-1" }, {
    pile: () => good(pile),
    quote: asks,
    station: () => good(station) as never,
    stations: (query: unknown) => {
      expect(query).toMatchObject({ near: "31,121", free: true });
      return good({ items: [{ ...near, connectors: { total: 4, free: 2 } }] }) as never;
    },
  });
  await flushPromises();
  expect(find(page, driverIds.wayOut).text()).toContain("南站");
  expect(find(page, driverIds.wayOut).text()).toContain("1.2 km");
});

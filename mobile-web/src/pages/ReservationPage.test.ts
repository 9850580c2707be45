// Reserving and a reservation's page: rules before the tap, a countdown, and a cancel at the cost shown.
import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { driverIds } from "@chargeward/web-kit/mod.ts";
import type { PublicPile } from "../../../wire/http.ts";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Reservation, ReservationRulesAnswer } from "../../../wire/http-reserve.ts";
import { good, refuse, show } from "../test-platform.ts";
import ReservationPage from "./ReservationPage.vue";
import ReservePage from "./ReservePage.vue";

const NOW = Date.UTC(2026, 4, 4, 2, 0, 0);
const minutes = (n: number) => n * 60_000;
const iso = (n: number) => new Date(NOW + minutes(n)).toISOString();
const rules: ReservationRulesAnswer["rules"] = {
  rulesVersion: "r1",
  depositFen: 2_000,
  cancelFeeFen: 500,
  noShowFeeFen: 2_000,
  freeMs: minutes(10),
  minutesMin: 15,
  minutesMax: 60,
  aheadMs: minutes(120),
  bufferMs: minutes(5),
  noShowsMax: 3,
  noShowSpanMs: minutes(30 * 24 * 60),
  barMs: minutes(7 * 24 * 60),
};
const told = (more: Partial<ReservationRulesAnswer> = {}): ReservationRulesAnswer => ({
  pileId: "CW-1",
  v: 3,
  rules,
  connectors: [1],
  taken: [],
  ...more,
});
const reserved = (more: Partial<Reservation> = {}): Reservation => ({
  id: "rsv_0001",
  v: 4,
  status: "reserved",
  userId: "usr_0001",
  pileId: "CW-1",
  connector: 1,
  createdAt: iso(0),
  from: iso(15),
  until: iso(45),
  lockFrom: iso(10),
  freeUntil: iso(35),
  depositFen: 2_000,
  rules,
  next: ["start", "cancel", "appeal", "help"],
  ...more,
});
const find = (page: VueWrapper, id: string) => page.find(`[data-testid="${id}"]`);
const quiet = { active: () => good({ orders: [], reservations: [] }) };

beforeEach(() => void vi.useFakeTimers({ now: NOW, toFake: ["Date", "setInterval"] }));
afterEach(() => void vi.useRealTimers());

test("rules and fees stand before the tap, and the tap sends the version that was seen", async () => {
  const reserve = vi.fn((_body: unknown) => good(reserved()));
  const { page, router } = await show(ReservePage, { pileId: "CW-1" }, {
    ...quiet,
    reservationRules: () => good(told()),
    reserve,
  });
  await flushPromises();
  const shown = find(page, driverIds.reserveRules).text();
  for (const fee of ["¥20.00", "¥5.00"]) expect(shown).toContain(fee);
  await find(page, driverIds.reserveIn(15)).trigger("click");
  await find(page, driverIds.reserveFor(60)).trigger("click");
  await find(page, driverIds.reserveGo).trigger("click");
  await flushPromises();
  expect(reserve.mock.calls[0]?.[0]).toEqual({
    pileId: "CW-1",
    connector: 1,
    from: iso(15),
    minutes: 60,
    rulesVersion: "r1",
    pay: { by: "wallet" },
  });
  await vi.waitFor(() => expect(router.currentRoute.value.name).toBe("reservation"));
});

test("a station's own window and time ahead are what can be chosen", async () => {
  const reserve = vi.fn((_body: unknown) => good(reserved()));
  const own = { ...rules, minutesMin: 20, minutesMax: 25, aheadMs: minutes(15) };
  const { page } = await show(ReservePage, { pileId: "CW-1" }, {
    ...quiet,
    reservationRules: () => good(told({ rules: own, noShows: 2 })),
    reserve,
  });
  await flushPromises();
  const offered = (id: string) => page.findAll(`[data-testid^="${id}"]`).map((one) => one.text());
  expect(offered("reserve-in-")).toEqual(["现在", "15 分钟后"]);
  expect(offered("reserve-for-")).toEqual(["20 分钟", "25 分钟"]);
  expect(page.text()).toContain("30 天内已爽约 2 次；达到 3 次将暂停预约");
  await find(page, driverIds.reserveGo).trigger("click");
  await flushPromises();
  expect(reserve.mock.calls[0]?.[0]).toMatchObject({ minutes: 20, from: iso(0) });
});

test("a missed one says how many count, and until when reserving waits", async () => {
  const over = { status: "no-show" as const, feeFen: 2_000, refundFen: 0, next: ["help" as const] };
  const suspended = { until: iso(7 * 24 * 60), noShows: 3 };
  const { page } = await show(ReservationPage, { reservationId: "rsv_0001" }, {
    ...quiet,
    reservation: () => good(reserved(over)),
    reservationRules: () => good(told({ suspended, noShows: 3 })),
  });
  await flushPromises();
  expect(find(page, driverIds.noShows).text()).toContain("30 天内已爽约 3 次");
  expect(find(page, driverIds.noShows).text()).toContain("预约功能已暂停至");
  expect(page.text()).toContain("¥20.00");
});

test("too late: another pile is offered; suspended: until when, and no tap", async () => {
  const late = await show(ReservePage, { pileId: "CW-1" }, {
    ...quiet,
    reservationRules: () => good(told()),
    reserve: () => refuse("slot.taken", { alternatives: [{ pileId: "CW-2", connector: 1 }] }),
  });
  await flushPromises();
  await find(late.page, driverIds.reserveGo).trigger("click");
  await flushPromises();
  expect(find(late.page, driverIds.refusal).attributes("data-code")).toBe("slot.taken");
  expect(late.page.text()).toContain("CW-2");

  const suspended = { until: iso(7 * 24 * 60), noShows: 3 };
  const barred = await show(ReservePage, { pileId: "CW-1" }, {
    ...quiet,
    reservationRules: () => good(told({ suspended })),
  });
  await flushPromises();
  expect(barred.page.text()).toContain("近期爽约 3 次");
  expect(find(barred.page, driverIds.reserveGo).attributes("disabled")).toBeDefined();
});

test("it counts down to the window, and says until when a cancel is free", async () => {
  const { page } = await show(ReservationPage, { reservationId: "rsv_0001" }, {
    ...quiet,
    reservation: () => good(reserved()),
  });
  await flushPromises();
  expect(find(page, driverIds.reservationStatus).attributes("data-status")).toBe("reserved");
  expect(find(page, driverIds.reservationCount).text()).toBe("15:00");
  vi.advanceTimersByTime(5_000);
  await flushPromises();
  expect(find(page, driverIds.reservationCount).text()).toBe("14:55");
  expect(page.text()).toContain("前取消免费");
});

test("a cancel asks with its cost; another cost by then is shown again", async () => {
  const costs = [
    { costVersion: "0-2000", feeFen: 0, refundFen: 2_000 },
    { costVersion: "500-1500", feeFen: 500, refundFen: 1_500 },
  ];
  const cancel = vi.fn()
    .mockImplementationOnce(() => refuse("reservation.cost-changed", costs[1]))
    .mockImplementationOnce(() => good(reserved({ status: "cancelled", next: ["help"] })));
  const { page } = await show(ReservationPage, { reservationId: "rsv_0001" }, {
    ...quiet,
    reservation: () => good(reserved()),
    cancelCost: () => good(costs[Math.min(cancel.mock.calls.length, 1)]!),
    cancelReservation: cancel,
  });
  await flushPromises();
  await find(page, driverIds.reservationCancel).trigger("click");
  await flushPromises();
  const sheet = () => document.body.textContent + page.text();
  expect(sheet()).toContain("免费取消，订金 ¥20.00 全额退回");
  const confirm = () => find(page, driverIds.confirmReservationCancel);
  await confirm().trigger("click");
  await flushPromises();
  expect(sheet()).toContain("将收取 ¥5.00，退回 ¥15.00");
  await confirm().trigger("click");
  await flushPromises();
  expect(cancel.mock.calls.map(([, version]) => version)).toEqual(["0-2000", "500-1500"]);
  expect(confirm().exists()).toBe(false);
});

test("trouble with the pile is said, with where else to go", async () => {
  const trouble = { trouble: "pile.faulted", alternatives: [{ pileId: "CW-2", connector: 1 }] };
  const { page } = await show(ReservationPage, { reservationId: "rsv_0001" }, {
    ...quiet,
    reservation: () => good(reserved(trouble)),
  });
  await flushPromises();
  expect(page.text()).toContain("您预约的桩暂时无法使用");
  expect(page.text()).toContain("CW-2");
});

test("a blocked bay is appealed in a few words, and what becomes of it is said", async () => {
  const appeal = vi.fn((_id: string, _body: unknown) => good({ ticketId: "tkt_1", refundFen: 0 }));
  const waiting = { ticketId: "tkt_1", status: "waiting" as const };
  const { page } = await show(ReservationPage, { reservationId: "rsv_0001" }, {
    ...quiet,
    reservation: () =>
      good(
        appeal.mock.calls.length === 0
          ? reserved()
          : reserved({ status: "appealed", v: 5, appeal: waiting, next: ["help"] }),
      ),
    appealReservation: appeal,
  });
  await flushPromises();
  await find(page, driverIds.appeal).trigger("click");
  await find(page, driverIds.appealText).setValue("油车占位");
  await find(page, driverIds.appealSend).trigger("click");
  await flushPromises();
  expect(appeal.mock.calls[0]?.slice(0, 2)).toEqual(["rsv_0001", { text: "油车占位" }]);
  expect(page.text()).toContain("申诉核实中");
});

test("once the bay is locked for them its lock is shown, opened there, with help beside it", async () => {
  const lock = { form: "ground-lock", position: "up", fault: null } as const;
  const gun = { no: 1, plug: "gb-dc", ratedPowerW: 60_000, reservable: true, plugged: false };
  const pile = {
    id: "CW-1",
    v: 2,
    stationId: "stn_0001",
    code: "100001",
    lane: "native",
    ratedPowerW: 60_000,
    presence: "online",
    disabled: false,
    status: "reserved",
    stationPhone: "021-5550",
    connectors: [{ ...gun, status: "reserved", lock }],
  };
  const lowerLock = vi.fn(() => good(undefined));
  const open = async (lockFrom: string) => {
    const calls = {
      ...quiet,
      reservation: () => good(reserved({ lockFrom })),
      pile: () => good(pile as unknown as PublicPile),
      lowerLock,
    };
    const { page } = await show(ReservationPage, { reservationId: "rsv_0001" }, calls);
    await flushPromises();
    return page;
  };
  const early = await open(iso(1));
  expect(find(early, driverIds.bayLock).exists()).toBe(false);
  const page = await open(iso(-1));
  await find(page, driverIds.lowerLock).trigger("click");
  await flushPromises();
  expect(lowerLock).toHaveBeenCalledWith("CW-1", 1, expect.anything());
  await find(page, driverIds.lockHelp).trigger("click");
  expect(page.text()).toContain("021-5550");
});

// What a driver in front of a locked bay is told, and may do.
import { flushPromises } from "@vue/test-utils";
import { driverIds } from "@chargeward/web-kit/mod.ts";
import { expect, test, vi } from "vitest";
import type { PublicPile } from "../../../../wire/http.ts";
import { good, refuse, show } from "../../test-platform.ts";
import LockCard from "./LockCard.vue";

type Gun = PublicPile["connectors"][number];
const pileOf = (lock: Gun["lock"], more: Partial<Gun> = {}): PublicPile => ({
  id: "CW-1",
  v: 2,
  stationId: "stn_0001",
  code: "100001",
  lane: "native",
  ratedPowerW: 60_000,
  presence: "online",
  disabled: false,
  status: "free",
  stationPhone: "021-5550",
  connectors: [{
    no: 1,
    plug: "gb-dc",
    ratedPowerW: 60_000,
    reservable: true,
    status: "free",
    plugged: false,
    ...(lock === undefined ? {} : { lock }),
    ...more,
  }],
});
const up = { form: "ground-lock", position: "up", fault: null } as const;
const stuck = { code: "stuck", since: "2026-03-02T02:00:00.000Z" } as const;
const calls = (lowerLock = vi.fn(() => good(undefined))) => ({ lowerLock });
const open = async (pile: PublicPile, more = {}, given = calls()) =>
  (await show(LockCard, { pile, connector: 1, ...more }, given)).page;

test("a bay without a lock says nothing, nor one that is open with the gun in", async () => {
  expect((await open(pileOf(undefined))).text()).toBe("");
  const down = { ...up, position: "down" } as const;
  expect((await open(pileOf(down, { plugged: true }))).text()).toBe("");
  expect((await open(pileOf(down))).text()).toContain("请驶入并插枪");
});

test("closed, it can be opened before the start; a refusal is said", async () => {
  const given = calls();
  const page = await open(pileOf(up), {}, given);
  await page.find(`[data-testid="${driverIds.lowerLock}"]`).trigger("click");
  await flushPromises();
  expect(given.lowerLock).toHaveBeenCalledWith("CW-1", 1, expect.anything());
  const no = calls(vi.fn(() => refuse("pile.occupied")));
  const other = await open(pileOf(up), {}, no);
  await other.find(`[data-testid="${driverIds.lowerLock}"]`).trigger("click");
  await flushPromises();
  expect(other.find(`[data-testid="${driverIds.refusal}"]`).exists()).toBe(true);
});

test("it is not theirs to open while somebody else starts, and opens by itself for an order", async () => {
  const kept = await open(pileOf(up, { status: "kept" }));
  expect(kept.find(`[data-testid="${driverIds.lowerLock}"]`).exists()).toBe(false);
  const mine = await open(pileOf(up, { status: "starting" }), { opens: true });
  expect(mine.text()).toContain("正在打开");
});

test("broken: not to be forced, by hand, by ops, or by phone", async () => {
  const page = await open(pileOf({ ...up, fault: stuck }, { status: "faulted" }));
  expect(page.text()).toContain("地锁故障");
  for (const way of ["请勿强行驶入", "应急钥匙", "远程开锁", "021-5550"]) {
    expect(page.text()).toContain(way);
  }
});

test("reserved: closed for whoever reserved it, and opened by them alone", async () => {
  const pile = pileOf(up, { status: "reserved" });
  const other = await open(pile);
  expect(other.text()).toContain("已为预约车主上锁");
  expect(other.find(`[data-testid="${driverIds.lowerLock}"]`).exists()).toBe(false);
  const given = calls();
  const own = await open(pile, { own: true }, given);
  await own.find(`[data-testid="${driverIds.lowerLock}"]`).trigger("click");
  await flushPromises();
  expect(given.lowerLock).toHaveBeenCalledWith("CW-1", 1, expect.anything());
});

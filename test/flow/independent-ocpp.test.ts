// Piles that we did not write, at the real gateway: each way of ending, and a bill equal to the meter.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { thisMachine } from "../../server/engines/mod.ts";
import type { Driver } from "../../sim/mod.ts";
import type { Order } from "../../wire/http.ts";
import { IndependentPile, type IndependentPlan, independentPython } from "../independent/piles.ts";
import { flatTariff, openPlace, type Place, richDriver } from "../kit/place.ts";
import type { Program } from "../kit/processes.ts";
import { startWorld, type World } from "../kit/world.ts";

// 0.65731 and 0.45009 yuan a kWh: no energy of a short charge comes out in whole fen
const ENERGY = 65_731;
const SERVICE = 45_009;
const CHARGE_MS = 30_000;

let world: World;
let server: Program;
let place: Place;
let python: string | null;
beforeAll(async () => {
  [world, python] = await Promise.all([
    startWorld({ sync: "100ms" }),
    independentPython(join(thisMachine().cacheDir), console.error),
  ]);
  server = await world.startServer();
  place = await openPlace(server.url, join(world.dir, "node-1"), flatTariff(ENERGY, SERVICE));
}, 120_000);
afterAll(() => world?.[Symbol.asyncDispose]());

const makes: Record<string, (plan: IndependentPlan) => IndependentPile | null> = {
  "npm ocpp-rpc": (plan) => IndependentPile.ocppRpc(plan),
  "PyPI ocpp": (plan) => python === null ? null : IndependentPile.python(python, plan),
};
const url = () => `${server.url.replace(/^http/, "ws")}/ocpp`;

/** Whole fen, half up, by exact integers: what 65.731 + 45.009 fen a kWh come to. */
function fenOf(energyWh: number): number {
  const milli = BigInt(energyWh) * BigInt(ENERGY + SERVICE);
  return Number((milli + 500_000n) / 1_000_000n);
}

/** What the pile's own meter says was taken. */
async function metered(pile: IndependentPile): Promise<number> {
  const [began, stopped] = [await pile.until("started"), await pile.until("stopped")];
  return Number(stopped.registerWh) - Number(began.registerWh);
}

async function billedAndPaid(driver: Driver, id: string, energyWh: number): Promise<Order> {
  const ended = await driver.until(id, ["awaiting-payment", "paid"], CHARGE_MS);
  const totalFen = fenOf(energyWh);
  expect(energyWh).toBeGreaterThan(0);
  expect(ended.bill).toMatchObject({ energyWh, totalFen });
  expect(ended.bill!.energyFen + ended.bill!.serviceFen).toBe(totalFen);
  if (!ended.pay.autoCapture) await driver.pay(id); // a card pays by itself
  const paid = await driver.until(id, ["paid"], CHARGE_MS);
  expect((await driver.wallet()).heldFen).toBe(0);
  return paid;
}

describe.each(Object.keys(makes))("%s", (name) => {
  const n = Object.keys(makes).indexOf(name);

  /** A pile with a car, a driver, and a charge that has run for a few readings. */
  async function charging(id: string, person: number) {
    const { secret } = await place.addPile(id, "ocpp1.6");
    const pile = makes[name]!({ url: url(), id, password: secret, powerW: 36_000 });
    if (pile === null) return null;
    await pile.until("booted");
    await pile.do("plug");
    const driver = await richDriver(server.url, person);
    const why = async () => (await driver.quote(id)).why ?? null;
    await expect.poll(why, { timeout: CHARGE_MS }).toBeNull();
    const order = await driver.start({ pileId: id });
    await driver.until(order.id, ["charging"], CHARGE_MS);
    await pile.until("meter", 3);
    return { pile, driver, orderId: order.id };
  }

  test("ends by RemoteStop; the bill is the pile's own meter", async ({ skip }) => {
    const made = await charging(`IND-REMOTE-${n}`, 100 + n);
    if (made === null) return skip("no Python on this machine");
    const { pile, driver, orderId } = made;
    await driver.stop(orderId);
    expect(await pile.until("stopped")).toMatchObject({ reason: "Remote" });
    const paid = await billedAndPaid(driver, orderId, await metered(pile));
    expect(paid.ending).toBe("user");
    expect(pile.told.filter(({ event }) => event === "error")).toEqual([]);
    await pile.exit();
  }, 60_000);

  test("ends by its own StopTransaction", async ({ skip }) => {
    const made = await charging(`IND-LOCAL-${n}`, 110 + n);
    if (made === null) return skip("no Python on this machine");
    const { pile, driver, orderId } = made;
    await pile.do("local-stop");
    await pile.until("stop-answered");
    const paid = await billedAndPaid(driver, orderId, await metered(pile));
    expect(paid.ending).toBe("vehicle");
    await pile.exit();
  }, 60_000);

  test("loses its socket, ends offline, and comes back with the queued end", async ({ skip }) => {
    const made = await charging(`IND-CUT-${n}`, 120 + n);
    if (made === null) return skip("no Python on this machine");
    const { pile, driver, orderId } = made;
    await pile.do("cut");
    await pile.until("cut");
    await pile.do("local-stop");
    await pile.until("stopped");
    expect((await driver.order(orderId)).status).toBe("charging");
    await pile.do("come-back");
    await pile.until("stop-answered");
    const paid = await billedAndPaid(driver, orderId, await metered(pile));
    expect(paid.ending).toBe("vehicle");
    await pile.exit();
  }, 60_000);

  test("charges by card", async ({ skip }) => {
    const id = `IND-CARD-${n}`;
    const { secret } = await place.addPile(id, "ocpp1.6");
    const pile = makes[name]!({ url: url(), id, password: secret, powerW: 36_000 });
    if (pile === null) return skip("no Python on this machine");
    await pile.until("booted");
    await pile.do("plug");
    const driver = await richDriver(server.url, 130 + n);
    await place.ops.giveCard({ idTag: `IND${n}`, userId: driver.userId });
    await pile.do("card", { idTag: `IND${n}` });
    expect(await pile.until("started")).toMatchObject({ status: "Accepted" });
    const { orders: [order] } = await driver.active();
    await pile.until("meter", 2);
    await pile.do("local-stop");
    await pile.until("stop-answered");
    const paid = await billedAndPaid(driver, order!.id, await metered(pile));
    expect(paid.card).toBe(true);
    await pile.exit();
  }, 60_000);
});

// Piles that we did not write, at the real gateway: a charge by the app, one by card that ends offline.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { thisMachine } from "../../server/engines/mod.ts";
import { IndependentPile, type IndependentPlan, independentPython } from "../independent/piles.ts";
import { openPlace, type Place, richDriver } from "../kit/place.ts";
import type { Program } from "../kit/processes.ts";
import { startWorld, type World } from "../kit/world.ts";

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
  place = await openPlace(server.url, join(world.dir, "node-1"));
}, 120_000);
afterAll(() => world?.[Symbol.asyncDispose]());

const makes: Record<string, (plan: IndependentPlan) => IndependentPile | null> = {
  "npm ocpp-rpc": (plan) => IndependentPile.ocppRpc(plan),
  "PyPI ocpp": (plan) => python === null ? null : IndependentPile.python(python, plan),
};
const url = () => `${server.url.replace(/^http/, "ws")}/ocpp`;
const CHARGE_MS = 30_000;

describe.each(Object.keys(makes))("%s", (name) => {
  const n = Object.keys(makes).indexOf(name);
  const start = async (id: string) => {
    const { secret } = await place.addPile(id, "ocpp1.6");
    const pile = makes[name]!({ url: url(), id, password: secret, powerW: 36_000 });
    await pile?.until("booted");
    await pile?.do("plug");
    return pile;
  };

  test("charges from the app's start to its stop; the bill is the pile's own meter", async ({ skip }) => {
    const pile = await start(`IND-APP-${n}`);
    if (pile === null) return skip("no Python");
    try {
      const driver = await richDriver(server.url, 100 + n);
      await expect.poll(async () => (await driver.quote(`IND-APP-${n}`)).startable).toBe(true);
      const { id } = await driver.start({ pileId: `IND-APP-${n}` });
      await driver.until(id, ["charging"], CHARGE_MS);
      await pile.until("meter", 3);
      await driver.stop(id);
      const ended = await driver.until(id, ["awaiting-payment"], CHARGE_MS);
      const [began, stopped] = [await pile.until("started"), await pile.until("stopped")];
      expect(stopped).toMatchObject({ reason: "Remote", transactionId: began.transactionId });
      const energyWh = Number(stopped.registerWh) - Number(began.registerWh);
      expect(ended).toMatchObject({ ending: "user", bill: { energyWh } });
      await driver.pay(id);
      await driver.until(id, ["paid"], CHARGE_MS);
      expect(pile.told.filter(({ event }) => event === "error")).toEqual([]);
    } finally {
      await pile.exit();
    }
  });

  test("charges by card, ends while offline, and is billed when it is back", async ({ skip }) => {
    const pile = await start(`IND-CARD-${n}`);
    if (pile === null) return skip("no Python");
    try {
      const driver = await richDriver(server.url, 200 + n);
      await place.ops.giveCard({ idTag: `IND${n}`, userId: driver.userId });
      await pile.do("card", { idTag: `IND${n}` });
      expect(await pile.until("started")).toMatchObject({ status: "Accepted" });
      const { orders: [order] } = await driver.active();
      await pile.until("meter", 2);
      await pile.do("cut");
      await pile.do("local-stop");
      const stopped = await pile.until("stopped");
      await pile.do("come-back");
      await pile.until("stop-answered");
      const over = ["awaiting-payment", "paid"] as const;
      const ended = await driver.until(order!.id, over, CHARGE_MS);
      expect(ended).toMatchObject({
        card: true,
        ending: "vehicle",
        bill: { stopRegisterWh: stopped.registerWh },
      });
    } finally {
      await pile.exit();
    }
  });
});

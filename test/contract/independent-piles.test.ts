// The independent piles against a small central system: they work before they judge the gateway.
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { thisMachine } from "../../server/engines/mod.ts";
import { IndependentPile, type IndependentPlan, independentPython } from "../independent/piles.ts";
import { CentralDouble } from "../kit/platform-doubles.ts";

let python: string | null = null;
beforeAll(async () => {
  python = await independentPython(join(thisMachine().cacheDir), console.error);
}, 60_000);

const makes: Record<string, (plan: IndependentPlan) => IndependentPile | null> = {
  "npm ocpp-rpc": (plan) => IndependentPile.ocppRpc(plan),
  "PyPI ocpp": (plan) => python === null ? null : IndependentPile.python(python, plan),
};

describe.each(Object.keys(makes))("%s", (name) => {
  test("charges by remote command, goes on offline, and tells the end when it is back", async ({ skip }) => {
    const central = await CentralDouble.start();
    const pile = makes[name]!({
      url: central.url,
      id: "INDEPENDENT-1",
      password: "a secret of a pile",
      meterMs: 100,
    });
    if (pile === null) return skip("no Python");
    try {
      await pile.until("booted");
      await pile.do("plug");
      await central.until(() => central.statuses(1).includes("Preparing"));
      expect(await central.ask("RemoteStartTransaction", { connectorId: 1, idTag: "TAG" }))
        .toEqual({ status: "Accepted" });
      const started = await pile.until("started");
      await central.until(() => central.of("MeterValues").length >= 3);
      await pile.do("cut");
      await pile.until("cut");
      await pile.do("local-stop");
      const stopped = await pile.until("stopped");
      await pile.do("come-back");
      await pile.until("booted", 2);
      await central.until(() => central.of("StopTransaction").length === 1);
      expect(central.of("StopTransaction")[0]).toMatchObject({
        transactionId: started.transactionId,
        meterStop: stopped.registerWh,
        reason: "Local",
      });
      await pile.do("card", { idTag: "CARD" });
      expect(await pile.until("authorized")).toMatchObject({ status: "Accepted" });
      await pile.until("started", 2);
      await pile.do("unplug");
      await central.until(() => central.of("StopTransaction").length === 2);
      expect(central.of("StopTransaction")[1]).toMatchObject({ reason: "EVDisconnected" });
      expect(pile.told.filter(({ event }) => event === "bad-message")).toEqual([]);
    } finally {
      await pile.exit();
      await central.close();
    }
  });
});

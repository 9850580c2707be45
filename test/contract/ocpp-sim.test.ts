// A whole charge of the simulated OCPP pile, which was written from the standard.
import { expect, test } from "vitest";
import { deviceHandler } from "../../server/device-call.ts";
import { memoryStore, startOcppPile } from "../../sim/pile/mod.ts";
import { GATEWAY, ocppWorld } from "./ocpp-world.ts";

test("it boots, plugs in, starts by our order, sends readings, stops and tells the end", async () => {
  await using world = await ocppWorld();
  await world.addPile("SIM-1");
  world.shown = { connectors: [{ no: 1 }] };
  const pile = startOcppPile({
    id: "SIM-1",
    secret: "a-secret-of-20-chars",
    url: `${world.url}/ocpp`,
    store: memoryStore(),
    sampleSeconds: 1,
    startMs: 50,
    stopMs: 50,
  });
  try {
    await world.told("ReportBoot");
    pile.plug();
    await world.told("ReportPlug", ({ body }) => body["plugged"] === true);
    const handler = deviceHandler(world.bus, world.clock);
    const call = {
      tenant: "main",
      pileId: "SIM-1",
      gatewayId: GATEWAY,
      linkEpoch: 1,
      lane: "ocpp1.6",
    };
    const idTag = "CW0123456789ABCDEF";
    const start = { kind: "start", connector: 1, orderId: "ord_0001", idTag, limit: {} };
    expect(await handler({ ...call, command: { ...start, id: "a", holdFen: 3000 } })).toEqual({
      ok: true,
      body: { outcome: "accepted" },
    });
    expect((await world.told("ReportStarted")).body).toMatchObject({ idTag, connector: 1 });
    await world.until(() => world.signals.length >= 2, "readings");
    expect(world.stored.length).toBeGreaterThanOrEqual(2);
    const told = await handler({ ...call, command: { kind: "ask", id: "q" } });
    expect(told).toMatchObject({ body: { connectors: [{ no: 1, state: "charging", txId: 7 }] } });
    const stop = { kind: "stop", id: "b", connector: 1, txId: 7 };
    expect(await handler({ ...call, command: stop })).toEqual({
      ok: true,
      body: { outcome: "accepted" },
    });
    expect((await world.told("ReportEnded")).body).toMatchObject({ txId: 7, reason: "remote" });
    const refused = [...world.counts.keys()].filter((name) => /refused|ignored/.test(name));
    expect(refused).toEqual([]);
  } finally {
    await pile.stop();
  }
});

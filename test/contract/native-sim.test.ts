// A whole charge of the simulated native pile, which was written from the contract alone.
import { afterAll, beforeAll, expect, test } from "vitest";
import { deviceHandler } from "../../server/device-call.ts";
import { platformKeyOf } from "../../server/pile-keys.ts";
import { memoryStore, startNativePile } from "../../sim/pile/mod.ts";
import { type Engine, engine, GATEWAY, nativeWorld, platform } from "./native-world.ts";

let nats: Engine;
beforeAll(async () => void (nats = await engine()));
afterAll(() => nats[Symbol.asyncDispose]());

test("it boots, plugs in, starts by a signed order, ticks, stops and tells the end", async () => {
  await using world = await nativeWorld(nats);
  const secret = await world.addPile("SIM-1");
  const pem = platform.privateKey.export({ type: "pkcs8", format: "pem" });
  const pile = startNativePile({
    id: "SIM-1",
    secret,
    url: nats.nats.url,
    tenant: "main",
    platformKey: platformKeyOf(pem),
    store: memoryStore(),
    startMs: 50,
    stopMs: 50,
  });
  try {
    await world.told("OpenLink");
    pile.plug();
    await world.told("ReportPlug");
    const handler = deviceHandler(world.bus, world.clock);
    const call = {
      tenant: "main",
      pileId: "SIM-1",
      gatewayId: GATEWAY,
      linkEpoch: 1,
      lane: "native",
    };
    const start = { kind: "start", connector: 1, orderId: "ord_0001", idTag: "CW1", limit: {} };
    expect(await handler({ ...call, command: { ...start, id: "a", holdFen: 3000 } })).toEqual({
      ok: true,
      body: { outcome: "accepted" },
    });
    const started = await world.told("ReportStarted");
    expect(started.body).toMatchObject({ orderId: "ord_0001", fact: { seq: expect.any(Number) } });
    await world.until(() => world.signals.length >= 2, "ticks");
    const told = await handler({ ...call, command: { kind: "ask", id: "q" } });
    expect(told).toMatchObject({
      body: { outcome: "told", connectors: [{ no: 1, state: "charging", orderId: "ord_0001" }] },
    });
    const stop = { kind: "stop", id: "b", connector: 1, orderId: "ord_0001" };
    expect(await handler({ ...call, command: stop })).toMatchObject({ ok: true });
    expect((await world.told("ReportEnded")).body).toMatchObject({
      orderId: "ord_0001",
      reason: "remote",
    });
    const refused = [...world.counts.keys()].filter((name) =>
      /malformed|refused|foreign|stale/.test(name)
    );
    expect(refused).toEqual([]);
  } finally {
    await pile.stop();
  }
});

// Both gateways of piles in front of the real pile actor on the real runtime (journal in memory): what the
// actor says is what the pile hears.
import { afterAll, beforeAll, expect, test } from "vitest";
import { deviceHandler } from "../../server/device-call.ts";
import { actorKinds } from "../../server/roles/actors.ts";
import { createNode } from "../../server/runtime/mod.ts";
import { systemClock, systemRandom } from "../../server/runtime/mod.ts";
import { memoryJournal, memoryNetwork } from "../../server/store/mod.ts";
import type { Principal } from "../../wire/envelope.ts";
import type { Lane, PileView } from "../../wire/pile.ts";
import { chargingSettings } from "../../wire/settings.ts";
import type { World } from "./gateway-world.ts";
import { type Engine, engine, nativeWorld } from "./native-world.ts";
import { ocppWorld } from "./ocpp-world.ts";

let nats: Engine;
beforeAll(async () => void (nats = await engine()));
afterAll(() => nats[Symbol.asyncDispose]());

const ops: Principal = { kind: "ops", id: "ops_1", roles: ["operator"] };
const T = "2026-11-20T08:00:00Z";

/** Puts a node with all actors behind the world's client, and a pile into it. */
async function withActors(world: World, pileId: string, lane: Lane) {
  const network = memoryNetwork({ clock: systemClock, random: systemRandom });
  const device = deviceHandler(world.bus, world.clock);
  const silent = () => Promise.resolve({ ok: true, body: null } as const);
  const node = createNode({
    node: "node-1",
    actors: actorKinds,
    journal: memoryJournal({ clock: systemClock }),
    network: network.port("node-1"),
    settings: () => chargingSettings.parse({}),
    ports: { device: (call) => device(call.body), notify: silent, payment: silent },
  });
  await node.start();
  Object.assign(world.client, {
    ask: (ask: Parameters<typeof node.ask>[0]) => (world.asks.push(ask), node.ask(ask)),
    read: node.read,
    signal: node.signal,
  });
  const to = { tenant: "main", kind: "pile", id: pileId };
  const body = {
    stationId: "stn_0001",
    code: "123456",
    lane,
    ratedPowerW: 60_000,
    connectors: [{ no: 1, plug: "gb-dc", ratedPowerW: 60_000, reservable: false }],
  };
  const made = await node.ask({ id: "reg", to, type: "RegisterPile", body, principal: ops });
  expect(made).toMatchObject({ ok: true });
  return {
    async show(): Promise<PileView> {
      const reply = await node.read({ to, name: "show", principal: ops });
      return (reply as { body: PileView }).body;
    },
    [Symbol.dispose]: () => node.kill(),
  };
}

test("an OCPP pile comes, charges for an unknown card, goes and comes again", async () => {
  await using world = await ocppWorld();
  using platform = await withActors(world, "CP1", "ocpp1.6");
  await world.addPile("CP1");
  const pile = await world.connect("CP1");
  pile.onCall = () => ({ status: "Accepted" });
  await pile.call("BootNotification", { chargePointModel: "M", chargePointVendor: "V" });
  const status = (word: string) =>
    pile.call("StatusNotification", { connectorId: 1, errorCode: "NoError", status: word });
  await status("Available");
  await status("Preparing");
  expect(await platform.show()).toMatchObject({
    presence: "online",
    linkEpoch: 1,
    model: "M",
    connectors: [{ plugged: true, status: "plugged" }],
  });
  const start = { connectorId: 1, idTag: "NOBODY", meterStart: 1_000, timestamp: T };
  const started = (await pile.call("StartTransaction", start))?.[2] as { transactionId: number };
  expect(started).toMatchObject({ idTagInfo: { status: "Invalid" } });
  expect(started.transactionId).toBeGreaterThan(0);
  expect((await pile.call("StartTransaction", start))?.[2]).toEqual(started);
  await world.until(
    () => pile.got.some(([, , action]) => action === "RemoteStopTransaction"),
    "stop",
  );
  const stop = { transactionId: started.transactionId, meterStop: 1_400, timestamp: T };
  expect((await pile.call("StopTransaction", stop))?.[2]).toEqual({});
  expect((await pile.call("StopTransaction", stop))?.[2]).toEqual({});
  expect((await pile.call("StopTransaction", { ...stop, transactionId: -1 }))?.[2]).toEqual({});
  expect((await platform.show()).unattributedWh).toBe(400);
  await pile.close();
  await expect.poll(async () => (await platform.show()).presence).toBe("offline");
  const again = await world.connect("CP1");
  await again.call("Heartbeat", {});
  expect(await platform.show()).toMatchObject({ presence: "online", linkEpoch: 2 });
});

test.each([
  ["InternalError", "opens and closes as the pile says", undefined],
  ["GroundFailure", "stays until ops have looked", { code: "GroundFailure", by: "pile" }],
])("a fault %s %s", async (code, _what, after) => {
  await using world = await ocppWorld();
  using platform = await withActors(world, "CP1", "ocpp1.6");
  await world.addPile("CP1");
  const pile = await world.connect("CP1");
  const status = (word: string, errorCode = "NoError") =>
    pile.call("StatusNotification", { connectorId: 1, errorCode, status: word });
  await status("Faulted", code);
  expect((await platform.show()).connectors[0]).toMatchObject({
    status: "faulted",
    fault: { code, by: "pile" },
  });
  await pile.close();
  const again = await world.connect("CP1");
  await again.call("StatusNotification", {
    connectorId: 1,
    errorCode: "NoError",
    status: "Available",
  });
  const { fault } = (await platform.show()).connectors[0]!;
  if (after === undefined) expect(fault).toBeUndefined();
  else expect(fault).toMatchObject(after);
});

test("a native pile's sequence holds over gaps, repeats and boots", async () => {
  await using world = await nativeWorld(nats, { bootGapMs: 0 });
  using platform = await withActors(world, "P1", "native");
  await world.addPile("P1");
  const pile = await world.pile("P1");
  expect(await pile.boot()).toMatchObject({ linkEpoch: 1, nextSeq: 1 });
  expect(await pile.fact("plugged")).toEqual({ ok: true, seq: 1 });
  expect(await pile.fact("fault-cleared")).toEqual({ ok: true, seq: 2 });
  pile.seq = 3;
  expect(await pile.fact("unplugged")).toEqual({ expect: 3 });
  pile.seq = 0;
  expect(await pile.fact("plugged")).toEqual({ ok: true, seq: 1 });
  pile.seq = 2;
  expect(await pile.fact("unplugged")).toEqual({ ok: true, seq: 3 });
  expect((await platform.show()).connectors[0]!.plugged).toBe(false);
  expect(await pile.boot({ bootId: "boot-2" })).toMatchObject({ linkEpoch: 2, nextSeq: 4 });
  expect(await pile.fact("plugged")).toEqual({ ok: true, seq: 4 });
  expect((await platform.show()).connectors[0]!.plugged).toBe(true);
});

test("a native pile that charges for nobody is stopped by a signed order", async () => {
  await using world = await nativeWorld(nats);
  using platform = await withActors(world, "P1", "native");
  await world.addPile("P1");
  const pile = await world.pile("P1");
  await pile.boot();
  await pile.fact("plugged");
  expect(await pile.fact("charging", { registerWh: 500 })).toEqual({ ok: true, seq: 2 });
  await world.until(() => pile.commands.length > 0, "stop");
  expect(pile.commands[0]).toMatchObject({ kind: "stop", connector: 1 });
  expect(pile.checks(pile.commands[0]!)).toBe(true);
  expect(await pile.fact("ended", { registerWh: 700, reason: "remote" })).toEqual({
    ok: true,
    seq: 3,
  });
  expect((await platform.show()).unattributedWh).toBe(200);
});

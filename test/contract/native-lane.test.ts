// The native lane on a real nats-server: boots, beats, ticks and facts of a pile, and what comes of them.
import { afterAll, beforeAll, expect, test } from "vitest";
import { faulty, refusedWith } from "./gateway-world.ts";
import { type Engine, engine, GATEWAY, nativeWorld } from "./native-world.ts";

let nats: Engine;
beforeAll(async () => void (nats = await engine()));
afterAll(() => nats[Symbol.asyncDispose]());

async function onePile(settings = {}) {
  const world = await nativeWorld(nats, settings);
  await world.addPile("P1");
  const pile = await world.pile("P1");
  return { world, pile };
}
const AT = 1_790_000_000_000;

test("a boot opens the link and is told where the sequence goes on", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  world.answer = (ask) =>
    ask.type === "OpenLink"
      ? { ok: true, v: 1, asOf: 0, body: { linkEpoch: 5, lastSeq: 41, openStarts: [] } }
      : undefined;
  expect(await pile.boot()).toMatchObject({
    linkEpoch: 5,
    beatMs: 10_000,
    tickMs: 1_000,
    nextSeq: 42,
  });
  const opened = await world.told("OpenLink");
  expect(opened.principal).toEqual({ kind: "device", id: "P1" });
  expect(opened.body).toEqual({
    gatewayId: GATEWAY,
    lane: "native",
    bootId: "boot-1",
    model: "N1",
    firmware: "1.0",
  });
});

test("a boot that cannot be recorded now or ever says so", async () => {
  const { world, pile } = await onePile({ openMs: 200 });
  await using _ = world;
  world.answer = () => faulty("unavailable");
  expect(await pile.boot()).toEqual({ error: "unavailable", afterMs: 2_000 });
  world.answer = () => refusedWith("pile.unknown");
  expect(await pile.boot()).toEqual({ error: "pile.unknown" });
  expect(await pile.request("boot", { proto: 2 })).toEqual({ error: "boot.malformed" });
});

test("facts are told in order under the principal of their subject, and answered once recorded", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  await pile.boot();
  let recorded = () => {};
  world.answer = (ask) =>
    ask.type === "ReportPlug" ? new Promise((done) => recorded = () => done(undefined)) : undefined;
  let answered = false;
  const plugged = pile.fact("plugged").then((answer) => (answered = true, answer));
  await world.told("ReportPlug");
  expect(answered).toBe(false);
  recorded();
  expect(await plugged).toEqual({ ok: true, seq: 1 });
  const told = world.asks.find(({ type }) => type === "ReportPlug")!;
  expect(told.principal).toEqual({ kind: "device", id: "P1" });
  expect(told.body).toEqual({
    linkEpoch: 1,
    fact: { bootId: "boot-1", seq: 1 },
    connector: 1,
    deviceAt: AT,
    plugged: true,
  });
});

test("every kind of fact is a command of the pile's actor", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  await pile.boot();
  const cards = await world.directory.bucket("idtags");
  await cards.put("main/CARD1", { userId: "usr_0001", blocked: true });
  const fault = { code: "E1", raw: "x" };
  const rows: [string, Record<string, unknown>, string, Record<string, unknown>][] = [
    ["unplugged", {}, "ReportPlug", { plugged: false }],
    ["charging", { registerWh: 5, idTag: "CARD1" }, "ReportStarted", {
      registerWh: 5,
      idTag: "CARD1",
      cardUserId: "usr_0001",
      cardBlocked: true,
      orderId: "ord_0001",
    }],
    ["meter", { registerWh: 6, powerW: 7, socPct: 8 }, "ReportMeter", {
      registerWh: 6,
      powerW: 7,
      socPct: 8,
    }],
    ["tariff-edge", { registerWh: 7 }, "ReportMeter", { registerWh: 7 }],
    ["stopped", { registerWh: 8, ...fault }, "ReportMeter", { registerWh: 8, powerW: 0 }],
    ["limit-reached", { registerWh: 8, limit: "energy" }, "ReportMeter", { registerWh: 8 }],
    ["ended", { registerWh: 9, reason: "unplugged", code: "0x40" }, "ReportEnded", {
      registerWh: 9,
      reason: "unplugged",
      cause: { code: "0x40", by: "user" },
      orderId: "ord_0001",
    }],
    ["fault", { ...fault, severity: "warning" }, "ReportFault", {
      cause: { ...fault, by: "pile" },
      severity: "warning",
    }],
    ["fault-cleared", {}, "ReportFaultCleared", {}],
    ["lock", { state: "fault", code: "motor" }, "ReportLock", {
      seen: { state: "fault", code: "motor" },
    }],
    ["gate", { state: "open", bay: "empty" }, "ReportLock", {
      seen: { state: "down", bay: "empty" },
    }],
    ["tamper", fault, "ReportFault", { cause: { ...fault, by: "unknown" }, severity: "critical" }],
    ["estop", {}, "ReportFault", { cause: { code: "estop", by: "user" }, severity: "critical" }],
  ];
  for (const [kind, data, type, body] of rows) {
    const ordered = kind === "charging" || kind === "ended" ? { orderId: "ord_0001" } : {};
    world.asks.length = 0;
    expect(await pile.fact(kind, data, ordered)).toEqual({ ok: true, seq: pile.seq });
    const fact = { bootId: "boot-1", seq: pile.seq };
    expect(world.asks.map((ask) => [ask.type, ask.body])).toEqual([
      [type, { linkEpoch: 1, fact, connector: 1, deviceAt: AT, ...body }],
    ]);
  }
});

test("a gap is asked for, what is not stored now comes again, what never will be is named", async () => {
  const { world, pile } = await onePile({ recordMs: 150 });
  await using _ = world;
  await pile.boot();
  world.answer = () => refusedWith("fact.gap", { expect: 3 });
  expect(await pile.fact("plugged")).toEqual({ expect: 3 });
  world.answer = () => faulty("overloaded");
  expect(await pile.fact("plugged")).toEqual({ error: "unavailable", afterMs: 1_000 });
  world.answer = () => refusedWith("pile.connector-unknown");
  expect(await pile.fact("plugged")).toEqual({ error: "pile.connector-unknown" });
  world.answer = () => refusedWith("pile.link-stale");
  expect(await pile.fact("plugged")).toEqual({ error: "link.gone", afterMs: 0 });
});

test("ticks are signals, one in ten seconds is stored", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  await pile.boot();
  const numbers = { powerW: 7000, mV: 400_000, mA: 17_500, socPct: 55, registerWh: 1234 };
  for (let n = 1; n <= 5; n++) {
    pile.publish("tick", { linkEpoch: 1, n, t: AT + n, connector: 1, ...numbers });
  }
  pile.publish("tick", { linkEpoch: 1, n: 6, t: AT, connector: 2, registerWh: 5 });
  pile.publish("tick", { linkEpoch: 0, n: 7, t: AT, connector: 2, registerWh: 6 });
  await pile.nc.flush();
  await world.until(() => world.signals.length === 6, "six signals");
  expect(world.signals[4]).toEqual({
    to: { tenant: "main", kind: "pile", id: "P1" },
    data: { linkEpoch: 1, n: 5, t: AT + 5, connector: 1, ...numbers },
  });
  expect(world.stored.map(({ connector, t }) => [connector, t])).toEqual([[1, AT + 1], [2, AT]]);
});

test("three missed beats lose the link; the next beat is asked to boot", async () => {
  const { world, pile } = await onePile({ beatMs: 100, lookMs: 50 });
  await using _ = world;
  await pile.boot();
  const lost = await world.told("LoseLink");
  expect(lost.body).toEqual({ gatewayId: GATEWAY, linkEpoch: 1, why: "silent" });
  world.shown = { presence: "offline", connectors: [] };
  pile.beat();
  await world.until(() => pile.asks.length > 0, "asked to boot");
  expect(pile.asks[0]).toEqual({ what: "boot" });
});

test("a pile of another gateway is left alone", async () => {
  const { world, pile } = await onePile({ lookMs: 20 });
  await using _ = world;
  world.shown = { presence: "online", gatewayId: "node-2-native" };
  pile.linkEpoch = 4;
  pile.beat();
  await expect(pile.request("fact", {
    linkEpoch: 4,
    seq: 1,
    at: AT,
    connector: 1,
    kind: "plugged",
    data: {},
  }, 300)).rejects.toThrow();
  expect(pile.asks).toEqual([]);
});

test("a second boot wins; whoever still speaks under the older link is a clone", async () => {
  const { world, pile } = await onePile({ bootGapMs: 0 });
  await using _ = world;
  await pile.boot();
  const clone = await world.pile("P1");
  await clone.boot({ bootId: "boot-of-clone" });
  expect(clone.linkEpoch).toBe(2);
  expect(await pile.fact("plugged")).toEqual({ error: "link.gone", afterMs: 30_000 });
  expect(await clone.fact("plugged")).toEqual({ ok: true, seq: 1 });
  const alarms = world.lines.map(({ facts }) => facts["alarm"]).filter(Boolean);
  expect(alarms).toEqual(["pile.second-link", "pile.clone"]);
  expect(world.asks.filter(({ type }) => type === "LoseLink")).toEqual([]);
});

test("a gateway that comes up again tells of its old links and calls the piles back", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  const links = await world.directory.bucket("links");
  await links.put(`${GATEWAY}/main/P1`, { linkEpoch: 8 });
  await world.telemetry.stop();
  await world.start();
  const lost = await world.told("LoseLink");
  expect(lost.body).toEqual({ gatewayId: GATEWAY, linkEpoch: 8, why: "gateway-gone" });
  await world.until(() => pile.asks.length > 0, "asked to boot");
});

test("the gateway's stop tells every link as closed", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  await pile.boot();
  await world.telemetry.stop();
  expect((await world.told("LoseLink")).body).toMatchObject({ linkEpoch: 1, why: "closed" });
});

test("nonsense is counted, said once a minute, answered where an answer is wanted", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  await pile.boot();
  for (const text of ["", "{", "null", "[]", '{"linkEpoch":-1,"n":0}', "x".repeat(40_000)]) {
    pile.publish("beat", text);
    pile.publish("tick", text);
  }
  expect(await pile.request("fact", "{}")).toEqual({ error: "payload.malformed" });
  expect(await pile.request("fact", "nonsense")).toEqual({ error: "payload.not-json" });
  expect(await pile.request("fact", "[".repeat(40_000))).toEqual({ error: "payload.too-large" });
  const said = world.lines.filter(({ message }) => message.includes("nonsense"));
  expect(said).toHaveLength(1);
  expect(await pile.fact("plugged")).toEqual({ ok: true, seq: 1 });
});

test("a pile blocked while connected loses its link and cannot boot again", async () => {
  const { world, pile } = await onePile({ checkMs: 100 });
  await using _ = world;
  await pile.boot();
  const auths = await world.directory.bucket<object>("pile-auth");
  const row = await auths.get("main/P1");
  await auths.put("main/P1", { ...row!.value, blocked: true });
  expect((await world.told("LoseLink")).body).toMatchObject({ linkEpoch: 1, why: "closed" });
  expect(await pile.boot()).toEqual({ error: "pile.blocked" });
});

test("boots asked again while one is under way are one; boots all the time are held back", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  let open = () => {};
  world.answer = (ask) =>
    ask.type === "OpenLink" ? new Promise((done) => open = () => done(undefined)) : undefined;
  const answers = [pile.boot(), pile.boot()];
  const other = pile.boot({ bootId: "boot-2" });
  expect(await other).toMatchObject({ error: "overloaded" });
  open();
  expect((await Promise.all(answers)).map(({ linkEpoch }) => linkEpoch)).toEqual([1, 1]);
  expect(await pile.boot()).toMatchObject({ error: "overloaded" });
  expect(world.asks.filter(({ type }) => type === "OpenLink")).toHaveLength(1);
});

test("a pile that says more than it may is not looked at, others are", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  await world.addPile("P2");
  const calm = await world.pile("P2");
  await pile.boot();
  await calm.boot();
  let n = 0;
  const burst = async () => {
    for (const end = n + 2_000; n < end; n++) {
      pile.publish("tick", { linkEpoch: 1, n, t: AT, connector: 1, registerWh: n });
    }
    return await pile.fact("plugged");
  };
  // A new second may begin behind one burst, not behind each.
  await expect.poll(burst, { interval: 10 }).toMatchObject({ error: "overloaded" });
  expect(await calm.fact("plugged")).toEqual({ ok: true, seq: 1 });
  expect(world.signals.length).toBeLessThan(700 * n / 2_000);
});

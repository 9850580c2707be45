// The fast lane: newest wins, what is due is noted, limits are reached, nothing else is journaled.
import { describe, expect, test } from "vitest";
import { commandsIn, ORDER, PILE, type Rig, stage, T0 } from "./rig.ts";

let n = 0;
const tick = (rig: Rig, more: Record<string, unknown> = {}) =>
  rig.step.signal({
    linkEpoch: rig.epoch(),
    n: ++n,
    t: rig.step.at,
    connector: 1,
    powerW: 60_000,
    registerWh: 1_000_000,
    ...more,
  });
const after = (rig: Rig, ms: number, wh: number, more: Record<string, unknown> = {}) => {
  rig.step.at = T0 + ms;
  return tick(rig, { registerWh: 1_000_000 + wh, ...more });
};

test("a tick is shown to pile and order with energy, cost and time, and journaled by nobody", () => {
  const rig = stage.charging();
  const { v } = rig.step;
  const out = after(rig, 30_000, 499, { socPct: 41 });
  expect(out.command).toBeUndefined();
  expect(rig.step.v).toBe(v);
  const data = {
    n,
    t: new Date(T0 + 30_000).toISOString(),
    linkEpoch: 1,
    energyWh: 499,
    powerW: 60_000,
    socPct: 41,
    costFen: 55, // 0.499 kWh at 1.10 yuan
    elapsedMs: 30_000,
  };
  expect(out.live).toEqual([
    { to: { kind: "pile", id: PILE }, data },
    { to: { kind: "order", id: ORDER }, data },
  ]);
  expect(rig.step.read("show")).toMatchObject({ body: { connectors: [{ powerW: 60_000 }, {}] } });
});

test("the live cost adds what is journaled to the stretch since, over a tariff's edge", () => {
  const rig = stage.charging();
  rig.step.at = T0 + 59 * 60_000;
  rig.tell("ReportMeter", { registerWh: 1_059_000 });
  rig.step.at = T0 + 61 * 60_000;
  const out = tick(rig, { registerWh: 1_061_000 });
  expect(out.live![0]!.data).toMatchObject({ energyWh: 61_000, costFen: 60 * 110 + 150 });
});

test.each<[string, Record<string, unknown>]>([
  ["an older one", { n: 0 }],
  ["of an older link", { linkEpoch: 0 }],
  ["of a link to come", { linkEpoch: 5 }],
  ["of no such connector", { connector: 9 }],
  ["malformed", { powerW: -1 }],
])("%s is dropped", (_name, more) => {
  const rig = stage.charging();
  tick(rig);
  const { memory } = rig.step;
  const out = tick(rig, { powerW: 1, ...more });
  expect(out.live).toBeUndefined();
  expect(rig.step.memory).toEqual(memory);
});

test("a tick of the link before is dropped, however new its number", () => {
  const rig = stage.charging();
  tick(rig);
  rig.openLink("boot-1", "gw-2");
  expect(tick(rig, { linkEpoch: 1 }).live).toBeUndefined();
  expect(tick(rig).live).toHaveLength(2);
});

describe("a reading is noted", () => {
  test.each<[string, number, number, Record<string, unknown>]>([
    ["after 60 s", 60_000, 400, {}],
    ["after 0.5 kWh", 20_000, 500, {}],
  ])("%s", (_name, ms, wh, more) => {
    const rig = stage.charging();
    const { v } = rig.step;
    expect(after(rig, ms, wh, more).command).toMatchObject({ type: "NoteReading" });
    expect(rig.step.v).toBe(v + 1);
    expect(rig.connector().register).toMatchObject({ wh: 1_000_000 + wh });
    expect(after(rig, ms + 1_000, wh + 10).command).toBeUndefined();
  });
  test("when a tariff's edge was crossed", () => {
    const rig = stage.charging();
    rig.step.at = T0 + 3_599_000;
    rig.tell("ReportMeter", { registerWh: 1_059_900 });
    expect(after(rig, 3_599_500, 59_910).command).toBeUndefined();
    expect(after(rig, 3_600_000, 59_915).command).toMatchObject({ type: "NoteReading" });
  });
  test("once when it cannot be believed, and shown to nobody", () => {
    const rig = stage.charging();
    const out = after(rig, 1_000, 900_000);
    expect(out.live![0]!.data).toMatchObject({ energyWh: 0, costFen: 0 });
    expect(out.step!.events.map(({ type }) => type)).toEqual(["ReadingDoubted", "IncidentRaised"]);
    expect(after(rig, 10_000, 900_001).command).toBeUndefined();
  });
});

describe("a limit", () => {
  test.each<
    [
      string,
      Record<string, unknown>,
      number | null,
      number,
      number,
      Record<string, unknown>,
      string | null,
    ]
  >([
    ["energy below", { energyWh: 400 }, null, 20_000, 399, {}, null],
    ["energy", { energyWh: 400 }, null, 20_000, 400, {}, "energy"],
    // 60 kW x 35 s = 583 Wh at 1.10 yuan = 65 fen before it is reached
    ["money too early", { moneyFen: 100 }, null, 20_000, 300, {}, null],
    ["money", { moneyFen: 100 }, null, 20_000, 330, {}, "money"],
    ["hold", {}, 100, 20_000, 330, {}, "hold"],
    ["soc below", { socPct: 80 }, null, 20_000, 10, { socPct: 79 }, null],
    ["soc", { socPct: 80 }, null, 20_000, 10, { socPct: 80 }, "soc"],
    ["time", { timeMs: 60_000 }, null, 60_000, 10, {}, "time"],
    ["platform", {}, null, 43_200_000, 10, {}, "platform"],
  ])("%s", (_name, limit, hold, ms, wh, more, reached) => {
    const rig = stage.charging(limit, hold);
    const { command } = after(rig, ms, wh, more);
    if (reached === null) return expect(command).toBeUndefined();
    expect(command).toMatchObject({ type: "ReachLimit", orderId: ORDER, limit: reached });
    expect(rig.status).toBe("stopping");
    expect(commandsIn(rig.step.take()).at(-1)).toMatchObject({ kind: "stop" });
  });
  test("is not late because a reading was noted a second ago", () => {
    const rig = stage.charging({ energyWh: 515 });
    expect(after(rig, 30_000, 500).command).toMatchObject({ type: "NoteReading" });
    expect(after(rig, 31_000, 516).command).toMatchObject({ type: "ReachLimit", limit: "energy" });
  });
});

describe("power where nothing runs", () => {
  test("is a charge that nobody ordered, after a while", () => {
    const rig = stage.ready();
    expect(after(rig, 0, 0).command).toBeUndefined();
    expect(after(rig, 44_999, 700).command).toBeUndefined();
    expect(after(rig, 45_000, 701).command).toMatchObject({ type: "FindCharge" });
    expect(rig.status).toBe("stopping");
    expect(rig.connector().unattributedWh).toBe(701);
  });
  test("is nothing where it stops again, or where a start is under way", () => {
    const rig = stage.ready();
    after(rig, 0, 0);
    after(rig, 30_000, 1, { powerW: 0 });
    expect(after(rig, 60_000, 2).command).toBeUndefined();
    const starting = stage.starting();
    after(starting, 0, 0);
    expect(after(starting, 60_000, 10).command).toBeUndefined();
  });
});

test("power over the rated one holds the bill, though the register stands", () => {
  const rig = stage.charging();
  rig.step.at += 10_000;
  tick(rig, { powerW: 200_000, registerWh: 1_000_100 });
  expect(rig.step.log.filter(({ type }) => type === "ReadingDoubted")).toMatchObject([{
    why: "over-rated-power",
    registerWh: 1_000_100,
  }]);
  expect(rig.connector().register).toMatchObject({ wh: 1_000_100 });
});

test("a stop is proven by the meter: no power, and a register that stands still for 20 s", () => {
  const rig = stage.charging();
  rig.stop();
  rig.says("stop", "refused", { code: "busy" });
  const at = (ms: number, powerW: number, registerWh: number) => {
    rig.step.at += ms;
    tick(rig, { powerW, registerWh });
  };
  at(60_000, 0, 1_000_300); // noted: the last that flowed
  at(19_000, 0, 1_000_300);
  expect(rig.status).toBe("stopping");
  at(1_000, 0, 1_000_300);
  expect(rig.status).toBe("occupied");
  expect(rig.step.log.find(({ type }) => type === "ChargeEnded")).toMatchObject({
    proof: "meter",
    registerWh: 1_000_300,
  });
});

// MeterValues of an OCPP pile: answered when stored, newest handed on, odd numbers kept and flagged.
import { expect, test } from "vitest";
import { until } from "./gateway-world.ts";
import { ocppWorld } from "./ocpp-world.ts";

const T = "2026-11-20T08:00:00Z";
const at = Date.parse(T);

async function onePile() {
  const world = await ocppWorld();
  await world.addPile("CP1");
  return { world, pile: await world.connect("CP1") };
}
const reading = (sampledValue: unknown[], timestamp = T) => (
  { connectorId: 1, transactionId: 7, meterValue: [{ timestamp, sampledValue }] }
);

test("readings are stored before they are answered, the newest is a signal", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  await pile.call("Heartbeat", {});
  let stored = () => {};
  world.store = () => new Promise((done) => stored = done);
  let answered = false;
  const answer = pile.call("MeterValues", {
    connectorId: 1,
    transactionId: 7,
    meterValue: [
      { timestamp: "2026-11-20T08:00:10Z", sampledValue: [{ value: "2000" }] },
      { timestamp: T, sampledValue: [{ value: "1.5", unit: "kWh" }] },
    ],
  }).then(() => answered = true);
  await pile.call("Heartbeat", {});
  expect(answered).toBe(false);
  stored();
  await answer;
  expect(world.stored.map(({ t, registerWh, txId, linkEpoch }) => [t, registerWh, txId, linkEpoch]))
    .toEqual([[at + 10_000, 2000, 7, 1], [at, 1500, 7, 1]]);
  expect(world.signals).toEqual([{
    to: { tenant: "main", kind: "pile", id: "CP1" },
    data: { linkEpoch: 1, n: 1, t: at + 10_000, connector: 1, registerWh: 2000 },
  }]);
});

test("units and phases come together", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  await pile.call(
    "MeterValues",
    reading([
      { value: "11.04", measurand: "Power.Active.Import", unit: "kW" },
      { value: "9999", measurand: "Power.Active.Import", unit: "W", phase: "L1" },
      { value: "229.5", measurand: "Voltage", phase: "L1-N", unit: "V" },
      { value: "230.5", measurand: "Voltage", phase: "L2-N", unit: "V" },
      { value: "16", measurand: "Current.Import", phase: "L1" },
      { value: "15.5", measurand: "Current.Import", phase: "L2" },
      { value: "56.4", measurand: "SoC", unit: "Percent", location: "EV" },
      { value: "100", measurand: "Energy.Active.Import.Register", phase: "L1" },
      { value: "200", measurand: "Energy.Active.Import.Register", phase: "L2" },
      { value: "7", measurand: "Energy.Active.Import.Register", location: "Inlet" },
      { value: "5", measurand: "Temperature", unit: "Celsius" },
    ]),
  );
  expect(world.signals[0]!.data).toEqual({
    linkEpoch: 1,
    n: 1,
    t: at,
    connector: 1,
    powerW: 11_040,
    mV: 230_000,
    mA: 16_000,
    socPct: 56,
    registerWh: 300,
  });
});

test("numbers that are none are answered, stored as sent, flagged, and said once a charge", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  for (const value of ["12,5", "", "NaN", "-4", "1e99", "9".repeat(10_000), "0x10"]) {
    expect((await pile.call("MeterValues", reading([{ value }])))?.[2]).toEqual({});
  }
  expect(world.stored.map(({ flag }) => flag)).toEqual([
    "unparseable",
    "unparseable",
    "unparseable",
    "out-of-range",
    "out-of-range",
    "out-of-range",
    "unparseable",
  ]);
  expect(world.stored.every(({ registerWh, raw }) => registerWh === undefined && raw)).toBe(true);
  expect(world.stored.every(({ raw }) => raw!.length <= 500)).toBe(true);
  const said = world.lines.filter(({ message }) => message.startsWith("reading"));
  expect(said.length).toBeLessThanOrEqual(2);
});

test("a pile whose clock stands in 1970 is heard, and its readings flagged", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  await pile.call("MeterValues", reading([{ value: "10" }], "1970-01-01T00:00:05Z"));
  expect(world.stored[0]).toMatchObject({ t: 5000, registerWh: 10, flag: "clock" });
});

test("of a queue that is poured out each reading is stored, and the newest handed on", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  const values = Array.from({ length: 5 }, (_none, n) => String(100 + n));
  for (const value of values) await pile.call("MeterValues", reading([{ value }]));
  await until(() => world.signals.length === 2, "newest handed on");
  expect(world.stored.map(({ registerWh }) => String(registerWh))).toEqual(values);
  expect(world.signals.map(({ data }) => data["registerWh"])).toEqual([100, 104]);
});

test("the main meter is stored and no signal", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  await pile.call("MeterValues", { ...reading([{ value: "10" }]), connectorId: 0 });
  expect(world.stored[0]).toMatchObject({ connector: 0, registerWh: 10 });
  expect(world.signals).toEqual([]);
});

test("where readings cannot be stored the pile hears so", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  world.store = () => Promise.reject(new RangeError("disk full"));
  const answer = await pile.call("MeterValues", reading([{ value: "10" }]));
  expect(answer?.slice(0, 3)).toEqual([4, "p1", "InternalError"]);
  expect(world.signals).toEqual([]);
});

test("a flood is read no faster than allowed, and nothing of it is lost", async () => {
  await using world = await ocppWorld({ framesPerS: 200, framesAtOnce: 20 });
  await world.addPile("CP1");
  await world.addPile("CP2");
  const flood = await world.connect("CP1");
  const calm = await world.connect("CP2");
  const from = performance.now();
  const data = "x".repeat(8_000); // more than one piece of what a socket hands over
  const answers = Array.from(
    { length: 100 },
    () => flood.call("DataTransfer", { vendorId: "v", data }),
  );
  await calm.call("Heartbeat", {});
  expect(performance.now() - from).toBeLessThan(300);
  expect((await Promise.all(answers)).every((answer) => answer?.[0] === 3)).toBe(true);
  expect(performance.now() - from).toBeGreaterThan(300);
});

import { beforeEach, expect, test } from "vitest";
import { type VirtualClock, virtualClock } from "../clock.ts";
import { allModels, createCar } from "../vehicle/mod.ts";
import { PileCore } from "./core.ts";
import { Book } from "./did.ts";
import type { PileEvent, PileSpec, Reading } from "./events.ts";
import { COMMANDS_MAX } from "./command-log.ts";
import { freshMemory, memoryStore, type PileStore } from "./memory.ts";

const AT = Date.UTC(2026, 10, 23, 3, 0, 5);
const spec: PileSpec = {
  id: "P-1",
  model: "SIM-1",
  firmware: "1",
  connectors: [{ no: 1, plug: "gb-dc", ratedPowerW: 60_000 }],
  startMs: 1_500,
  stopMs: 500,
  bootMs: 2_000,
  energyFactor: 1,
};
const sedan = createCar({
  model: allModels.find(({ dcMaxW }) => dcMaxW >= 90_000)!,
  kind: "dc",
  socPct: 20,
  seed: 5,
});

let clock: VirtualClock, store: PileStore, core: PileCore;
let events: PileEvent[], readings: Reading[];
function power(): void {
  core = new PileCore(
    spec,
    store.load() ?? freshMemory(spec, clock.now(), 1_000),
    new Book(),
    clock,
    store,
  );
  core.listen({
    onEvent: (event) => void events.push(event),
    onReading: (reading) => void readings.push(reading),
  });
}
beforeEach(() => {
  clock = virtualClock(AT);
  store = memoryStore();
  [events, readings] = [[], []];
  power();
});
const kinds = () => events.map(({ kind }) => kind);
const last = () => events.at(-1)!;
const start = (limit = {}) => core.start({ connector: 1, orderId: "ord_0001", limit });

test("a charge runs from the handshake to the stop, and the register is its energy", async () => {
  core.plug(1, sedan);
  expect(start()).toEqual({ outcome: "accepted" });
  await clock.advance(61_500);
  core.stop({ connector: 1, orderId: "ord_0001", reason: "remote" });
  await clock.advance(1_000);
  expect(kinds()).toEqual(["plugged", "preparing", "charging", "meter", "ended"]);
  expect(last()).toMatchObject({ at: AT + 62_000, reason: "remote", startRegisterWh: 1_000 });
  const wh = readings.reduce((sum, { powerW }) => sum + powerW / 3_600, 0);
  expect(Math.abs(core.status(1).registerWh - 1_000 - wh)).toBeLessThan(30);
});

test.each(
  [
    ["energy", { energyWh: 500 }],
    ["time", { timeMs: 60_000 }],
    ["soc", { socPct: 21 }],
  ] as const,
)("its own limit ends the charge exactly there: %s", async (name, limit) => {
  core.plug(1, sedan);
  start(limit);
  await clock.advance(300_000);
  expect(events.at(-2)).toMatchObject({ kind: "limit-reached", limit: name });
  expect(last()).toMatchObject({ kind: "ended", reason: "limit", code: name });
  if (name === "energy") expect(core.status(1).registerWh).toBe(1_500);
  if (name === "time") expect(last().at).toBe(AT + 61_500);
});

test("readings at each half hour are kept for the tariff's edges", async () => {
  core.plug(1, sedan);
  start();
  await clock.advance(1_800_000);
  const edge = events.find(({ kind }) => kind === "tariff-edge");
  expect(edge?.at).toBe(Date.UTC(2026, 10, 23, 3, 30));
});

test("a full car ends by itself, and nothing begins again", async () => {
  core.plug(1, { ...sedan, targetPct: 21 });
  start();
  await clock.advance(600_000);
  expect(last()).toMatchObject({ kind: "ended", reason: "limit", code: "full" });
});

test("it refuses what cannot be done, and says why", () => {
  expect(start()).toEqual({ outcome: "refused", code: "unplugged" });
  core.plug(1, sedan);
  start();
  expect(start()).toEqual({ outcome: "refused", code: "busy" });
  const other = { connector: 1, orderId: "ord_0002", reason: "remote" } as const;
  expect(core.stop(other)).toEqual({ outcome: "refused", code: "other-order" });
  core.fault(1, { code: "GroundFailure", severity: "critical" });
  expect(start()).toEqual({ outcome: "refused", code: "faulted" });
});

test("the gun pulled ends the charge at once, plugged back it stays off", async () => {
  core.plug(1, sedan);
  start();
  await clock.advance(5_000);
  const car = core.unplug(1)!;
  expect(kinds().slice(-2)).toEqual(["ended", "unplugged"]);
  core.plug(1, car);
  await clock.advance(90_000);
  expect(core.status(1).status).toBe("plugged");
});

test("a command is done once by its id; the oldest is forgotten after 256 others", () => {
  let done = 0;
  const run = (id: string) =>
    core.once(id, () => {
      done += 1;
      return { outcome: "accepted" };
    });
  run("first");
  expect(run("first")).toEqual({ outcome: "known", code: "accepted" });
  power(); // the log is on the disk
  expect(run("first")).toEqual({ outcome: "known", code: "accepted" });
  expect(done).toBe(1);
  for (let i = 0; i < COMMANDS_MAX; i++) run(`other ${i}`);
  expect(core.memory.commands).toHaveLength(COMMANDS_MAX);
  run("first");
  expect(done).toBe(COMMANDS_MAX + 2);
});

test("what ran goes on over an absence: the energy of the time between is counted", async () => {
  core.plug(1, sedan);
  start();
  await clock.advance(10_000);
  core.halt();
  core.save();
  const before = core.status(1).registerWh;
  await clock.advance(60_000);
  power();
  core.beat();
  const kwh = (core.status(1).registerWh - before) / 1_000;
  expect(kwh).toBeGreaterThan(0.7);
  expect(kwh).toBeLessThan(1.01);
  expect(core.status(1)).toMatchObject({ status: "charging", orderId: "ord_0001" });
});

test("frozen data stands still while energy flows; a stop that lies stops nothing", async () => {
  core.plug(1, sedan);
  start();
  await clock.advance(10_000);
  core.bad.frozenData = true;
  core.bad.lyingStop = true;
  const shown = readings.at(-1)!.registerWh;
  const stop = { connector: 1, orderId: "ord_0001", reason: "remote" } as const;
  expect(core.stop(stop)).toEqual({ outcome: "accepted" });
  await clock.advance(10_000);
  expect(readings.at(-1)!.registerWh).toBe(shown);
  expect(core.status(1).registerWh).toBeGreaterThan(shown);
  expect(core.status(1).status).toBe("charging");
});

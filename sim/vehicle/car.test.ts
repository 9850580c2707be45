import fc from "fast-check";
import { expect, test } from "vitest";
import { KNEE_PCT } from "./curve.ts";
import { allModels, createCar, shareAt, socOf, stepCar, wantedW } from "./mod.ts";

const cars = fc.record({
  model: fc.constantFrom(...allModels.filter((model) => model.dcMaxW > 0)),
  kind: fc.constantFrom("ac" as const, "dc" as const),
  socPct: fc.double({ min: 0, max: 99, noNaN: true }),
  targetPct: fc.constantFrom(80, 90, 100),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
});

test("the charge never falls and never passes the car's own target", () => {
  fc.assert(fc.property(cars, fc.array(fc.integer({ min: 1, max: 60_000 })), (plan, spans) => {
    let car = createCar(plan);
    for (const span of spans) {
      const next = stepCar(car, span, 180_000);
      expect(socOf(next.car)).toBeGreaterThanOrEqual(socOf(car));
      expect(socOf(next.car)).toBeLessThanOrEqual(Math.max(plan.targetPct, plan.socPct) + 1e-6);
      expect(next.reading.wh).toBeGreaterThanOrEqual(0);
      car = next.car;
    }
  }));
});

test("power stays within the car, the plug and its own product of volts and amperes", () => {
  fc.assert(fc.property(cars, fc.integer({ min: 1_000, max: 360_000 }), (plan, offerW) => {
    const largest = plan.kind === "dc" ? plan.model.dcMaxW : plan.model.acMaxW;
    const { reading } = stepCar({ ...createCar(plan), chargedMs: 60_000 }, 1_000, offerW);
    expect(reading.powerW).toBeLessThanOrEqual(Math.min(largest, offerW));
    expect(Math.abs(reading.mV * reading.mA / 1_000_000 - reading.powerW)).toBeLessThanOrEqual(1);
  }));
});

test("behind the knee power only falls, down to a trickle", () => {
  for (const kind of ["ac", "dc"] as const) {
    let before = 1;
    for (let soc: number = KNEE_PCT[kind] + 5; soc <= 100; soc += 0.5) {
      const share = shareAt(kind, soc, 0);
      expect(share).toBeLessThanOrEqual(before);
      before = share;
    }
    expect(before).toBeLessThan(0.1);
  }
});

test("one long span takes what many short ones take", () => {
  const plan = { model: allModels[2]!, kind: "dc" as const, socPct: 20, seed: 7 };
  const long = stepCar(createCar(plan), 600_000, 60_000).reading.wh;
  let [car, short] = [createCar(plan), 0];
  for (let s = 0; s < 600; s++) {
    const step = stepCar(car, 1_000, 60_000);
    car = step.car;
    short += step.reading.wh;
  }
  expect(Math.abs(long - short) / short).toBeLessThan(0.02);
});

test("the same seed gives the same car, another seed another one", () => {
  const wanted = (seed: number) =>
    wantedW(createCar({ model: allModels[3]!, kind: "dc", socPct: 50, seed }));
  expect(wanted(1)).toBe(wanted(1));
  expect(wanted(1)).not.toBe(wanted(2));
});

test("a full car says so and takes nothing", () => {
  const car = createCar({ model: allModels[2]!, kind: "dc", socPct: 80, targetPct: 80, seed: 1 });
  expect(stepCar(car, 10_000, 60_000).reading).toMatchObject({ full: true, wh: 0, powerW: 0 });
});

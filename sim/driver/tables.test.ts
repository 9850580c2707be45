import { expect, test } from "vitest";
import { seeded } from "../random.ts";
import {
  arrivalFactor,
  connectionTable,
  drawConnectionMs,
  drawEnergyWh,
  energyTable,
  meanOf,
} from "./tables.ts";

const DRAWS = 20_000;
const SEED = 20_261_123;
const kinds = ["private", "public", "workplace"] as const;

test.each(kinds)(
  `drawn energy has the mean and the spread of the table: %s, seed ${SEED}`,
  (kind) => {
    const random = seeded(SEED);
    const drawn = Array.from({ length: DRAWS }, () => drawEnergyWh(kind, random) / 1_000);
    const mean = drawn.reduce((sum, kwh) => sum + kwh, 0) / DRAWS;
    expect(Math.abs(mean / meanOf(energyTable(kind)) - 1)).toBeLessThan(0.03);
    const over10 = drawn.filter((kwh) => kwh > 10).length / DRAWS;
    expect(over10).toBeCloseTo(energyTable(kind)[10]! / energyTable(kind)[0]!, 1);
  },
);

test.each(kinds)(`drawn times have the mean of the table: %s, seed ${SEED}`, (kind) => {
  const random = seeded(SEED);
  const drawn = Array.from({ length: DRAWS }, () => drawConnectionMs(kind, random) / 3_600_000);
  const mean = drawn.reduce((sum, hours) => sum + hours, 0) / DRAWS;
  expect(Math.abs(mean / meanOf(connectionTable(kind)) - 1)).toBeLessThan(0.05);
});

test("arrivals of a day come to the mean, with few at night and many by day", () => {
  for (const weekend of [false, true]) {
    const factors = Array.from({ length: 96 }, (_, i) => arrivalFactor(i * 15, weekend));
    expect(factors.reduce((sum, factor) => sum + factor, 0) / 96).toBeCloseTo(1, 6);
    expect(arrivalFactor(180, weekend)).toBeLessThan(0.3);
    expect(arrivalFactor(13 * 60, weekend)).toBeGreaterThan(1);
  }
});

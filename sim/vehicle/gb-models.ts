// Cars as one meets them at a GB/T pile. MADE UP: round numbers per class of car, of no maker and no
// data set, so that the demo city has cars with GB/T inlets; shares are a guess as well.
import type { CarModel } from "./models.ts";

const made = (
  name: string,
  share: number,
  batteryWh: number,
  dcMaxW: number,
  packMv: number,
): CarModel => ({ name, share, batteryWh, acMaxW: 7_000, dcMaxW, packMv, source: "made-up" });

export const gbModels: readonly CarModel[] = [
  made("GB mini car", 18, 17_300, 0, 100_000),
  made("GB small car", 20, 38_000, 50_000, 330_000),
  made("GB compact sedan", 26, 57_000, 90_000, 370_000),
  made("GB family SUV", 20, 76_000, 120_000, 400_000),
  made("GB 800 V sedan", 10, 95_000, 240_000, 730_000),
  made("GB ride-hailing sedan", 6, 61_000, 80_000, 380_000),
];

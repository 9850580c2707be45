// Prices of the demo city by time of day (尖峰平谷), in milli-fen per kWh: 0.3257 yuan = 32,570.
// The shape follows common summer tables of East China; the figures are made up.
import type { PeriodKind, Tariff, TariffPeriod } from "../../wire/tariff.ts";

type Prices = Record<PeriodKind, readonly [energy: number, service: number]>;

const HOURS: readonly (readonly [from: number, to: number, kind: PeriodKind])[] = [
  [0, 6, "valley"],
  [6, 8, "flat"],
  [8, 11, "peak"],
  [11, 13, "flat"],
  [13, 15, "peak"],
  [15, 18, "flat"],
  [18, 19, "peak"],
  [19, 21, "sharp"],
  [21, 22, "peak"],
  [22, 24, "valley"],
];

function tariffOf(version: string, prices: Prices): Tariff {
  const periods = HOURS.map(([from, to, kind]): TariffPeriod => ({
    fromMinute: from * 60,
    toMinute: to * 60,
    kind,
    energyMilliFenPerKwh: prices[kind][0],
    serviceMilliFenPerKwh: prices[kind][1],
  }));
  const overstay = { graceMinutes: 15, fenPerMinute: 50, capFen: 5_000 };
  return { version, currency: "CNY", zone: "Asia/Shanghai", periods, overstay };
}

export const cityTariff = (name: string): Tariff =>
  tariffOf(`tv_${name}-1`, {
    sharp: [128_430, 45_000],
    peak: [102_960, 45_000],
    flat: [65_730, 45_000],
    valley: [32_570, 45_000],
  });

/** The station that is dearer by day and asks more for its service. */
export const hubTariff = (name: string): Tariff =>
  tariffOf(`tv_${name}-1`, {
    sharp: [134_980, 68_500],
    peak: [108_250, 68_500],
    flat: [69_140, 62_800],
    valley: [34_210, 55_500],
  });

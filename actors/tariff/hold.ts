// How much a charge sets aside before it begins.
import type { Tariff } from "../../wire/tariff.ts";
import type { ChargeLimit } from "../../wire/pile.ts";
import type { ChargingSettings } from "../../wire/settings.ts";
import { feesFenMax } from "./fees.ts";
import { dearestPrice } from "./periods.ts";

const PER_FEN = 1_000_000n;
const HOLD_WINDOW_MS = 4 * 3_600_000; // definitions.md: the dearest price of the next 4 h

/** What is known of the car, where it is. */
export interface Car {
  batteryWh?: number;
  socPct?: number;
  ratedPowerW?: number;
}

/**
 * Size of a hold in fen: min(target, battery x (1 - SoC), else a default) x dearest price of the next
 * 4 h x factor; a money limit is the target itself; all within the settings' bounds.
 */
export function holdFor(
  tariff: Tariff,
  at: number,
  limit: ChargeLimit,
  settings: Pick<
    ChargingSettings,
    "holdFenMin" | "holdFenMax" | "holdDefaultWh" | "holdFactorPct"
  >,
  car: Car = {},
): number {
  const targets: number[] = [];
  if (limit.energyWh !== undefined) targets.push(limit.energyWh);
  if (limit.timeMs !== undefined && car.ratedPowerW !== undefined) {
    targets.push(Math.ceil(car.ratedPowerW * limit.timeMs / 3_600_000));
  }
  if (car.batteryWh !== undefined && car.socPct !== undefined) {
    const upTo = Math.max((limit.socPct ?? 100) - car.socPct, 0);
    targets.push(Math.ceil(car.batteryWh * upTo / 100));
  }
  const energyWh = targets.length > 0 ? Math.min(...targets) : settings.holdDefaultWh;
  const price = dearestPrice(tariff, at, at + HOLD_WINDOW_MS);
  const scaled = BigInt(energyWh) * BigInt(price) * BigInt(settings.holdFactorPct);
  const forEnergy = Number((scaled + 100n * PER_FEN - 1n) / (100n * PER_FEN));
  const byEnergy = Math.max(forEnergy + feesFenMax(tariff.fees), tariff.fees?.minimumFen ?? 0);
  // The default energy is a guess and must not cut a limit that the driver has named.
  const target = limit.moneyFen === undefined
    ? byEnergy
    : targets.length > 0
    ? Math.min(limit.moneyFen, byEnergy)
    : limit.moneyFen;
  return Math.min(Math.max(target, settings.holdFenMin), settings.holdFenMax);
}

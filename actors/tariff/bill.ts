// What energy costs: live cost, final bill with lines that add up, and the size of a hold.
import type { Bill, PeriodKind, Segment, Tariff } from "../../wire/tariff.ts";
import type { ChargeLimit } from "../../wire/pile.ts";
import type { ChargingSettings } from "../../wire/settings.ts";
import { dearestPrice, priceOf } from "./periods.ts";
import { energyOf } from "./segments.ts";

/** Wh x milli-fen per kWh in one fen. */
const PER_FEN = 1_000_000n;
const HOLD_WINDOW_MS = 4 * 3_600_000; // definitions.md: the dearest price of the next 4 h

const product = (wh: number, milliFen: number): bigint => BigInt(wh) * BigInt(milliFen);
const halfUp = (amount: bigint): bigint => (amount + PER_FEN / 2n) / PER_FEN;

/** Total of a list of segments in fen: rounded half up once, at the end. */
export function costOf(segments: readonly Segment[]): number {
  let sum = 0n;
  for (const segment of segments) sum += product(segment.wh, priceOf(segment));
  return Number(halfUp(sum));
}

interface Line {
  purpose: "energy" | "service";
  kind: PeriodKind;
  wh: number;
  milliFenPerKwh: number;
}

/** One line per purpose, period kind and price, in order of first appearance, energy before service. */
function linesOf(segments: readonly Segment[]): Line[] {
  const lines = new Map<string, Line>();
  for (const purpose of ["energy", "service"] as const) {
    for (const segment of segments) {
      const milliFenPerKwh = purpose === "energy"
        ? segment.energyMilliFenPerKwh
        : segment.serviceMilliFenPerKwh;
      const key = `${purpose}|${segment.kind}|${milliFenPerKwh}`;
      const line = lines.get(key);
      if (line) line.wh += segment.wh;
      else lines.set(key, { purpose, kind: segment.kind, wh: segment.wh, milliFenPerKwh });
    }
  }
  return [...lines.values()].filter((line) => line.wh > 0);
}

/**
 * The bill of a charge: a function of its segments, its frozen tariff and its registers.
 * Rule `total-half-up-1`: the total is rounded half up once; lines get the whole fen below, and
 * what is left of the total goes one fen each to the lines with the largest remainders.
 */
export function billOf(
  segments: readonly Segment[],
  tariff: Pick<Tariff, "version" | "currency">,
  startRegisterWh: number,
  stopRegisterWh: number,
): Bill {
  const lines = linesOf(segments).map((line, index) => {
    const exact = product(line.wh, line.milliFenPerKwh);
    return { ...line, index, fen: exact / PER_FEN, rest: exact % PER_FEN };
  });
  let exactTotal = 0n;
  let floored = 0n;
  for (const { fen, rest } of lines) {
    exactTotal += fen * PER_FEN + rest;
    floored += fen;
  }
  const total = halfUp(exactTotal);
  const byRest = [...lines].sort((a, b) =>
    a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1
  );
  const lifted = new Set(byRest.slice(0, Number(total - floored)).map((line) => line.index));
  const whole = lines.map(({ purpose, kind, wh, milliFenPerKwh, fen, index }) => ({
    purpose,
    kind,
    wh,
    milliFenPerKwh,
    fen: Number(fen) + (lifted.has(index) ? 1 : 0),
  }));
  const sumOf = (purpose: Line["purpose"]) =>
    whole.reduce((sum, line) => line.purpose === purpose ? sum + line.fen : sum, 0);
  return {
    totalFen: Number(total),
    energyWh: energyOf(segments),
    energyFen: sumOf("energy"),
    serviceFen: sumOf("service"),
    currency: tariff.currency,
    tariffVersion: tariff.version,
    rounding: "total-half-up-1",
    startRegisterWh,
    stopRegisterWh,
    lines: whole,
  };
}

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
  const scaled = product(energyWh, price) * BigInt(settings.holdFactorPct);
  const byEnergy = Number((scaled + 100n * PER_FEN - 1n) / (100n * PER_FEN));
  // The default energy is a guess and must not cut a limit that the driver has named.
  const target = limit.moneyFen === undefined
    ? byEnergy
    : targets.length > 0
    ? Math.min(limit.moneyFen, byEnergy)
    : limit.moneyFen;
  return Math.min(Math.max(target, settings.holdFenMin), settings.holdFenMax);
}

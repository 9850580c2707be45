// Which price holds when: validation of a tariff, the period at an instant, and the next change.
import type { Tariff, TariffPeriod } from "../../wire/tariff.ts";
import { isZone, localMsOfDay, stretchAt } from "./zone.ts";

export type TariffFlaw =
  | { code: "station.tariff-gap"; facts: { fromMinute: number; toMinute: number } }
  | { code: "station.tariff-overlap"; facts: { fromMinute: number; toMinute: number } }
  | { code: "station.zone-unknown"; facts: { zone: string } };

const MINUTES_PER_DAY = 1440;
const MS_PER_MINUTE = 60_000;
/** Two days of a full tariff: no search for the next change is longer. */
const EDGES_MAX = 128;

/** Null: the periods cover 0-1440 once each, in a zone that exists. */
export function validateTariff(tariff: Tariff): TariffFlaw | null {
  if (!isZone(tariff.zone)) {
    return { code: "station.zone-unknown", facts: { zone: tariff.zone } };
  }
  const sorted = [...tariff.periods].sort((a, b) => a.fromMinute - b.fromMinute);
  let covered = 0;
  for (const { fromMinute, toMinute } of sorted) {
    if (toMinute <= fromMinute) {
      return { code: "station.tariff-overlap", facts: { fromMinute, toMinute } };
    }
    if (fromMinute > covered) {
      const facts = { fromMinute: covered, toMinute: fromMinute };
      return { code: "station.tariff-gap", facts };
    }
    if (fromMinute < covered) {
      const facts = { fromMinute, toMinute: Math.min(covered, toMinute) };
      return { code: "station.tariff-overlap", facts };
    }
    covered = toMinute;
  }
  if (covered < MINUTES_PER_DAY) {
    const facts = { fromMinute: covered, toMinute: MINUTES_PER_DAY };
    return { code: "station.tariff-gap", facts };
  }
  return null;
}

/** The period in force at an instant, by the station's local clock. */
export function periodAt(tariff: Tariff, at: number): TariffPeriod {
  const minute = Math.floor(localMsOfDay(tariff.zone, at) / MS_PER_MINUTE);
  for (const period of tariff.periods) {
    if (minute >= period.fromMinute && minute < period.toMinute) return period;
  }
  // A validated tariff covers every minute; this one was never validated.
  throw new RangeError(`tariff ${tariff.version} has no period: minute ${minute}`);
}

export const sameRate = (
  a: Pick<TariffPeriod, "kind" | "energyMilliFenPerKwh" | "serviceMilliFenPerKwh">,
  b: Pick<TariffPeriod, "kind" | "energyMilliFenPerKwh" | "serviceMilliFenPerKwh">,
): boolean =>
  a.kind === b.kind && a.energyMilliFenPerKwh === b.energyMilliFenPerKwh &&
  a.serviceMilliFenPerKwh === b.serviceMilliFenPerKwh;

/** The next instant after `at` at which kind or price changes; null where there is only one. */
export function nextEdge(tariff: Tariff, at: number): number | null {
  const now = periodAt(tariff, at);
  if (tariff.periods.every((period) => sameRate(period, now))) return null;
  let position = at;
  for (let tries = 0; tries < EDGES_MAX; tries++) {
    const period = periodAt(tariff, position);
    const left = period.toMinute * MS_PER_MINUTE - localMsOfDay(tariff.zone, position);
    // Daylight saving jumps over an edge or back before it: the jump itself is looked at.
    position = Math.min(position + left, stretchAt(tariff.zone, position).until);
    if (!sameRate(periodAt(tariff, position), now)) return position;
  }
  return null;
}

/** Sum of energy and service price, in milli-fen per kWh. */
export const priceOf = (
  rate: Pick<TariffPeriod, "energyMilliFenPerKwh" | "serviceMilliFenPerKwh">,
): number => rate.energyMilliFenPerKwh + rate.serviceMilliFenPerKwh;

/** The dearest price between two instants. */
export function dearestPrice(tariff: Tariff, from: number, until: number): number {
  let dearest = priceOf(periodAt(tariff, from));
  let edge = nextEdge(tariff, from);
  for (let tries = 0; edge !== null && edge < until && tries < EDGES_MAX; tries++) {
    dearest = Math.max(dearest, priceOf(periodAt(tariff, edge)));
    edge = nextEdge(tariff, edge);
  }
  return dearest;
}

// Which price holds when: what of the day is covered, the period at an instant, and the next change.
import type { Tariff, TariffPeriod } from "../../wire/tariff.ts";
import { isZone, localMsOfDay, stretchAt } from "./zone.ts";

interface CoverageFlaw {
  code: "station.tariff-gap" | "station.tariff-overlap";
  facts: { fromMinute: number; toMinute: number };
}

const MINUTES_PER_DAY = 1440;
const MS_PER_MINUTE = 60_000;
/** Two days of a full tariff: no search for the next change is longer. */
const EDGES_MAX = 128;

/** Every stretch of the day without a price, or with two. */
export function coverageFlaws({ periods }: Pick<Tariff, "periods">): CoverageFlaw[] {
  const flaws: CoverageFlaw[] = [];
  const overlap = (fromMinute: number, toMinute: number) =>
    flaws.push({ code: "station.tariff-overlap", facts: { fromMinute, toMinute } });
  const gap = (fromMinute: number, toMinute: number) =>
    flaws.push({ code: "station.tariff-gap", facts: { fromMinute, toMinute } });
  let covered = 0;
  for (const { fromMinute, toMinute } of [...periods].sort(byStart)) {
    if (toMinute <= fromMinute) overlap(fromMinute, toMinute);
    else if (fromMinute > covered) gap(covered, fromMinute);
    else if (fromMinute < covered) overlap(fromMinute, Math.min(covered, toMinute));
    covered = Math.max(covered, toMinute);
  }
  if (covered < MINUTES_PER_DAY) gap(covered, MINUTES_PER_DAY);
  return flaws;
}
type TariffFlaw = CoverageFlaw | {
  code: "station.zone-unknown";
  facts: { zone: string };
};
/** What keeps a tariff from being priced by at all; null: nothing. */
export function validateTariff(tariff: Tariff): TariffFlaw | null {
  const { zone } = tariff;
  if (!isZone(zone)) return { code: "station.zone-unknown", facts: { zone } };
  return coverageFlaws(tariff)[0] ?? null;
}
const byStart = (a: TariffPeriod, b: TariffPeriod) => a.fromMinute - b.fromMinute;

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

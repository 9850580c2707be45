// Which price of a tariff holds now: minutes of the station's local day.
import type { Tariff, TariffPeriod } from "../../wire/tariff.ts";

export function minuteOfDay(at: number, zone: string): number {
  const { hour, minute } = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  return hour * 60 + minute;
}
/** Periods cover the day; the last one stands in where a tariff is broken. */
export function periodAt({ periods }: Tariff, minute: number): TariffPeriod {
  return periods.find(({ fromMinute, toMinute }) => fromMinute <= minute && minute < toMinute) ??
    periods[periods.length - 1]!;
}

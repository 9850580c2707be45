// A tariff as a person types it, and back: hours as 06:30, prices in yuan per kWh, amounts in yuan.
// Only what cannot be read is refused here; what is wrong with it, the platform's checks say.
import { minuteOfDay } from "@chargeward/web-kit/mod.ts";
import type { PeriodKind, Tariff, TariffFees } from "../../../../wire/tariff.ts";

export interface FormRow {
  from: string;
  to: string;
  kind: PeriodKind;
  energy: string;
  service: string;
}
export interface DraftForm {
  version: string;
  rows: FormRow[];
  grace: string;
  perMinute: string;
  cap: string;
  session: string;
  minimum: string;
  parkingFree: string;
  parkingHour: string;
  parkingCap: string;
}
export type FormFault = "tariff.badTime" | "tariff.badPrice" | "tariff.badFee";

const decimals = (value: number, digits: number): string => {
  const text = String(value).padStart(digits + 1, "0");
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
};
const yuan = (fen: number | undefined) => fen === undefined ? "" : decimals(fen, 2);

export function formOf(tariff: Tariff): DraftForm {
  const { version, periods, overstay, fees } = tariff;
  return {
    version,
    rows: periods.map((p) => ({
      from: minuteOfDay(p.fromMinute),
      to: minuteOfDay(p.toMinute),
      kind: p.kind,
      energy: decimals(p.energyMilliFenPerKwh, 5),
      service: decimals(p.serviceMilliFenPerKwh, 5),
    })),
    grace: String(overstay.graceMinutes),
    perMinute: yuan(overstay.fenPerMinute),
    cap: yuan(overstay.capFen),
    session: yuan(fees?.sessionFen),
    minimum: yuan(fees?.minimumFen),
    parkingFree: fees?.parking ? String(fees.parking.freeMinutes) : "",
    parkingHour: yuan(fees?.parking?.fenPerHour),
    parkingCap: yuan(fees?.parking?.capFen),
  };
}

/** Minute of the day; null: not a time. */
export function minuteOf(text: string): number | null {
  const [, hours, minutes] = /^(\d{1,2}):([0-5]\d)$/.exec(text.trim()) ?? [];
  const minute = Number(hours) * 60 + Number(minutes);
  return minute <= 1440 ? minute : null;
}
/** Decimal text to an integer of `10^-digits`; null: not one. No rounding, no floating point. */
export function scaled(text: string, digits: number): number | null {
  const [, whole, part = ""] = /^(\d{1,7})(?:\.(\d*))?$/.exec(text.trim()) ?? [];
  if (whole === undefined || part.length > digits) return null;
  return Number(whole + part.padEnd(digits, "0"));
}

/** The tariff that was typed; its zone and currency are those of `base`. */
export function tariffOf(form: DraftForm, base: Tariff): Tariff | FormFault {
  const { version, rows } = form;
  const periods: Tariff["periods"] = [];
  for (const { from, to, kind, ...prices } of rows) {
    const [fromMinute, toMinute] = [minuteOf(from), minuteOf(to)];
    if (fromMinute === null || toMinute === null || fromMinute > 1439 || toMinute < 1) {
      return "tariff.badTime";
    }
    const [energy, service] = [scaled(prices.energy, 5), scaled(prices.service, 5)];
    if (energy === null || service === null) return "tariff.badPrice";
    const rates = { energyMilliFenPerKwh: energy, serviceMilliFenPerKwh: service };
    periods.push({ fromMinute, toMinute, kind, ...rates });
  }
  const graceMinutes = scaled(form.grace, 0);
  const fenPerMinute = scaled(form.perMinute, 2);
  const capFen = scaled(form.cap, 2);
  const fees = feesOf(form);
  if (graceMinutes === null || fenPerMinute === null || capFen === null || fees === null) {
    return "tariff.badFee";
  }
  const overstay = { graceMinutes, fenPerMinute, capFen };
  const { currency, zone } = base;
  const some = Object.keys(fees).length > 0;
  return { version, currency, zone, periods, overstay, ...(some ? { fees } : {}) };
}

function feesOf(form: DraftForm): TariffFees | null {
  const fees: TariffFees = {};
  for (
    const [name, text] of [["sessionFen", form.session], ["minimumFen", form.minimum]] as const
  ) {
    const fen = text.trim() === "" ? undefined : scaled(text, 2);
    if (fen === null) return null;
    if (fen !== undefined && fen > 0) fees[name] = fen;
  }
  if (form.parkingHour.trim() === "") return fees;
  const freeMinutes = scaled(form.parkingFree || "0", 0);
  const fenPerHour = scaled(form.parkingHour, 2);
  const capFen = scaled(form.parkingCap, 2);
  if (freeMinutes === null || fenPerHour === null || capFen === null) return null;
  return { ...fees, parking: { freeMinutes, fenPerHour, capFen } };
}

/** `tv_city-1` -> `tv_city-2`: the next name that is not used. */
export function nextVersion(version: string, used: readonly string[]): string {
  const [, stem = `${version}-`, number = "1"] = /^(.*?)(\d+)$/.exec(version) ?? [];
  let n = Number(number) + 1;
  while (used.includes(`${stem}${n}`)) n++;
  return `${stem}${n}`;
}

// The billing cases as the platform sees them: rows of the CSV files to tariffs, coupons and charges,
// and the platform's bill back to the words of the table.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  billOf,
  type Charge,
  mergeSegments,
  overstayOf,
  reduce,
  splitReading,
} from "../../actors/tariff/mod.ts";
import { type CouponTerms, couponTerms } from "../../wire/coupon.ts";
import { type Bill, type BillLine, type Tariff, tariff } from "../../wire/tariff.ts";

export const HERE = import.meta.dirname!;
export type Row = Record<string, string>;

/** Fields may be quoted; none holds a line break. */
function cells(line: string): string[] {
  const found = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...found].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "");
}
export function rowsOf(text: string): Row[] {
  const [head = "", ...lines] = text.trimEnd().split("\n");
  const names = cells(head);
  return lines.map((line) => {
    const values = cells(line);
    return Object.fromEntries(names.map((name, i) => [name, values[i] ?? ""]));
  });
}
const rows = (name: string) => rowsOf(readFileSync(join(HERE, name), "utf8"));

/** Decimal text to an integer of the unit that is `scale` times smaller; exact. */
function scaled(text: string, scale: number): number {
  const value = Math.round(Number(text) * scale);
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a number of the table: "${text}"`);
  return value;
}
const fenOf = (text: string) => scaled(text, 100);
export const whOf = (text: string) => scaled(text, 1000);
const minuteOf = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
function msOf(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.slice(1).split(":").map(Number);
  return (text.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds) * 1000;
}
export const yuan = (fen: number): string =>
  `${fen < 0 ? "-" : ""}${Math.floor(Math.abs(fen) / 100)}.${
    String(Math.abs(fen) % 100).padStart(2, "0")
  }`;

function tariffs(): Map<string, Tariff> {
  const fees = new Map(rows("fees.csv").map((row) => [row["tariff"], row]));
  const byName = Map.groupBy(rows("tariffs.csv"), (row) => row["tariff"]!);
  return new Map([...byName].map(([name, periods]) => [name, tariffOf(name, periods, fees)]));
}
function tariffOf(name: string, periods: Row[], allFees: Map<string | undefined, Row>): Tariff {
  const fees = allFees.get(name) ?? {};
  const whole = {
    ...(fees["session"] ? { sessionFen: fenOf(fees["session"]) } : {}),
    ...(fees["parking per hour"]
      ? {
        parking: {
          freeMinutes: Number(fees["parking free minutes"]),
          fenPerHour: fenOf(fees["parking per hour"]),
          capFen: fenOf(fees["parking cap"] ?? ""),
        },
      }
      : {}),
    ...(fees["minimum"] ? { minimumFen: fenOf(fees["minimum"]) } : {}),
  };
  return tariff.parse({
    version: `tv_${name}`,
    currency: periods[0]!["currency"],
    zone: periods[0]!["zone"],
    periods: periods.map((row) => ({
      fromMinute: minuteOf(row["from"]!),
      toMinute: minuteOf(row["to"]!),
      kind: row["period"],
      energyMilliFenPerKwh: scaled(row["energy per kWh"]!, 100_000),
      serviceMilliFenPerKwh: scaled(row["service per kWh"]!, 100_000),
    })),
    overstay: {
      graceMinutes: Number(fees["overstay grace minutes"] ?? 15),
      fenPerMinute: fenOf(fees["overstay per minute"] ?? "0.50"),
      capFen: fenOf(fees["overstay cap"] ?? "50.00"),
    },
    fees: whole,
  });
}

function coupons(): Map<string, CouponTerms> {
  return new Map(
    rows("coupons.csv").map((row) => {
      const takes = row["takes off"]!;
      const most = row["at most"] ? { maxFen: fenOf(row["at most"]) } : {};
      const terms = couponTerms.parse({
        id: row["coupon"],
        off: takes.endsWith("%")
          ? { kind: "percent", percent: Number(takes.slice(0, -1)), ...most }
          : { kind: "amount", fen: fenOf(takes) },
        thresholdFen: fenOf(row["from a bill of"]!),
        validFrom: Date.parse(row["valid from (UTC)"]!),
        validUntil: Date.parse(row["valid until (UTC)"]!),
        currency: row["currency"],
      });
      return [terms.id, terms];
    }),
  );
}
export const TARIFFS = tariffs();
export const COUPONS = coupons();

/** The charge of a row, metered as a pile's readings are. */
export function chargeOf(row: Row): Charge {
  const tariff = TARIFFS.get(row["tariff"]!)!;
  const startAt = Date.parse(row["start"]!);
  const startRegisterWh = whOf(row["meter at start"]!);
  let last = { at: startAt, registerWh: startRegisterWh };
  let segments: Charge["segments"] = [];
  for (const reading of row["meter readings"]!.split("; ")) {
    const [after = "", meter = ""] = reading.split(" ");
    const next = { at: startAt + msOf(after), registerWh: whOf(meter) };
    segments = mergeSegments(segments, splitReading(tariff, last, next));
    last = next;
  }
  return { segments, startRegisterWh, stopRegisterWh: last.registerWh, startAt, stopAt: last.at };
}

const decimals = (value: number, digits: number): string => {
  const text = String(value).padStart(digits + 1, "0");
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
};
function said(line: BillLine): string {
  switch (line.purpose) {
    case "energy":
    case "service": {
      const { purpose, kind, wh, milliFenPerKwh } = line;
      return `${purpose} ${kind} ${decimals(wh, 3)} kWh x ${decimals(milliFenPerKwh, 5)}`;
    }
    case "session":
    case "parking":
      return `${line.purpose} ${line.quantity} x ${yuan(line.unitFen)}`;
    case "minimum":
      return `minimum to ${yuan(line.unitFen)}`;
    case "coupon":
      return `coupon ${line.couponId}`;
  }
}

export const linesOf = ({ lines }: Bill): string =>
  lines.filter(({ purpose }) => purpose !== "coupon")
    .map((line) => `${said(line)} = ${yuan(line.fen)}`).join("; ");

/** What the platform makes of a row, in the table's own words. */
export function platformSays(row: Row): Row {
  const tariff = TARIFFS.get(row["tariff"]!)!;
  const charge = chargeOf(row);
  const bill = billOf(charge, tariff);
  const coupon = row["coupon"] ? COUPONS.get(row["coupon"])! : null;
  const reduced = coupon ? reduce(bill, coupon, Date.parse(row["paid at"]!)) : bill;
  const fits = !("refused" in reduced);
  const stay = row["gun out"] ? overstayOf(tariff.overstay, stayOf(row, charge.stopAt)) : null;
  return {
    lines: linesOf(bill),
    "before coupon": yuan(bill.totalFen),
    "coupon takes": !fits ? reduced.refused.code : reduced.coupon ? yuan(reduced.coupon.fen) : "",
    total: yuan(fits ? reduced.totalFen : bill.totalFen),
    overstay: stay ? yuan(stay.fen) : "",
  };
}

function stayOf(row: Row, endedAt: number) {
  const blocked = row["pile blocked"]!.split("; ").filter(Boolean).map((part) => {
    const [from = "", to = ""] = part.split(" to ");
    return { fromAt: endedAt + msOf(from), toAt: endedAt + msOf(to) };
  });
  return { endedAt, untilAt: endedAt + msOf(row["gun out"]!), blocked };
}

// The auditor's own bill: exact fractions of a fen over the frozen prices and the metered energy.
// One Wh at one milli-fen per kWh is a millionth of a fen; everything is counted in those.
import { list, num, obj, text } from "./rows.ts";

type Fields = Record<string, unknown>;
const MILLIONTHS = 1_000_000n;
const HOUR_MS = 3_600_000;

/** Null: the bill is what tariff and meter come to; else in which way it is not. */
export function billFault(bill: Fields, segments: Fields[], tariff: Fields): string | null {
  const fees = obj(tariff["fees"]);
  const metered = meteredOf(segments);
  const wh = segments.reduce((sum, segment) => sum + num(segment["wh"]), 0);
  const meteredFen = rounded(metered.all);
  const extra = feesOf(fees, bill, wh, meteredFen);
  const fullFen = meteredFen + extra;
  const offFen = num(obj(bill["coupon"])["fen"] ?? 0);
  const wanted: [string, number, number][] = [
    ["energyWh", num(bill["energyWh"]), wh],
    ["energyFen + serviceFen", num(bill["energyFen"]) + num(bill["serviceFen"]), fullFen],
    ["totalFen", num(bill["totalFen"]), fullFen - offFen],
    [
      "sum of lines",
      list(bill["lines"]).reduce((sum, line) => sum + num(line["fen"]), 0),
      fullFen - offFen,
    ],
  ];
  for (const [name, is, should] of wanted) {
    if (is !== should) return `${name} is ${is}, recomputed ${should}`;
  }
  return pricesFault(segments, tariff) ?? linesFault(bill, metered.lines);
}

interface Metered {
  all: bigint;
  /** Millionths of a fen by purpose, period and price. */
  lines: Map<string, { wh: number; exact: bigint }>;
}
function meteredOf(segments: Fields[]): Metered {
  const lines: Metered["lines"] = new Map();
  let all = 0n;
  for (const segment of segments) {
    for (const purpose of ["energy", "service"]) {
      const price = num(segment[`${purpose}MilliFenPerKwh`]);
      const wh = num(segment["wh"]);
      const exact = BigInt(wh) * BigInt(price);
      const name = `${purpose} ${text(segment["kind"])} ${price}`;
      const line = lines.get(name) ?? { wh: 0, exact: 0n };
      lines.set(name, { wh: line.wh + wh, exact: line.exact + exact });
      all += exact;
    }
  }
  return { all, lines };
}
const rounded = (exact: bigint): number => Number((exact * 2n + MILLIONTHS) / (MILLIONTHS * 2n));

function feesOf(fees: Fields, bill: Fields, wh: number, meteredFen: number): number {
  if (wh === 0) return 0;
  const session = num(fees["sessionFen"] ?? 0);
  const parking = obj(fees["parking"]);
  let parkingFen = 0;
  if ("fenPerHour" in parking) {
    const stayMs = num(bill["stopAt"]) - num(bill["startAt"]);
    const paidMs = stayMs - num(parking["freeMinutes"]) * 60_000;
    const hours = paidMs > 0 ? Math.ceil(paidMs / HOUR_MS) : 0;
    parkingFen = Math.min(hours * num(parking["fenPerHour"]), num(parking["capFen"]));
  }
  const sum = meteredFen + session + parkingFen;
  return Math.max(sum, num(fees["minimumFen"] ?? 0)) - meteredFen;
}

/** Each metered line has its energy, and is its exact amount but for less than one fen. */
function linesFault(bill: Fields, lines: Metered["lines"]): string | null {
  const metered = list(bill["lines"])
    .filter(({ purpose }) => purpose === "energy" || purpose === "service");
  for (const line of metered) {
    const name = `${text(line["purpose"])} ${text(line["kind"])} ${num(line["milliFenPerKwh"])}`;
    const own = lines.get(name);
    if (!own || own.wh !== num(line["wh"])) return `line ${name} has ${num(line["wh"])} Wh`;
    const off = BigInt(num(line["fen"])) * MILLIONTHS - own.exact;
    if (off <= -MILLIONTHS || off >= MILLIONTHS) return `line ${name} is ${num(line["fen"])} fen`;
  }
  return null;
}

/** Every stretch has a price that the frozen tariff has. */
function pricesFault(segments: Fields[], tariff: Fields): string | null {
  const prices = new Set(list(tariff["periods"]).map(priceName));
  const strange = segments.find((segment) => !prices.has(priceName(segment)));
  return strange ? `a price that is not in the tariff: ${priceName(strange)}` : null;
}
const priceName = (one: Fields): string =>
  [one["kind"], one["energyMilliFenPerKwh"], one["serviceMilliFenPerKwh"]].join(" ");

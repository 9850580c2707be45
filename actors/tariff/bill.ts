// What a charge costs: one pure function of its meter, its frozen tariff and its coupon (M5).
// Rounding rule `total-half-up-1`: Wh x milli-fen are summed exactly and rounded half up once; each
// metered line gets the whole fen below, and what is left of the sum goes one fen each to the lines
// with the largest remainders, earlier lines first. Fees and coupons are whole fen already.
import type { Bill, BillLine, MeteredLine, Segment, Tariff } from "../../wire/tariff.ts";
import { assert } from "../kit/assert.ts";
import { reduce } from "./coupon.ts";
import { feeLinesOf } from "./fees.ts";
import { priceOf } from "./periods.ts";
import { energyOf } from "./segments.ts";

/** Wh x milli-fen per kWh in one fen. */
const PER_FEN = 1_000_000n;

const product = (wh: number, milliFen: number): bigint => BigInt(wh) * BigInt(milliFen);
const halfUp = (amount: bigint): bigint => (amount + PER_FEN / 2n) / PER_FEN;

/** What the meter says of a charge. */
export interface Charge {
  segments: readonly Segment[];
  startRegisterWh: number;
  stopRegisterWh: number;
  startAt: number;
  stopAt: number;
}
/** What energy costs at the prices it was drawn at, without fees. */
export function costOf(segments: readonly Segment[]): number {
  let sum = 0n;
  for (const segment of segments) sum += product(segment.wh, priceOf(segment));
  return Number(halfUp(sum));
}

/** What a charge comes to so far, with its fees: what limits are watched by and screens show. */
export function costSoFar(
  { segments, startAt, stopAt }: Pick<Charge, "segments" | "startAt" | "stopAt">,
  { fees }: Pick<Tariff, "fees">,
): number {
  const meteredFen = costOf(segments);
  return feeLinesOf(fees, { wh: energyOf(segments), startAt, stopAt, meteredFen })
    .reduce((sum, { fen }) => sum + fen, meteredFen);
}

/** One line per purpose, period kind and price, in order of first appearance, energy before service. */
function unroundedLines(segments: readonly Segment[]): Omit<MeteredLine, "fen">[] {
  const lines = new Map<string, Omit<MeteredLine, "fen">>();
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

/** Lines in whole fen that add up to the sum of all, rounded once. */
function meteredLines(segments: readonly Segment[]): MeteredLine[] {
  const lines = unroundedLines(segments).map((line, index) => {
    const exact = product(line.wh, line.milliFenPerKwh);
    return { line, index, exact, rest: exact % PER_FEN };
  });
  const sum = lines.reduce((all, { exact }) => all + exact, 0n);
  const floors = lines.reduce((all, { exact }) => all + exact / PER_FEN, 0n);
  const byRest = [...lines].sort((a, b) =>
    a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1
  );
  const lifted = new Set(byRest.slice(0, Number(halfUp(sum) - floors)).map(({ index }) => index));
  return lines.map(({ line, index, exact }) => ({
    ...line,
    fen: Number(exact / PER_FEN) + (lifted.has(index) ? 1 : 0),
  }));
}

const sumOf = (lines: readonly BillLine[]): number => lines.reduce((sum, { fen }) => sum + fen, 0);

/** The bill of a charge; with a coupon (that `reduce` let through before), the reduced one. */
export function billOf(
  charge: Charge,
  tariff: Pick<Tariff, "version" | "currency" | "fees">,
  coupon?: Bill["coupon"],
): Bill {
  const { segments, startRegisterWh, stopRegisterWh, startAt, stopAt } = charge;
  const metered = meteredLines(segments);
  const energyWh = energyOf(segments);
  const meteredFen = sumOf(metered);
  const energyFen = sumOf(metered.filter(({ purpose }) => purpose === "energy"));
  const fees = feeLinesOf(tariff.fees, { wh: energyWh, startAt, stopAt, meteredFen });
  const totalFen = meteredFen + sumOf(fees);
  const bill: Bill = {
    totalFen,
    energyWh,
    energyFen,
    serviceFen: totalFen - energyFen,
    currency: tariff.currency,
    tariffVersion: tariff.version,
    rounding: "total-half-up-1",
    startRegisterWh,
    stopRegisterWh,
    startAt,
    stopAt,
    lines: [...metered, ...fees],
  };
  if (!coupon) return bill;
  const reduced = reduce(bill, coupon.terms, coupon.at);
  assert(!("refused" in reduced), "a coupon was laid on that does not fit", { coupon });
  return reduced;
}

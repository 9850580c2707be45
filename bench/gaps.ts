// Bills over random gaps in the telemetry: how often the stated bounds hold what the meter counted, and
// how wide they are against what the rated power could have made of the gap.
import { type GapBill, gapBill } from "../test/kit/gap-bill.ts";
import { CAUSES, type GapSeen, randomGap } from "../test/kit/gaps.ts";
import { type Figure, type Run } from "./figure.ts";
import { chargingSettings } from "../wire/settings.ts";
import { quantile } from "./numbers.ts";

export interface GapsOptions {
  trials?: number;
}
const FIRST_SEED = 1;
const settings = chargingSettings.parse({});

const figure = (measure: string, value: number, unit: string, aim?: number): Figure => ({
  area: "gaps",
  measure,
  value,
  unit,
  ...(aim === undefined ? {} : { aim }),
});

export function run({ trials = 10_000 }: GapsOptions = {}): Run {
  const seen = Array.from({ length: trials }, (_, i) => randomGap(FIRST_SEED + i));
  const estimated = seen.filter((gap) => gap.estimated);
  const inside = seen.filter(({ trueWh, lowWh, highWh }) => trueWh >= lowWh && trueWh <= highWh);
  const errors = estimated.map(({ billedWh, trueWh, mostWh }) =>
    100 * Math.abs(billedWh - trueWh) / Math.max(mostWh, 1)
  );
  const right = seen.filter(({ correctedWh, trueWh }) => correctedWh === trueWh);
  const later = seen.filter(({ correctedWh }) => correctedWh !== null);
  const ofMost = "% of rated power x gap";
  return {
    figures: [
      figure("true Wh within the stated bounds", 100 * inside.length / trials, "%"),
      figure("bills that had to be estimated", 100 * estimated.length / trials, "%"),
      figure("width of the bounds, median of all gaps", quantile(widths(seen), 0.5), ofMost, 25),
      figure(
        "width of the bounds, median of the estimated",
        quantile(widths(estimated), 0.5),
        ofMost,
      ),
      figure("estimate off the true meter, median", quantile(errors, 0.5), ofMost),
      figure(
        "corrected to the Wh by the true meter",
        100 * right.length / Math.max(later.length, 1),
        "%",
      ),
      ...corrections(seen),
    ],
    notes: [
      `gaps: ${trials} charges from seed ${FIRST_SEED}; four causes, each as likely: no link, no readings, no`,
      "mains, end found out without a register; away 10 s to 12 h, each tenfold span as likely, 2 % for ever;",
      "drivers stop within the hour, at a dark pile within ten minutes; whether a gap ends with the pile's own",
      "meter comes out of that; clocks: 60 % within 100 s, 20 % within an hour, a day ahead, 1970",
      ...CAUSES.map((cause) => ofCause(cause, seen.filter((gap) => gap.cause === cause))),
    ],
  };
}

const isDown = ({ movedFen }: GapBill) => movedFen < 0;

/** What order and wallet made of the true meters that came later. */
function corrections(seen: readonly GapSeen[]): Figure[] {
  const bills = seen.flatMap((gap) => gapBill(gap, settings.upwardFenMax) ?? []);
  const moved = bills.filter(({ movedFen }) => movedFen !== 0);
  const told = moved.filter(({ line }) => line.cause === "correction" && line.reason !== undefined);
  const waived = bills.filter(({ waivedFen }) => waivedFen > 0);
  const share = (part: readonly unknown[], all: readonly unknown[]) =>
    100 * part.length / Math.max(all.length, 1);
  return [
    figure("corrections that are a line with its reason", share(told, moved), "%"),
    figure("corrected bills: too much, it went back", share(moved.filter(isDown), bills), "%"),
    figure("corrected bills: too little, part of it waived", share(waived, bills), "%"),
  ];
}

/** Nobody should have to trust a mix. */
function ofCause(cause: GapSeen["cause"], own: readonly GapSeen[]): string {
  const estimated = own.filter((gap) => gap.estimated);
  const share = Math.round(100 * estimated.length / Math.max(own.length, 1));
  const median = (gaps: readonly GapSeen[]) =>
    gaps.length === 0 ? "-" : Math.round(quantile(widths(gaps), 0.5));
  return `${cause}: ${share} % estimated; width, median of all ${median(own)} %, of those ${
    median(estimated)
  } %`;
}

/** In % of what the rated power could have made of the gap. */
const widths = (gaps: readonly GapSeen[]): number[] =>
  gaps.map(({ lowWh, highWh, mostWh }) => 100 * (highWh - lowWh) / Math.max(mostWh, 1));

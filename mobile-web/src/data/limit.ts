// What a driver can set as the end of a charge: kinds, steps, bounds, and how each reads.
import { kwh, money } from "@chargeward/web-kit/mod.ts";
import type { ChargeLimit } from "../../../wire/pile.ts";
import { t } from "../words.ts";

export type LimitKind = "full" | keyof ChargeLimit;
export interface Limit {
  kind: LimitKind;
  /** Fen, Wh, ms or percent, by kind; unused for "full". */
  value: number;
}

interface Range {
  min: number;
  max: number;
  step: number;
  first: number;
  quick: readonly number[];
}

const MINUTE_MS = 60_000;
export const ranges: Record<keyof ChargeLimit, Range> = {
  moneyFen: { min: 500, max: 50_000, step: 500, first: 3000, quick: [2000, 3000, 5000, 10_000] },
  energyWh: {
    min: 1000,
    max: 200_000,
    step: 1000,
    first: 20_000,
    quick: [10_000, 20_000, 30_000, 50_000],
  },
  timeMs: {
    min: 5 * MINUTE_MS,
    max: 720 * MINUTE_MS,
    step: 5 * MINUTE_MS,
    first: 30 * MINUTE_MS,
    quick: [15 * MINUTE_MS, 30 * MINUTE_MS, 60 * MINUTE_MS, 120 * MINUTE_MS],
  },
  socPct: { min: 10, max: 100, step: 5, first: 80, quick: [70, 80, 90, 100] },
};
export const limitKinds: readonly LimitKind[] = [
  "full",
  "moneyFen",
  "energyWh",
  "timeMs",
  "socPct",
];

export function readLimit(kind: LimitKind, value: number): string {
  switch (kind) {
    case "full":
      return t("limit.none");
    case "moneyFen":
      return money(value).replace(/\.00$/, "");
    case "energyWh":
      return `${kwh(value).replace(/\.00$/, "")} kWh`;
    case "timeMs": {
      const minutes = Math.round(value / MINUTE_MS);
      if (minutes < 60 || minutes % 60 !== 0) return t("limit.minutes", { n: minutes });
      return t("limit.hours", { n: minutes / 60 });
    }
    case "socPct":
      return `${value}%`;
  }
}

/** As the body of a start has it: nothing for "full". */
export const limitBody = ({ kind, value }: Limit): ChargeLimit | undefined =>
  kind === "full" ? undefined : { [kind]: value };

/** As the query of a quote has it: `moneyFen:5000`. */
export const limitQuery = ({ kind, value }: Limit): string | undefined =>
  kind === "full" ? undefined : `${kind}:${value}`;

/** First limit that an order carries, in words. */
export function readOrderLimit(limit: ChargeLimit): string {
  for (const kind of limitKinds) {
    if (kind === "full") continue;
    const value = limit[kind];
    if (value !== undefined) return readLimit(kind, value);
  }
  return t("limit.none");
}

// The statistics of sim/data as functions: when people come, how much they take, how long they stay.
import { readFileSync } from "node:fs";
import type { Random } from "../random.ts";

export type Kind = "private" | "public" | "workplace";

/** Rows of a CSV by the names of its columns; numbers as numbers. */
function table(name: string): Record<string, number | string>[] {
  const text = readFileSync(new URL(`../data/${name}.csv`, import.meta.url), "utf8");
  const [head = "", ...lines] = text.replace(/^\ufeff/, "").trim().split(/\r?\n/);
  const names = head.split(",").map(unquoted);
  return lines.map((line) => {
    const cells = line.split(",").map(unquoted);
    return Object.fromEntries(cells.map((cell, i) => [
      names[i] ?? "",
      /^-?[0-9.]+$/.test(cell) ? Number(cell) : cell,
    ]));
  });
}
const unquoted = (text: string) => text.replace(/^"|"$/g, "");

function column(name: string, kind: Kind): number[] {
  return table(name).map((row) => Number(row[kind] ?? 0));
}

/** Quarter-hours of a day. */
const QUARTERS = 96;

const arrivals = {
  week: column("distribution-of-arrival", "public"),
  weekend: column("distribution-of-arrival-weekend", "public"),
};

/** Arrivals at public piles in this quarter of the hour against the mean of the day (1). */
export function arrivalFactor(minuteOfDay: number, weekend: boolean): number {
  const shares = weekend ? arrivals.weekend : arrivals.week;
  const total = shares.reduce((sum, share) => sum + share, 0);
  return (shares[Math.floor(minuteOfDay / 15) % QUARTERS] ?? 0) * QUARTERS / total;
}

/**
 * A draw from "share of events (%) that take more than i": between two rows the share falls in a
 * straight line. Events above the first row's share are not in the table and are left out.
 */
function drawFrom(more: readonly number[], random: Random): number {
  const u = random.next() * (more[0] ?? 0);
  const at = more.findIndex((share) => share <= u);
  if (at <= 0) return more.length - 1;
  const [high, low] = [more[at - 1]!, more[at]!];
  return at - 1 + (high - u) / (high - low);
}

/** What a table's draws come to on average: the area under it. */
export function meanOf(more: readonly number[]): number {
  const area = more.slice(1).reduce((sum, share, i) => sum + (share + more[i]!) / 2, 0);
  return area / (more[0] ?? 1);
}

const energy = {
  private: column("distribution-of-energy-demand", "private"),
  public: column("distribution-of-energy-demand", "public"),
  workplace: column("distribution-of-energy-demand", "workplace"),
} as const;
const connection = {
  private: column("distribution-of-connection-time", "private"),
  public: column("distribution-of-connection-time", "public"),
  workplace: column("distribution-of-connection-time", "workplace"),
} as const;

export const energyTable = (kind: Kind): readonly number[] => energy[kind];
export const connectionTable = (kind: Kind): readonly number[] => connection[kind];

/** Energy that a visit wants. */
export const drawEnergyWh = (kind: Kind, random: Random): number =>
  Math.round(drawFrom(energy[kind], random) * 1_000);

/** How long a car may stay connected at most. */
export const drawConnectionMs = (kind: Kind, random: Random): number =>
  Math.round(drawFrom(connection[kind], random) * 3_600_000);

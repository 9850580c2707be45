// How much a battery takes at which state of charge: constant current up to a knee, then the taper of
// constant voltage. Shapes are drawn after common published curves; they belong to no single car.

/** Points (state of charge in %, share of the largest power), straight lines in between. */
type Points = readonly (readonly [number, number])[];

const DC: Points = [[0, 0.7], [5, 0.92], [10, 1], [45, 1], [60, 0.82], [80, 0.45], [90, 0.24], [
  100,
  0.04,
]];
/** The charger in the car is small against its battery: it tapers only at the very end. */
const AC: Points = [[0, 1], [95, 1], [100, 0.08]];

/** Where the taper starts: from here on power only falls. */
export const KNEE_PCT = { dc: 45, ac: 95 } as const;

/** Share of the car's largest power at this state of charge; `shiftPct` moves the knee. */
export function shareAt(kind: "ac" | "dc", socPct: number, shiftPct: number): number {
  const points = kind === "dc" ? DC : AC;
  const soc = Math.min(100, Math.max(0, socPct));
  const place = (x: number) => x <= 10 || x >= 100 ? x : Math.min(99, x + shiftPct);
  for (let i = 1; i < points.length; i++) {
    const [x0, y0] = points[i - 1]!;
    const [x1, y1] = points[i]!;
    const [from, to] = [place(x0), place(x1)];
    if (soc <= to) return y0 + (y1 - y0) * ((soc - from) / (to - from));
  }
  return points.at(-1)![1];
}

/** A cold pack takes less (below 15 °C), a hot one too (above 40 °C). */
export function temperatureShare(celsius: number): number {
  if (celsius < 15) return Math.max(0.5, 1 - (15 - celsius) * 0.02);
  if (celsius > 40) return Math.max(0.6, 1 - (celsius - 40) * 0.03);
  return 1;
}

/** Open voltage rises with the charge: 0.88 to 1.08 of nominal. */
export function packMvAt(packMv: number, socPct: number): number {
  return Math.round(packMv * (0.88 + 0.2 * (Math.min(100, socPct) / 100)));
}

// Fees beside energy, where the tariff has them: once a charge, per started hour, and the least it
// costs. Whole fen, so nothing is rounded; a charge that gave no energy pays none of them.
import type { FeeLine, TariffFees } from "../../wire/tariff.ts";

const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 3_600_000;

interface Metered {
  wh: number;
  startAt: number;
  stopAt: number;
  /** Energy and service together. */
  meteredFen: number;
}

/** Hours begun after the free minutes; a clock that ran backward counts none. */
function startedHours(freeMinutes: number, { startAt, stopAt }: Metered): number {
  const paidMs = stopAt - startAt - freeMinutes * MS_PER_MINUTE;
  return paidMs > 0 ? Math.ceil(paidMs / MS_PER_HOUR) : 0;
}

/** The fees of a charge, in this order: session, parking, and what is missing to the minimum. */
export function feeLinesOf(fees: TariffFees | undefined, metered: Metered): FeeLine[] {
  if (!fees || metered.wh === 0) return [];
  const { sessionFen = 0, parking, minimumFen = 0 } = fees;
  const lines: FeeLine[] = [];
  if (sessionFen > 0) {
    lines.push({ purpose: "session", quantity: 1, unitFen: sessionFen, fen: sessionFen });
  }
  const hours = parking ? startedHours(parking.freeMinutes, metered) : 0;
  if (parking && hours > 0) {
    const { fenPerHour: unitFen, capFen } = parking;
    const fen = Math.min(hours * unitFen, capFen);
    lines.push({ purpose: "parking", quantity: hours, unitFen, fen });
  }
  const sumFen = lines.reduce((sum, { fen }) => sum + fen, metered.meteredFen);
  if (sumFen < minimumFen) {
    const fen = minimumFen - sumFen;
    lines.push({ purpose: "minimum", quantity: 1, unitFen: minimumFen, fen });
  }
  return lines;
}

/** All that can come on top of energy, for the size of a hold. */
export const feesFenMax = (fees: TariffFees | undefined): number =>
  (fees?.sessionFen ?? 0) + (fees?.parking?.capFen ?? 0);

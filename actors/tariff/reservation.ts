// Rules and fees of a reservation (预约): the station's own where it has them, the platform's settings
// otherwise; shown before the tap, frozen in the promise, and what a cancel costs.
import type { ReservationRules } from "../../wire/reservation.ts";
import type { ChargingSettings } from "../../wire/settings.ts";
import type { ReserveRule } from "../../wire/slot.ts";

/** What stands where a station has no rules of its own. */
export const platformRule = (settings: ChargingSettings): ReserveRule => ({
  depositFen: settings.reserveDepositFen,
  cancelFeeFen: Math.min(settings.reserveCancelFen, settings.reserveDepositFen),
  noShowFeeFen: Math.min(settings.reserveNoShowFen, settings.reserveDepositFen),
  freeMs: settings.reserveFreeMs,
  minutesMin: settings.reserveMinutesMin,
  minutesMax: settings.reserveMinutesMax,
  aheadMs: settings.reserveAheadMs,
});

/** The rules in force. Their version is spelt from all of them: other rules, another version. */
export function rulesOf(settings: ChargingSettings, own?: ReserveRule): ReservationRules {
  const { depositFen, cancelFeeFen, noShowFeeFen, freeMs, minutesMin, minutesMax, aheadMs } = own ??
    platformRule(settings);
  const rules = {
    depositFen,
    cancelFeeFen,
    noShowFeeFen,
    freeMs,
    minutesMin,
    minutesMax,
    aheadMs,
    bufferMs: settings.reserveBufferMs,
    noShowsMax: settings.noShowsMax,
    noShowSpanMs: settings.noShowSpanMs,
    barMs: settings.reserveBarMs,
  };
  return { rulesVersion: Object.values(rules).join("-"), ...rules };
}

/** A deposit of less keeps nobody from reserving everything. */
const DEPOSIT_FEN_MIN = 100;
/** A promise of tomorrow: longer ahead it is a booking, which this is not. */
const AHEAD_MS_MAX = 86_400_000;

/** Between which bounds each number of a station's rules must lie; some follow from others of them. */
function boundsOf(
  rule: ReserveRule,
  settings: ChargingSettings,
): Record<keyof ReserveRule, readonly [min: number, max: number]> {
  const { depositFen, minutesMin } = rule;
  return {
    depositFen: [DEPOSIT_FEN_MIN, settings.holdFenMax],
    cancelFeeFen: [0, depositFen],
    noShowFeeFen: [0, depositFen],
    minutesMin: [settings.reserveMinutesMin, settings.reserveMinutesMax],
    minutesMax: [minutesMin, settings.reserveMinutesMax],
    // even the shortest window can be cancelled for nothing at first
    freeMs: [0, minutesMin * settings.reserveMinuteMs],
    aheadMs: [0, AHEAD_MS_MAX],
  };
}

/** The first number that is out of its bounds; null: none is. */
export function ruleFlaw(
  rule: ReserveRule,
  settings: ChargingSettings,
): { field: string; min: number; max: number } | null {
  const bounds = Object.entries(boundsOf(rule, settings));
  const wrong = bounds.find(([field, [min, max]]) => {
    const value = rule[field as keyof ReserveRule];
    return value < min || value > max;
  });
  if (!wrong) return null;
  const [field, [min, max]] = wrong;
  return { field, min, max };
}

/** Free until a while before the end of the window, and whenever the pile cannot keep its promise. */
export function cancelFeeOf(
  rules: ReservationRules,
  { until, troubled }: { until: number; troubled: boolean },
  at: number,
): number {
  return troubled || at < until - rules.freeMs ? 0 : rules.cancelFeeFen;
}

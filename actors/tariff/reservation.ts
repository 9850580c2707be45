// Rules and fees of a reservation (预约): shown before the tap, frozen in it, and what a cancel costs.
import type { ReservationRules } from "../../wire/reservation.ts";
import type { ChargingSettings } from "../../wire/settings.ts";

/** The rules in force. Their version is spelt from all of them: other rules, another version. */
export function rulesOf(settings: ChargingSettings): ReservationRules {
  const rules = {
    depositFen: settings.reserveDepositFen,
    cancelFeeFen: Math.min(settings.reserveCancelFen, settings.reserveDepositFen),
    noShowFeeFen: Math.min(settings.reserveNoShowFen, settings.reserveDepositFen),
    freeMs: settings.reserveFreeMs,
    minutesMin: settings.reserveMinutesMin,
    minutesMax: settings.reserveMinutesMax,
    aheadMs: settings.reserveAheadMs,
    bufferMs: settings.reserveBufferMs,
    noShowsMax: settings.noShowsMax,
    noShowSpanMs: settings.noShowSpanMs,
    barMs: settings.reserveBarMs,
  };
  return { rulesVersion: Object.values(rules).join("-"), ...rules };
}

/** Free until a while before the end of the window, and whenever the pile cannot keep its promise. */
export function cancelFeeOf(
  rules: ReservationRules,
  { until, troubled }: { until: number; troubled: boolean },
  at: number,
): number {
  return troubled || at < until - rules.freeMs ? 0 : rules.cancelFeeFen;
}

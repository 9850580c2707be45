// The stay after a charge as a page counts it on between two words of the platform: how long it is free,
// and what it costs by now. The bill is the platform's.
import type { StayView } from "../wire/order-stay.ts";

export type StayPhase = "left" | "blocked" | "free" | "costs";
export interface StayNow {
  phase: StayPhase;
  /** Until the fee begins; 0 once it runs. */
  leftMs: number;
  fen: number;
  capped: boolean;
}

/** `now`: a clock that may be a little off; it decides nothing. */
export function stayNow(stay: StayView, now: number): StayNow {
  const { rule, minuteMs, bill } = stay;
  const feeFrom = Date.parse(stay.feeFrom ?? stay.graceUntil);
  const leftMs = Math.max(0, feeFrom - now);
  const until = stay.blockedSince === undefined ? now : Date.parse(stay.blockedSince);
  const minutes = Math.floor(Math.max(0, until - feeFrom - stay.freeMs) / minuteMs);
  const fen = bill?.fen ?? Math.min(minutes * rule.fenPerMinute, rule.capFen);
  const capped = fen >= rule.capFen && rule.capFen > 0;
  if (stay.leftAt !== undefined) return { phase: "left", leftMs: 0, fen: bill?.fen ?? 0, capped };
  if (stay.blockedSince !== undefined) return { phase: "blocked", leftMs, fen, capped };
  return { phase: leftMs > 0 ? "free" : "costs", leftMs, fen, capped };
}

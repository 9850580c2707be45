// What is due at a moment of a reservation, without anybody asking.
import type { Fulfilled, ReservationEvent, Reserved } from "./state.ts";
import type { ReserveCtx } from "./turn.ts";

/** What is due once its time is over; a start under way is waited for. */
export function expiry(state: Reserved | Fulfilled, ctx: ReserveCtx): ReservationEvent[] {
  if (state.starting) return [];
  if (state.status === "fulfilled") {
    return !state.used && !state.closed && ctx.at >= state.lockUntil ? [{ type: "LockOver" }] : [];
  }
  const open = !state.expiring && state.used === null;
  return open && ctx.at >= state.until ? [{ type: "ExpiryAsked" }] : [];
}

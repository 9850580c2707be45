// Who a connector is promised to at a moment, and whom it therefore refuses.
import { refuse, type Refused } from "../kit/mod.ts";
import { slotOf, slotsOf } from "./evolve-slots.ts";
import type { Registered, Slot } from "./state.ts";
import type { PileCtx } from "./turn.ts";

/** The promise that locks a connector at that moment. */
export const lockingSlot = (state: Registered, no: number, at: number): Slot | null =>
  slotsOf(state).find((slot) =>
    slot.connector === no && slot.used === null && slot.lockFrom <= at
  ) ??
    null;

/** The promise that has locked a connector, and is not taken up. */
export const closingSlot = (state: Registered, no: number): Slot | null =>
  slotsOf(state).find((slot) => slot.connector === no && slot.locked && slot.used === null) ?? null;

/** Why a connector that could be used may not be: it is promised to somebody, or not yet to them. */
export function promised(
  state: Registered,
  { connector: no, userId, reservationId }: {
    connector: number;
    userId: string;
    reservationId?: string | undefined;
  },
  { at, without }: Pick<PileCtx, "at" | "without">,
): Refused | null {
  const locking = lockingSlot(state, no, at);
  if (reservationId === undefined) {
    if (!locking || without.has("reserve.locked")) return null;
    const own = locking.userId === userId ? { reservationId: locking.reservationId } : {};
    return refuse("pile.reserved", { connector: no, until: locking.until, ...own });
  }
  const own = slotOf(state, reservationId);
  if (!own || own.used !== null || own.connector !== no) {
    return refuse("reservation.over", { reservationId });
  }
  if (own.userId !== userId) return refuse("pile.reserved", { connector: no, until: own.until });
  if (at < own.lockFrom && !without.has("reserve.verified")) {
    return refuse("reservation.too-early", { lockFrom: own.lockFrom });
  }
  return null;
}

// What a reservation says to its pile: is the slot free and under which rules, keep it, let it go.
import * as z from "zod";
import { reservationId, userId } from "./ids.ts";
import { connectorNo, fenPlus, instant, ms } from "./units.ts";

/** Rules and fees that a station may set for itself; where it has none the platform's settings stand. */
export const reserveRule = z.strictObject({
  depositFen: fenPlus,
  cancelFeeFen: fenPlus,
  noShowFeeFen: fenPlus,
  /** A cancel costs nothing until so long before the end of the window. */
  freeMs: ms,
  minutesMin: z.int().min(1),
  minutesMax: z.int().min(1),
  /** A window begins at most so far ahead. */
  aheadMs: ms,
});
export type ReserveRule = z.infer<typeof reserveRule>;

const slot = {
  reservationId,
  userId,
  connector: connectorNo,
  from: instant,
  until: instant,
};
export const slotCommands = [
  // reply SlotFacts; refused slot.taken {why} slot.not-reservable pile.* rules.changed {rulesVersion}
  // reservation.window; records nothing
  z.strictObject({
    type: z.literal("AskSlot"),
    ...slot,
    /** What the driver was shown; absent: its end is asked about, not its beginning. */
    rulesVersion: z.string().max(120).optional(),
  }),
  // reply {stationId}; kept from then on (R1); told twice, kept once
  z.strictObject({ type: z.literal("ReserveConnector"), ...slot }),
  z.strictObject({ type: z.literal("ReleaseSlot"), reservationId }), // reply SlotEnd
] as const;

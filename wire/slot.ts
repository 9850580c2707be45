// What a reservation says to its pile: is the slot free, keep it, let it go.
import * as z from "zod";
import { reservationId, userId } from "./ids.ts";
import { connectorNo, instant } from "./units.ts";

const slot = {
  reservationId,
  userId,
  connector: connectorNo,
  from: instant,
  until: instant,
};
export const slotCommands = [
  // reply {stationId}; refused slot.taken {why} slot.not-reservable pile.*; records nothing
  z.strictObject({ type: z.literal("AskSlot"), ...slot }),
  // the same, and kept from then on (R1); told twice, kept once
  z.strictObject({ type: z.literal("ReserveConnector"), ...slot }),
  z.strictObject({ type: z.literal("ReleaseSlot"), reservationId }), // reply SlotEnd
] as const;

// What can be said to a help ticket (求助工单), and what it shows to its driver and to the console.
import * as z from "zod";
import { orderId, pileId, reservationId, stationId, userId } from "./ids.ts";
import { photoId } from "./photo.ts";
import { iso } from "./units.ts";

export const ticketId = z.string().regex(/^tkt_[0-9A-Za-z-]{4,60}$/);
const text = z.string().max(1000);

export const ticketCommand = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("AskHelp"), // driver; said again it rings again, a closed ticket opens again
    orderId: orderId.optional(),
    pileId: pileId.optional(),
    stationId: stationId.optional(),
    text,
  }),
  z.strictObject({
    type: z.literal("OpenMatter"), // order: its driver does not agree with something of it
    userId,
    orderId,
    pileId,
    stationId: stationId.optional(),
    text,
  }),
  z.strictObject({ type: z.literal("CloseMatter"), note: text.min(1) }), // order: ops have decided
  z.strictObject({
    type: z.literal("OpenAppeal"), // reservation: its driver could not come to the pile; reply null
    userId,
    reservationId,
    pileId,
    stationId: stationId.optional(),
    text,
    photoId: photoId.optional(),
  }),
  z.strictObject({ type: z.literal("TakeTicket") }), // ops; refused ticket.closed
  z.strictObject({ type: z.literal("CloseTicket"), note: text.min(1) }), // ops; refused ticket.closed
]);
export type TicketCommand = z.infer<typeof ticketCommand>;

export const ticketStatus = z.enum(["open", "taken", "closed"]);
export type TicketStatus = z.infer<typeof ticketStatus>;
/** What was said, oldest first. */
export const ticketLine = z.strictObject({
  at: iso,
  by: z.enum(["driver", "ops"]),
  text,
});
export const ticketView = z.strictObject({
  id: ticketId,
  v: z.int(),
  status: ticketStatus,
  userId,
  orderId: orderId.optional(),
  pileId: pileId.optional(),
  stationId: stationId.optional(),
  /** Of an appeal (申诉), and the picture that shows why. */
  reservationId: reservationId.optional(),
  photoId: photoId.optional(),
  openedAt: iso,
  takenAt: iso.optional(),
  closedAt: iso.optional(),
  /** Ops user; only the console is told. */
  takenBy: z.string().optional(),
  lines: z.array(ticketLine),
});
export type TicketView = z.infer<typeof ticketView>;
export const closeTicketBody = z.strictObject({ note: text.min(1) });

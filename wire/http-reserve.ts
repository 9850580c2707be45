// What is said over HTTP of reservations (预约): rules before the tap, the promise itself, its ends.
import * as z from "zod";
import { listOf, order, paging } from "./http.ts";
import { pileId } from "./ids.ts";
import {
  cancelCost,
  reservableView,
  reservationCommand,
  reservationStatus,
  reservationView,
} from "./reservation.ts";
import { startOrderBody } from "./order.ts";
import { ticketId } from "./ticket.ts";
import { connectorNo, fenPlus, iso } from "./units.ts";

const [request, cancel, , appeal, decide] = reservationCommand.options;

/** A free connector that may be reserved instead. */
const alternative = z.strictObject({ pileId, connector: connectorNo });
export type Alternative = z.infer<typeof alternative>;

export const reservationRulesAnswer = z.strictObject({
  pileId,
  v: z.int(),
  ...reservableView.shape,
  /** The driver's own standing: reserving is suspended until then, after so many no-shows. */
  suspended: z.strictObject({ until: iso, noShows: z.int().min(0) }).optional(),
});
export type ReservationRulesAnswer = z.infer<typeof reservationRulesAnswer>;

export const reserveBody = z.strictObject({
  ...request.shape,
  from: iso,
  /** Whence the deposit is held. */
  pay: z.strictObject({ by: z.enum(["wallet"]) }),
}).omit({ type: true });
export const reservationAnswer = z.strictObject({
  ...reservationView.shape,
  /** Where to go instead, once the pile cannot keep its promise. */
  alternatives: z.array(alternative).optional(),
});
export type Reservation = z.infer<typeof reservationAnswer>;
export const reservationRow = reservationView.omit({ next: true });
export const reservationList = listOf(reservationRow);
export const reservationsQuery = z.strictObject({
  status: reservationStatus.optional(),
  ...paging,
});
export const cancelCostAnswer = cancelCost;
export const cancelBody = cancel.omit({ type: true });
export const appealBody = appeal.omit({ type: true });
/** `refundFen` 0: a person looks at it first. */
export const appealAnswer = z.strictObject({ ticketId, refundFen: fenPlus });
export const startReservedBody = startOrderBody;
export const startedAnswer = z.strictObject({ reservation: reservationView, order });
export type StartedAnswer = z.infer<typeof startedAnswer>;
export const appealDecisionBody = decide.omit({ type: true });

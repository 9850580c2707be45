// What can be said to a patrol task (巡查任务): somebody looks at a bay and shows it by a photo.
import * as z from "zod";
import { orderId, pileId, stationId } from "./ids.ts";
import { photoFacts } from "./photo.ts";
import { connectorNo, iso } from "./units.ts";

export const patrolId = z.string().regex(/^ptl_[0-9A-Za-z-]{4,60}$/);
const text = z.string().max(500);
/** Why somebody has to look: a fee runs, a driver says that the bay is blocked, the gun is out and yet
 * the parking system says that a car stands there. */
export const patrolCause = z.enum(["overstay", "reported", "still-parked"]);
export type PatrolCause = z.infer<typeof patrolCause>;

const about = { pileId, connector: connectorNo.optional(), stationId: stationId.optional() };
export const patrolCommand = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("OpenPatrol"), // order: by rule; said again it is the same task
    cause: patrolCause,
    orderId,
    ...about,
  }),
  z.strictObject({
    type: z.literal("ReportBay"), // driver: blocked, by a car that does not charge; reply {v}
    ...about,
    text,
    photo: photoFacts.optional(),
  }),
  z.strictObject({ type: z.literal("WithdrawPatrol"), why: z.string().max(80) }), // order: it has gone
  z.strictObject({ type: z.literal("TakePatrol") }), // ops (service, operator); refused patrol.over
  // ops: what was found there, shown by a photo of their own; refused patrol.over
  z.strictObject({
    type: z.literal("FinishPatrol"),
    note: text.min(1),
    found: z.enum(["car-gone", "car-charging", "car-stays", "bay-blocked", "nothing"]),
    photo: photoFacts,
  }),
]);
export type PatrolCommand = z.infer<typeof patrolCommand>;

export const patrolStatus = z.enum(["open", "taken", "done", "withdrawn"]);
export const patrolView = z.strictObject({
  id: patrolId,
  v: z.int(),
  status: patrolStatus,
  cause: patrolCause,
  pileId,
  connector: connectorNo.optional(),
  stationId: stationId.optional(),
  orderId: orderId.optional(),
  openedAt: iso,
  takenAt: iso.optional(),
  takenBy: z.string().optional(),
  endedAt: iso.optional(),
  /** Of whoever reported it. */
  text: text.optional(),
  reportPhoto: photoFacts.optional(),
  note: text.optional(),
  found: z.string().optional(),
  photo: photoFacts.optional(),
  why: z.string().optional(),
});
export type PatrolView = z.infer<typeof patrolView>;

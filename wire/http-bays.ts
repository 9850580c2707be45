// HTTP bodies of bays after the charge: warnings, release, fees, patrol tasks.
import * as z from "zod";
import { listOf, paging } from "./http.ts";
import { patrolId, patrolStatus, patrolView } from "./patrol.ts";
import { photoId } from "./photo.ts";
import { connectorNo } from "./units.ts";
import { userView } from "./user.ts";

const reason = z.string().min(1).max(500);
export const bayWarningBody = z.strictObject({ reason });
/** `confirm`: what the refusal without it said, word for word. */
export const bayReleaseBody = z.strictObject({
  reason,
  confirm: z.string().max(80).optional(),
  shut: z.boolean(),
});
export const overstayDecisionBody = z.strictObject({ waive: z.boolean(), reason });
export const startBarBody = z.strictObject({ reason });
/** Overstays that count now; `startsBarredUntil`: there were too many. */
export const startBar = userView.pick({ overstays: true, startsBarredUntil: true });

export const bayReportBody = z.strictObject({
  connector: connectorNo.optional(),
  text: z.string().max(500).optional(),
  photoId: photoId.optional(),
});
export const bayReportAnswer = z.strictObject({ patrolId, v: z.int() });
export const patrolsQuery = z.strictObject({ status: patrolStatus.optional(), ...paging });
export const patrolList = listOf(patrolView);
export const patrolDoneBody = z.strictObject({
  note: z.string().min(1).max(500),
  found: z.enum(["car-gone", "car-charging", "car-stays", "bay-blocked", "nothing"]),
  photoId,
});

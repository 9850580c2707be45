// Rows of the read models as queries give them.
import type * as z from "zod";
import type { orderRow } from "../../wire/http.ts";
import type { incidentRow, pileList, timelineItem } from "../../wire/http-ops.ts";
import type { reservationRow } from "../../wire/http-reserve.ts";
import type { walletLine } from "../../wire/money.ts";

export type OrderRow = z.infer<typeof orderRow>;
export type ReservationRow = z.infer<typeof reservationRow>;
export type PileListRow = z.infer<typeof pileList>["items"][number];
export type IncidentRow = z.infer<typeof incidentRow>;
export type TimelineItem = z.infer<typeof timelineItem>;
export type { CaseRow } from "../../wire/reconcile.ts";
export type WalletLine = z.infer<typeof walletLine>;

// What can be said to a reservation's actor (预约), and what it shows: the promise of one connector to one
// user for a time, with its rules and fees frozen when it was asked for.
import * as z from "zod";
import { orderId, pileId, reservationId, stationId, userId } from "./ids.ts";
import { photoId } from "./photo.ts";
import { ticketId } from "./ticket.ts";
import { connectorNo, fenPlus, instant, iso, ms } from "./units.ts";
import { answered, payWay } from "./order.ts";
import { chargeLimit } from "./pile.ts";

export const reservationStatus = z.enum([
  "awaiting-deposit", // 待付订金
  "reserved", // 已预约
  "fulfilled", // 已履约
  "cancelled", // 已取消
  "no-show", // 爽约
  "appealed", // 申诉取消
]);
export type ReservationStatus = z.infer<typeof reservationStatus>;

/** Shown before the tap; the version is sent back with it. */
export const reservationRules = z.strictObject({
  rulesVersion: z.string().max(120),
  depositFen: fenPlus,
  cancelFeeFen: fenPlus,
  noShowFeeFen: fenPlus,
  /** A cancel costs nothing until so long before the end of the window. */
  freeMs: ms,
  minutesMin: z.int().min(1),
  minutesMax: z.int().min(1),
  /** A window begins at most so far ahead. */
  aheadMs: ms,
  /** The connector is locked so long before its window, and free as long between two. */
  bufferMs: ms,
  /** So many no-shows within so long suspend reserving for so long. */
  noShowsMax: z.int().min(1),
  noShowSpanMs: ms,
  barMs: ms,
});
export type ReservationRules = z.infer<typeof reservationRules>;

const version = z.string().max(120);
/** Longest window that any rules may allow, in minutes. */
const MINUTES_MAX = 240;

export const reservationCommand = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("RequestReservation"), // driver; answered later: ReservationView (已预约), or refused:
    // rules.changed {rulesVersion} reservation.window slot.taken slot.not-reservable pile.* user.*
    // reservation.suspended {until} reservation.other-open {reservationId} wallet.balance-too-low
    pileId,
    connector: connectorNo,
    from: instant,
    minutes: z.int().min(1).max(MINUTES_MAX),
    rulesVersion: version,
  }),
  z.strictObject({
    type: z.literal("CancelReservation"), // driver; reply ReservationView; 409 reservation.cost-changed
    costVersion: version,
  }),
  z.strictObject({
    type: z.literal("StartReserved"), // driver; answered later: {reservation, order}; refused:
    // reservation.other-pile {pileId} reservation.over reservation.too-early, and as a start is
    orderId,
    pileId,
    connector: connectorNo,
    tariffVersion: z.string().max(44),
    limit: chargeLimit,
    pay: payWay,
    ageMs: z.int().min(0),
  }),
  z.strictObject({
    type: z.literal("AppealReservation"), // driver; answered later: {ticketId, refundFen}
    text: z.string().min(1).max(1000),
    /** The uploaded picture. */
    photoId: photoId.optional(),
  }),
  z.strictObject({
    type: z.literal("DecideAppeal"), // ops (service): an appeal that a person looks at; reply view
    grant: z.boolean(),
    reason: z.string().min(1).max(500),
  }),
  // what the pile tells of the slot that it keeps
  z.strictObject({ type: z.literal("SlotTroubled"), why: z.string().max(80) }),
  z.strictObject({ type: z.literal("SlotUsed"), orderId }),
  z.strictObject({ type: z.literal("SlotRestored"), orderId, until: instant }),
  z.strictObject({ type: z.literal("SlotFreed"), orderId }),
  // answers
  answered("UserAnswered"),
  answered("SlotAnswered"),
  answered("DepositAnswered"),
  answered("KeepAnswered"),
  answered("StartAnswered"),
  answered("ExpiryAnswered"),
  answered("AppealCounted"),
  z.strictObject({ type: z.literal("TimerFired"), name: z.string() }),
]);
export type ReservationCommand = z.infer<typeof reservationCommand>;

/** What the pile says of a slot when it lets it go. */
export const slotEnd = z.strictObject({
  /** Why it could not be used, at any time of the lock. */
  trouble: z.string().nullable(),
  /** The charge that began under it. */
  used: orderId.nullable(),
});

export const reservationView = z.strictObject({
  id: reservationId,
  v: z.int(),
  status: reservationStatus,
  userId,
  pileId,
  connector: connectorNo,
  stationId: stationId.optional(),
  createdAt: iso,
  /** The window; the connector is locked from a little before. */
  from: iso,
  until: iso,
  lockFrom: iso,
  freeUntil: iso,
  depositFen: fenPlus,
  rules: reservationRules,
  /** What it cost, once it is over, and what came back. */
  feeFen: fenPlus.optional(),
  refundFen: fenPlus.optional(),
  /** Why it was cancelled or never came to be: a refusal's code, or a word. */
  why: z.string().optional(),
  /** The pile cannot keep its promise: a cancel is free, and it never becomes a no-show. */
  trouble: z.string().optional(),
  /** The charge that it became. */
  orderId: orderId.optional(),
  /** A start is under way. */
  starting: z.literal(true).optional(),
  /** A start that failed by the pile's fault may be tried again until then. */
  lockUntil: iso.optional(),
  appeal: z.strictObject({
    ticketId,
    status: z.enum(["waiting", "granted", "refused"]),
    reason: z.string().optional(),
  }).optional(),
  /** What the driver can do now. */
  next: z.array(z.enum(["start", "cancel", "appeal", "help"])),
});
export type ReservationView = z.infer<typeof reservationView>;

/** What a cancel costs now (read "cancel-cost"). */
export const cancelCost = z.strictObject({
  costVersion: version,
  feeFen: fenPlus,
  refundFen: fenPlus,
  /** Free until then; absent: it costs by now, or never will. */
  freeUntil: iso.optional(),
  trouble: z.string().optional(),
});
export type CancelCost = z.infer<typeof cancelCost>;

/** What a pile says before a reservation (its read "reservation-rules"). */
export const reservableView = z.strictObject({
  rules: reservationRules,
  /** Those that may be reserved. */
  connectors: z.array(connectorNo),
  /** Windows that are promised already. */
  taken: z.array(z.strictObject({ connector: connectorNo, from: iso, until: iso })),
});
export type ReservableView = z.infer<typeof reservableView>;

/** Codes of notices to drivers. */
export const reservationNotices = [
  "reservation.confirmed",
  "reservation.cancelled",
  "reservation.trouble",
  "reservation.restored",
  "reservation.no-show",
  "reservation.suspended",
  "reservation.appealed",
  "reservation.appeal-refused",
] as const;
export type ReservationNotice = (typeof reservationNotices)[number];

// What can be said to a user's actor (车主) and to a station's (场站), and what they show of themselves.
import * as z from "zod";
import { bindingId, orderId, pileId, reservationId, stationId, userId } from "./ids.ts";
import { connectorNo, instant, iso, watt } from "./units.ts";
import { tariff } from "./tariff.ts";
import { outcome, payBy, provider } from "./order.ts";

export const userCommand = z.discriminatedUnion("type", [
  // http, first sign-in: consent to the agreement version shown; personal data lies in the vault
  z.strictObject({ type: z.literal("RegisterUser"), agreementVersion: z.string().max(40) }),
  z.strictObject({
    type: z.literal("OpenOrder"), // order; reply {binding?: {id, contract}};
    // by credit: {creditFen, creditPaidMin} as well;
    // refused user.barred {until, overstays} user.order-open {orderId} user.blocked
    // user.debt-open {orderId, fen} payment.not-bound wallet.credit-refused {why}
    // reservation.other-pile {reservationId, pileId, connector}
    orderId,
    by: payBy,
    /** Where, unless a reservation asks. */
    at: z.strictObject({ pileId, connector: connectorNo }).optional(),
  }),
  z.strictObject({
    type: z.literal("CloseOrder"), // order: it runs no longer; debtFen > 0 blocks new charges
    orderId,
    debtFen: z.int().min(0),
    /** It was charged on credit (先充后补): owed, but not overdue. */
    credit: z.literal(true).optional(),
  }),
  z.strictObject({
    type: z.literal("OpenReservation"), // reservation; reply null; refused user.blocked user.debt-open
    // user.barred {until, overstays}
    // reservation.suspended {until, noShows} reservation.other-open {reservationId}
    reservationId,
    /** What is promised: while it is locked for them they start nowhere else. */
    promise: z.strictObject({ pileId, connector: connectorNo, lockFrom: instant, until: instant })
      .optional(),
  }),
  // reservation: the promise is kept, or cannot be: its user may start anywhere
  z.strictObject({ type: z.literal("LoosenReservation"), reservationId }),
  z.strictObject({
    type: z.literal("CloseReservation"), // reservation: it is over; a no-show is counted
    reservationId,
    outcome: z.enum(["fulfilled", "cancelled", "no-show", "appealed"]),
  }),
  // reservation; reply {n}: how many appeals there were lately, with this one
  z.strictObject({ type: z.literal("CountAppeal"), reservationId }),
  z.strictObject({ type: z.literal("SettleDebt"), orderId }), // order: its debt is paid
  // order: the fee for staying after a charge is overdue; it is paid
  z.strictObject({ type: z.literal("OweOverstay"), orderId, fen: z.int().min(1) }),
  z.strictObject({ type: z.literal("SettleOverstay"), orderId }),
  // order: somebody overstayed and has to pay for it; ops have waived that
  z.strictObject({ type: z.literal("CountOverstay"), orderId }),
  z.strictObject({ type: z.literal("UncountOverstay"), orderId }),
  // ops (service): an appeal is granted, the user may start again
  z.strictObject({ type: z.literal("LiftStartBar"), reason: z.string().min(1).max(500) }),
  z.strictObject({ type: z.literal("CollectDebts") }), // payment: a recharge is in the wallet
  z.strictObject({
    type: z.literal("AddBinding"), // payment; reply null
    bindingId,
    by: provider,
    contract: z.string().max(80),
  }),
  z.strictObject({ type: z.literal("RemoveBinding"), bindingId }), // driver
  z.strictObject({
    type: z.literal("SetCredit"), // ops (finance): this user's own limit; 0: none; null: by the rules
    limitFen: z.int().min(0).max(1_000_000).nullable(),
    reason: z.string().min(1).max(500),
  }),
  z.strictObject({ type: z.literal("BlockUser"), reason: z.string().min(1).max(500) }), // ops
  z.strictObject({ type: z.literal("UnblockUser"), reason: z.string().min(1).max(500) }), // ops
  z.strictObject({ type: z.literal("TimerFired"), name: z.string() }),
]);
export type UserCommand = z.infer<typeof userCommand>;

export const userView = z.strictObject({
  id: userId,
  v: z.int(),
  registeredAt: iso,
  agreementVersion: z.string(),
  blocked: z.boolean(),
  openOrders: z.array(orderId),
  debts: z.array(z.strictObject({
    orderId,
    fen: z.int(),
    /** Absent: of the charge. */
    purpose: z.literal("overstay").optional(),
  })),
  /** Bays kept too long, within the days that count; from so many on, no start until then. */
  overstays: z.int().min(0).optional(),
  startsBarredUntil: iso.optional(),
  bindings: z.array(z.strictObject({ id: bindingId, by: provider })),
  /** 先充后补: what the rules allow now; the wallet looks at paid charges as well. */
  credit: z.strictObject({
    limitFen: z.int().min(0),
    paidMin: z.int().min(0),
    why: z.enum(["blocked", "debt-open", "was-overdue", "not-allowed"]).optional(),
  }),
  openReservations: z.array(reservationId),
  /** 爽约: how many lately; suspended until then. */
  noShows: z.int().min(0),
  reservingFrom: iso.optional(),
});
export type UserView = z.infer<typeof userView>;

export const stationCommand = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("OpenStation"), // ops
    name: z.strictObject({ zh: z.string().min(1).max(80), en: z.string().min(1).max(80) }),
    address: z.strictObject({ zh: z.string().max(200), en: z.string().max(200) }),
    /** WGS84 degrees. */
    lat: z.number().min(-90).max(90),
    lon: z.number().min(-180).max(180),
    zone: z.string().min(1).max(64),
    phone: z.string().min(3).max(40),
    tariff,
  }),
  z.strictObject({ type: z.literal("AddPile"), pileId, ratedPowerW: watt }), // ops; sends the tariff
  z.strictObject({ type: z.literal("SetStationPhone"), phone: z.string().min(3).max(40) }), // ops
  // ops: a draft may have faults; the same version again replaces it
  z.strictObject({ type: z.literal("DraftTariff"), tariff }),
  z.strictObject({ type: z.literal("DropTariffDraft"), version: z.string().max(44) }), // ops
  z.strictObject({
    type: z.literal("PublishTariff"), // ops; refused station.tariff-* with the first finding's facts
    version: z.string().max(44),
    reason: z.string().min(1).max(500),
    /** The second look: `confirm` of the check, word for word. */
    confirm: z.string().max(200).optional(),
    /** If-Match. */
    ifRevision: z.int().min(0).optional(),
  }),
  z.strictObject({
    type: z.literal("RollBackTariff"), // ops: the one before comes back into force
    reason: z.string().min(1).max(500),
    ifRevision: z.int().min(0),
  }),
  z.strictObject({
    type: z.literal("PileAnswered"), // a pile's answer to SetTariff
    ref: z.record(z.string(), z.unknown()),
    answer: outcome,
  }),
  z.strictObject({ type: z.literal("TimerFired"), name: z.string() }),
]);
export type StationCommand = z.infer<typeof stationCommand>;

export const stationView = z.strictObject({
  id: stationId,
  v: z.int(),
  name: z.strictObject({ zh: z.string(), en: z.string() }),
  address: z.strictObject({ zh: z.string(), en: z.string() }),
  lat: z.number(),
  lon: z.number(),
  zone: z.string(),
  phone: z.string(),
  tariff,
  piles: z.array(pileId),
});
export type StationView = z.infer<typeof stationView>;

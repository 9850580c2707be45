// What a reservation (预约) can be: the promise of one connector, from the first question to its end, and
// everything that can have happened to it. Amounts fen, moments ms since 1970.
import type { IncidentRaised } from "../../wire/incident.ts";
import type { PayWay } from "../../wire/order.ts";
import type { ChargeLimit } from "../../wire/pile.ts";
import type { ReservationCommand, ReservationRules } from "../../wire/reservation.ts";
import type { Fen, Instant } from "../../wire/units.ts";

export type { ReservationCommand };
export type Of<T extends ReservationCommand["type"]> = Extract<ReservationCommand, { type: T }>;

/** What was agreed when it was asked for: nothing of it changes any more. */
export interface Terms {
  userId: string;
  pileId: string;
  connector: number;
  from: Instant;
  until: Instant;
  rules: ReservationRules;
  createdAt: Instant;
}
/** The charge that was asked for, and who waits for it. */
export interface Starting {
  orderId: string;
  answerTo: string;
}
export type Awaiting = Terms & {
  status: "awaiting-deposit";
  answerTo: string;
  allowed: boolean;
  /** Null until the pile has said that the slot is free. */
  stationId: string | null;
  deposit: "none" | "asked" | "held";
};
type Promised = Terms & { stationId: string };
export type Reserved = Promised & {
  status: "reserved";
  /** The pile cannot keep the promise, or could not for a while: never a no-show. */
  trouble: string | null;
  starting: Starting | null;
  /** The charge that the pile says began under it. */
  used: string | null;
  /** Its time is over; the pile is asked what became of it. */
  expiring: boolean;
};
export type Fulfilled = Promised & {
  status: "fulfilled";
  orderId: string;
  /** The charge runs; false: its start is under way, or failed and may be tried again. */
  used: boolean;
  lockUntil: Instant;
  /** The lock is over. */
  closed: boolean;
  starting: Starting | null;
};
interface Ended {
  feeFen: Fen;
  refundFen: Fen;
}
export type Cancelled = Terms & Ended & {
  status: "cancelled";
  stationId: string | null;
  why: string;
  trouble: string | null;
};
export type NoShow = Promised & Ended & { status: "no-show" };
export type Appealed = Promised & Ended & {
  status: "appealed";
  ticketId: string;
  /** counting: how many there were lately. waiting: a person looks at it, the deposit stays. */
  appeal: "counting" | "waiting" | "granted" | "refused";
  /** What a refusal costs: as much as a cancel would have. */
  costFen: Fen;
  answerTo: string | null;
  reason: string | null;
};
export type Known = Awaiting | Reserved | Fulfilled | Cancelled | NoShow | Appealed;
export type ReservationState = { status: "absent" } | Known;

type Facts = Record<string, unknown>;
export type ReservationEvent =
  // 待付订金
  | Omit<Terms, "createdAt"> & { type: "ReservationRequested"; answerTo: string }
  | { type: "UserAllowed" }
  | { type: "SlotFound"; stationId: string }
  | { type: "DepositAsked"; fen: Fen }
  | { type: "DepositStands" }
  | {
    type: "ReservationRefused";
    code: string;
    facts: Facts;
    answerTo: string;
    /** What was asked for and has to be undone, each behind its question in the same lane. */
    undo: { user: boolean; wallet: boolean; pile: boolean };
  }
  // 已预约
  | { type: "ReservationConfirmed"; answerTo: string }
  | { type: "TroubleTold"; why: string }
  | {
    type: "StartAsked";
    orderId: string;
    tariffVersion: string;
    limit: ChargeLimit;
    pay: PayWay;
    ageMs: number;
    answerTo: string;
  }
  | { type: "StartRefused"; orderId: string; code: string; facts: Facts; answerTo: string }
  // 已履约: a new order has begun; `order`: as its driver is shown it
  | { type: "ReservationFulfilled"; orderId: string; order: Facts | null; answerTo: string | null }
  /** The driver hears of it later, or it was started again under a lock that was given back. */
  | { type: "StartTold"; orderId: string; order: Facts; answerTo: string }
  /** The pile says that it charges. `released`: the slot is free already. */
  | { type: "PromiseUsed"; orderId: string; released: boolean }
  | { type: "LockRestored"; orderId: string; until: Instant }
  | { type: "LockOver" }
  // the other ends
  | { type: "ReservationCancelled"; why: string; by: "user" | "platform" } & Ended
  | { type: "ExpiryAsked" }
  | { type: "NoShowRecorded" } & Ended
  | {
    type: "AppealOpened";
    ticketId: string;
    text: string;
    photoId?: string;
    costFen: Fen;
    answerTo: string;
  }
  | { type: "AppealWaiting"; n: number; answerTo: string | null }
  | {
    type: "AppealGranted";
    refundFen: Fen;
    by: string;
    reason: string | null;
    answerTo: string | null;
  }
  | { type: "AppealRefused"; by: string; reason: string } & Ended
  // notes: recorded, but they change nothing
  | { type: "FactNoted"; fact: string; facts: Facts }
  | IncidentRaised;
export type EventOf<T extends ReservationEvent["type"]> = Extract<ReservationEvent, { type: T }>;

/** From when on the connector is kept for this user alone. */
export const lockFromOf = ({ from, rules }: Terms): Instant => from - rules.bufferMs;
export const isTroubled = ({ trouble }: { trouble: string | null }): boolean => trouble !== null;

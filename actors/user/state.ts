// What a user (车主) is to the platform: standing, running orders, debts, bound accounts.
// Names and phones lie in the vault; money lies in the wallet.
import type { UserCommand } from "../../wire/user.ts";
import type { Fen, Instant } from "../../wire/units.ts";

export type { UserCommand };
export type Provider = "wechat" | "alipay";
export interface Binding {
  id: string;
  by: Provider;
  /** The provider's contract number: debit without the user's hand (免密支付). */
  contract: string;
}
export interface Debt {
  orderId: string;
  fen: Fen;
  /** Absent: of the charge. */
  purpose?: "overstay";
}
/** A promised connector: while it is locked for them, its user starts nowhere else. */
export interface Bound {
  reservationId: string;
  pileId: string;
  connector: number;
  lockFrom: Instant;
  until: Instant;
}
/** What is known of their reservations (预约). */
export interface Reserving {
  open: string[];
  /** Of the open ones; absent: none. */
  bound?: Bound[];
  /** Newest last: what comes again after its end opens nothing. */
  closed: string[];
  /** 爽约, newest last. */
  noShows: { reservationId: string; at: Instant }[];
  appeals: { reservationId: string; at: Instant }[];
  barredUntil?: Instant;
}
interface Person {
  registeredAt: Instant;
  agreementVersion: string;
  openOrders: string[];
  /** Newest last: an OpenOrder that comes again after its end must not open it again. */
  closedOrders: string[];
  debts: Debt[];
  /** One per provider at most. */
  bindings: Binding[];
  /** Set by ops: the user's own credit limit, in place of the rules. */
  creditFen?: Fen;
  /** No credit until then: an order was overdue. */
  creditBarredUntil?: Instant;
  /** Bays kept too long and paid for, newest last. */
  overstays?: { orderId: string; at: Instant }[];
  /** No start until then: there were too many. */
  startsBarredUntil?: Instant;
  /** Absent: never reserved. */
  reserving?: Reserving;
}
export type Registered =
  | Person & { status: "active" }
  | Person & { status: "blocked"; since: Instant; reason: string };
export type UserState = { status: "unknown" } | Registered;

export const CLOSED_ORDERS_MAX = 64;
/** Overdue orders that block new ones: a user in debt cannot make more than were open. */
export const DEBTS_MAX = 64;
/** More overstays than any rule counts. */
export const OVERSTAYS_MAX = 100;
export const CLOSED_RESERVATIONS_MAX = 64;
/** More than any rule counts within its span. */
export const NO_SHOWS_MAX = 20;
export const APPEALS_MAX = 20;

export type ReservingEvent =
  | { type: "ReservationOpened"; reservationId: string }
  | Bound & { type: "PromiseBound" }
  | { type: "PromiseLoosened"; reservationId: string }
  | {
    type: "ReservationClosed";
    reservationId: string;
    outcome: "fulfilled" | "cancelled" | "no-show" | "appealed";
  }
  /** Too many no-shows: no reservation until then. */
  | { type: "ReservingSuspended"; until: Instant; noShows: number }
  | { type: "AppealCounted"; reservationId: string };

export type UserEvent =
  | ReservingEvent
  | { type: "UserRegistered"; agreementVersion: string }
  | { type: "OrderOpened"; orderId: string }
  | { type: "OrderClosed"; orderId: string }
  | { type: "DebtIncurred"; orderId: string; fen: Fen }
  | { type: "DebtSettled"; orderId: string }
  | { type: "CreditBarred"; orderId: string; until: Instant }
  | { type: "CreditSet"; limitFen: Fen | null; reason: string; by: string }
  | { type: "OverstayOwed"; orderId: string; fen: Fen }
  | { type: "OverstaySettled"; orderId: string }
  /** `count`: with it, within the days that count. */
  | { type: "OverstayCounted"; orderId: string; count: number }
  | { type: "OverstayUncounted"; orderId: string }
  | { type: "OverstaysWarned"; count: number }
  | { type: "StartsBarred"; until: Instant; count: number }
  | { type: "StartBarLifted"; reason: string; by: string }
  /** There is money again: each order in debt may try to take its due. */
  | { type: "DebtsCalledIn"; orderIds: string[] }
  /** An older account of the same provider gives way. */
  | { type: "BindingAdded"; bindingId: string; by: Provider; contract: string }
  | { type: "BindingRemoved"; bindingId: string }
  | { type: "UserBlocked"; reason: string; by: string }
  | { type: "UserUnblocked"; reason: string; by: string };

// Everything the platform can say as a code, and the shape of its words: a missing one is a type error.
import type { FaultId } from "../../wire/faults/mod.ts";
import type { ConnectorStatus } from "../../wire/pile.ts";
import type { NoticeCode } from "../../wire/notice.ts";
import type { ReservationStatus } from "../../wire/reservation.ts";
import type { Ending, OrderStatus, PayBy } from "../../wire/order.ts";
import type { PeriodKind } from "../../wire/tariff.ts";
import type { WordedCode } from "../api.ts";

/** What could not be done, and what to do next. */
export type SayAndNext = readonly [say: string, next: string];

/** State of a pile or connector as a person sees it: presence and standing come before the connector. */
export type ShownStatus = ConnectorStatus | "offline" | "disabled";

/** Whose side a fault lies on (`rawCause.by`). */
export type CauseSide = "vehicle" | "pile" | "user" | "grid" | "platform" | "unknown";

export type DueStatus = "open" | "paying" | "paid" | "overdue" | "waived";
export type WalletCause =
  | "recharge"
  | "hold"
  | "top-up"
  | "credit"
  | "capture"
  | "release"
  | "payment"
  | "correction"
  | "adjustment"
  | "coupon"
  | "refund"
  | "overstay"
  | "deposit"
  | "deposit-return"
  | "reservation-fee";
export type PaymentStatus = "creating" | "open" | "succeeded" | "failed" | "closed";

/** Words of incidents that no driver is told by a notice of the order (actors/pile). */
export type IncidentWord =
  | "help.wanted"
  | "bay.patrol"
  | "reservation.slot-gone"
  | "reservation.appeal-waiting"
  | "notice.undelivered"
  | "pile.link-lost"
  | "pile.fault"
  | "pile.electrical-fault"
  | "pile.vehicle-fault"
  | "charge.plug-awaited"
  | "charge.reading-gap"
  | "charge.restart-after-pull"
  | "pile.charging-alone"
  | "pile.stop-unproven"
  | "pile.clock-wrong"
  | "charge.late-start"
  | "charge.meter-implausible"
  | "charge.transaction-unknown"
  | "charge.report-missing"
  | "charge.energy-unattributed"
  | "lock.broken"
  | "lock.recovered"
  | "audit.difference";

export interface CodeWords {
  refusal: Record<WordedCode, SayAndNext>;
  order: Record<OrderStatus, string>;
  reservation: Record<ReservationStatus, string>;
  ending: Record<Ending, SayAndNext>;
  status: Record<ShownStatus, string>;
  period: Record<PeriodKind, string>;
  payBy: Record<PayBy, string>;
  side: Record<CauseSide, SayAndNext>;
  /** To the driver: what happened and what to do. */
  fault: Record<FaultId, SayAndNext>;
  /** To ops: what to look at. */
  faultOps: Record<FaultId, string>;
  notice: Record<NoticeCode | IncidentWord, SayAndNext>;
  due: Record<DueStatus, string>;
  walletCause: Record<WalletCause, string>;
  payment: Record<PaymentStatus, string>;
  plug: Record<"gb-dc" | "gb-ac" | "ccs2" | "type2", string>;
}

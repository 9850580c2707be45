// What an order (订单) can be: the saga of one charge, from the first question to the last fen.
// A field exists only where it means something; amounts fen, energy Wh, moments ms since 1970.
import type * as z from "zod";
import type { Refusal } from "../../wire/envelope.ts";
import type { Ending, lentBinding, OrderCommand, PayBy, PayWay } from "../../wire/order.ts";
import type { ChargeLimit, EndReason, KeptFacts, RawCause } from "../../wire/pile.ts";
import type { Bill, Segment, Tariff } from "../../wire/tariff.ts";
import type { Fen, Instant, Wh } from "../../wire/units.ts";
import type { Stay } from "./stay.ts";

export type { OrderCommand };
export type Of<T extends OrderCommand["type"]> = Extract<OrderCommand, { type: T }>;
export type Lent = z.infer<typeof lentBinding>;
/** 先充后补: up to this much is lent, after so many paid charges. */
export interface Credit {
  limitFen: Fen;
  paidMin: number;
}
export type Provider = "wechat" | "alipay";

/** What was agreed when the charge was asked for. */
export interface Terms {
  userId: string;
  pileId: string;
  connector: number;
  limit: ChargeLimit;
  pay: PayWay;
  /** Started by a card at the pile, not from the app. */
  card: boolean;
  /** It takes up a promise (预约): its connector is locked for it, its deposit comes back with the hold. */
  reservationId?: string;
  createdAt: Instant;
}
/** What the pile gave with its connector: prices do not change any more. */
export type Kept = Pick<KeptFacts, "stationId" | "tariff" | "ratedPowerW">;
/** What stands behind the bill: money held in the wallet, or a bound account. */
export type Backing = { by: "hold"; fen: Fen } | { by: Provider; binding: Lent };
export type Frozen = Terms & Kept & { backing: Backing };

export interface Started {
  at: Instant;
  deviceAt: Instant;
  registerWh: Wh;
  txId?: number;
}
export interface Meter {
  at: Instant;
  deviceAt: Instant;
  registerWh: Wh;
  segments: Segment[];
  powerW: number;
  socPct?: number;
  /** Counts the readings taken over. */
  n: number;
}
/** A card starts first and asks then: what is not answered yet. */
export interface CardAsk {
  answerTo: string;
  user: boolean;
  wallet: boolean;
}
export interface Stop {
  by: "user" | "ops" | "limit" | "platform";
  who: string;
  at: Instant;
  reason?: string;
}

export type Authorizing = Terms & {
  status: "authorizing";
  tariffVersion: string;
  /** The command that waits for 启动中 or a refusal. */
  answerTo: string;
  /** Null until the user's actor has allowed it. */
  user: { binding: Lent | null; credit?: Credit } | null;
  kept: Kept | null;
  /** Null until the wallet is asked. */
  holdFen: Fen | null;
};
export type Starting = Frozen & { status: "starting"; since: Instant; waiting: boolean };
export type Charging = Frozen & {
  status: "charging";
  started: Started;
  meter: Meter;
  cardAsk: CardAsk | null;
  /** The size of hold that its driver was warned about. */
  lowFen?: Fen;
  /** A top-up that the wallet has not answered yet. */
  topUp?: { toFen: Fen };
};
/** Between a stop and the pile's last reading; perhaps it never started. */
export type Stopping = Frozen & {
  status: "stopping";
  stop: Stop;
  started: Started | null;
  meter: Meter | null;
  cardAsk: CardAsk | null;
};
export type StartFailed = Frozen & {
  status: "start-failed";
  why: string;
  cause?: RawCause;
  /** Nothing runs, by the pile's proof: hold and user are free. */
  proven: boolean;
  since: Instant;
};

/** The charge is over and has its bill. */
export type Billed = Frozen & {
  started: Started | null;
  endedAt: Instant;
  ending: Ending;
  cause?: RawCause;
  end: { reason: EndReason; deviceAt: Instant; registerWh: Wh };
  bill: Bill;
  /** Does the hold still stand? */
  holdOpen: boolean;
  claims?: Claims;
  /** The bill is an estimate: the pile's word of the end will correct it. */
  awaitsMeter?: true;
  /** The car at the connector after the charge, with a due of its own. */
  stay?: Stay;
  /** What the true meter made of a bill that was in the books: below 0 it goes back. */
  correction?: { bill: Bill; fen: number; waivedFen: Fen; booked: boolean };
};
/** Taken off by ops. */
export interface Adjustment {
  adjustmentId: string;
  fen: Fen;
  reason: string;
  by: string;
  /** Above the limit: who agreed. */
  approvalId?: string;
  approvers?: string[];
}
/** What people say about the bill afterwards. */
export interface Claims {
  /** Counts adjustments and proposals: part of their ids. */
  n: number;
  refundedFen: Fen;
  /** Waiting for approval, by its id. */
  proposals: Record<string, { fen: Fen; reason: string; by: string; name: string }>;
  appeals: {
    appealId: string;
    text: string;
    at: Instant;
    status: "open" | "granted" | "refused";
    reason?: string;
  }[];
}
export type BillReview = Billed & { status: "bill-review"; review: string };
/** One way of paying that is under way: no other may begin before it is over. */
export type Attempt =
  | { by: "hold" }
  | { by: "wallet" }
  /** A coupon is being laid on; then it is paid so. */
  | { by: "coupon"; couponId: string; next: PayBy }
  /** `byHand`: the driver asked for it; else it was taken by consent. */
  | { by: Provider; paymentId: string; byHand: boolean };
export type Owing = Billed & {
  /** Null: nothing of the bill is in the books yet; else the rest is booked as due. */
  capturedFen: Fen | null;
  attempt: Attempt | null;
  /** Payments opened so far: part of the next one's id. */
  attempts: number;
  /** Charged on credit and owed since its end. */
  creditFen?: Fen;
  /** The coupon on the bill: what it paid of each part, and whether it may go back. */
  /** Taken off what is due by ops; of which part, where nothing was booked yet. */
  adjusted?: { fen: Fen; energyFen: Fen; serviceFen: Fen };
  coupon?: { couponId: string; energyFen: Fen; serviceFen: Fen; returnable: boolean };
};
export type Due = Owing & { status: "awaiting-payment" } | Owing & { status: "overdue" };
export type PaidBy =
  | { by: "nothing" | "hold" | "wallet" }
  | { by: Provider; paymentId: string };
/** `paidFen`: the bill, or 0 where it was waived. */
export type Paid = Billed & { status: "paid"; paidAt: Instant; paidBy: PaidBy; paidFen: Fen };

export type Declined = Terms & {
  status: "declined";
  tariffVersion: string;
  code: string;
};
export type Known =
  | Authorizing
  | Declined
  | Starting
  | Charging
  | Stopping
  | StartFailed
  | BillReview
  | Due
  | Paid;
export type OrderState = { status: "absent" } | Known;

/** The n-th payment of an order: the same id on any node, with no look-up. */
export const paymentIdOf = (orderId: string, n: number): string => `pay_${orderId.slice(4)}-${n}`;

export const dueFenOf = (state: Owing): Fen =>
  state.bill.totalFen - (state.capturedFen ?? 0) - (state.adjusted?.fen ?? 0);

/** What the wallet books as revenue when the due is paid: nothing, where a capture did before; and not
 * what a coupon has paid of it. */
export function splitOf(state: Owing): { energyFen: Fen; serviceFen: Fen } {
  if (state.capturedFen !== null) return { energyFen: 0, serviceFen: 0 };
  const { bill, coupon, adjusted } = state;
  return {
    energyFen: bill.energyFen - (coupon?.energyFen ?? 0) - (adjusted?.energyFen ?? 0),
    serviceFen: bill.serviceFen - (coupon?.serviceFen ?? 0) - (adjusted?.serviceFen ?? 0),
  };
}
export type { Bill, Ending, Fen, Instant, Refusal, Segment, Tariff };

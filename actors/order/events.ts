// Everything that can have happened to an order. Published shapes: a change is a new version.
import type { IncidentRaised } from "../../wire/incident.ts";
import type { CouponUse } from "../../wire/money.ts";
import type { Ending, PayAnswer, PayBy } from "../../wire/order.ts";
import type { EndReason, RawCause } from "../../wire/pile.ts";
import type { Bill, Segment } from "../../wire/tariff.ts";
import type {
  Adjustment,
  Attempt,
  Backing,
  Claims,
  Credit,
  Kept,
  Lent,
  PaidBy,
  Stop,
  Terms,
} from "./state.ts";
import type { StayEvent } from "./stay-events.ts";

type Facts = Record<string, unknown>;
/** Who is still waiting for this, if anybody. */
interface Waited {
  answerTo: string | null;
}
interface Reading {
  deviceAt: number;
  registerWh: number;
  segments: Segment[];
}
type Asked = Omit<Terms, "createdAt">;

export type OrderEvent =
  // authorising
  | Asked & { type: "ChargeRequested"; tariffVersion: string; answerTo: string }
  | { type: "UserAllowed"; binding: Lent | null; credit?: Credit }
  | Kept & { type: "ConnectorKept"; plugged: boolean | null }
  | { type: "HoldAsked"; fen: number; credit?: Credit }
  | {
    type: "ChargeDeclined";
    code: string;
    facts: Facts;
    answerTo: string;
    /** What was asked for and has to be undone, each behind its question in the same lane. */
    undo: { pile: boolean; user: boolean; wallet: boolean };
  }
  // 启动中
  | { type: "StartOrdered"; backing: Backing; answerTo: string }
  | { type: "PlugAwaited" }
  | { type: "ChargeStartFailed"; why: string; cause?: RawCause; proven: boolean }
  /** The pile has shown that nothing runs: the failed start is over. */
  | { type: "IdleProven"; why: string }
  // by card: 启动中 and 充电中 in one
  | Asked & Kept & {
    type: "CardChargeStarted";
    holdFen: number;
    deviceAt: number;
    registerWh: number;
    txId: number;
    answerTo: string;
  }
  | { type: "CardUserAllowed" }
  | { type: "CardHoldPlaced" }
  | { type: "CardCleared"; answerTo: string }
  | {
    type: "CardRefused";
    code: string;
    facts: Facts;
    answerTo: string;
    /** The pile was asked to stop before. */
    stopSent: boolean;
    /** The hold stands, or may come to stand. */
    held: boolean;
  }
  // 充电中
  | Reading & { type: "ChargeStarted"; txId?: number }
  | Reading & { type: "MeterRead"; powerW: number; socPct?: number }
  | Omit<Stop, "at"> & { type: "StopAsked" }
  | Reading & {
    type: "ChargeEnded";
    ending: Ending;
    reason: EndReason;
    cause?: RawCause;
    startRegisterWh: number;
    bill: Bill;
    /** Why a person has to look at the bill first. */
    review: string | null;
    /** The card's question is answered by the end, if it still waits. */
    answerTo: string | null;
  }
  /** An end that its driver did not bring about by hand: they are told, and why. */
  | { type: "EndTold"; code: "charge.ops-stopped" | "charge.limit-reached"; why?: string }
  /** The true meter of an estimated bill. `replaced`: nothing had been paid; else the books balance it. */
  | Reading & {
    type: "BillCorrected";
    bill: Bill;
    fromFen: number;
    fen: number;
    waivedFen: number;
    how: "replaced" | "balanced";
  }
  | { type: "CorrectionBooked"; fen: number; waivedFen: number }
  | { type: "EstimateStands" }
  | { type: "ReviewDecided"; accept: boolean; reason: string; by: string }
  // the hold while it charges
  | { type: "HoldNearlySpent"; holdFen: number; costFen: number }
  | { type: "TopUpAsked"; toFen: number; answerTo: string }
  | Waited & { type: "HoldRaised"; fen: number }
  | Waited & { type: "TopUpRefused"; code: string; facts: Facts }
  // money
  | Waited & { type: "CouponAsked"; couponId: string; next: PayBy }
  | { type: "CouponTaken"; use: CouponUse }
  | Waited & { type: "CouponRefused"; couponId: string; code: string; facts: Facts }
  | { type: "CouponGivenBack"; couponId: string; why: string }
  | Waited & { type: "CaptureAsked" }
  | Waited & { type: "BalanceAsked"; fen: number }
  | Waited & { type: "PaymentAsked"; by: "wechat" | "alipay"; paymentId: string; fen: number }
  | { type: "PaymentHanded"; answerTo: string; answer: PayAnswer }
  | { type: "HoldCaptured"; capturedFen: number; releasedFen: number; dueFen: number }
  /** 先充后补: what was charged on credit is owed, and taken from the next recharge. */
  | Waited & { type: "CreditUsed"; fen: number }
  | Waited & { type: "AttemptFailed"; attempt: Attempt; code: string; facts: Facts }
  | Waited & {
    type: "OrderPaid";
    paidBy: PaidBy;
    /** All that was paid for the bill; 0 where it was waived. */
    fen: number;
    /** The hold was not needed and goes back. */
    release: boolean;
    /** It was overdue: the user's debt is settled with it. */
    settle: boolean;
  }
  // what people say about the bill
  | { type: "AdjustmentProposed"; approvalId: string; proposal: Claims["proposals"][string] }
  | Adjustment & {
    type: "AdjustmentMade";
    to: "balance" | "due" | "bill";
    energyFen?: number;
    serviceFen?: number;
    /** All was given back: its coupon goes back as well. */
    couponId?: string;
  }
  | { type: "ProposalDropped"; approvalId: string }
  | { type: "AppealOpened"; appealId: string; text: string }
  | { type: "AppealRefused"; appealId: string; reason: string; by: string }
  /** The n-th reminder of an unpaid bill. */
  | { type: "PaymentReminded"; n: number; dueFen: number }
  | { type: "OrderOverdue"; debtFen: number }
  // the stay after it, and its fee
  | StayEvent
  // notes: recorded, but they change nothing
  | { type: "FactNoted"; fact: string; facts: Facts }
  | IncidentRaised;

export type EventOf<T extends OrderEvent["type"]> = Extract<OrderEvent, { type: T }>;

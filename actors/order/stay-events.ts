// What can have happened to a stay after the charge, and to what is owed for it.
import type { OverstayBill, OverstayRule } from "../../wire/tariff.ts";
import type { PaidBy } from "./state.ts";
import type { StayAttempt, Told } from "./stay.ts";

/** Who is still waiting for this, if anybody. */
interface Waited {
  answerTo: string | null;
}

export type StayEvent =
  | {
    type: "StayBegan";
    since: number;
    rule: OverstayRule;
    minuteMs: number;
    soonMinutes: number;
    againMinutes: number;
  }
  | { type: "StayBlocked"; since: number; why: string }
  | { type: "StayOpened"; free: { fromAt: number; toAt: number } }
  /** `fen`: what it had come to. */
  | { type: "StayTold"; told: Told; fen: number }
  /** `asks`: the parking system is to be asked later whether the bay is free. */
  | { type: "StayOver"; leftAt: number; why: string; asks?: true }
  | { type: "ParkingAsked" }
  /** By the parking system: does a car still stand there? */
  | { type: "ParkingSaid"; state: "free" | "taken" | "unknown" }
  /** The fee is final: the car has gone, or the cap is reached. */
  | { type: "OverstayDue"; bill: OverstayBill }
  // its money
  | Waited & { type: "OverstayAsked"; by: "wallet"; fen: number }
  | Waited & {
    type: "OverstayPaymentAsked";
    by: "wechat" | "alipay";
    paymentId: string;
    fen: number;
  }
  | Waited & {
    type: "OverstayFailed";
    attempt: StayAttempt;
    code: string;
    facts: Record<string, unknown>;
  }
  /** `settle`: it was overdue, the user's debt ends with it. */
  | Waited & { type: "OverstayPaid"; paidBy: PaidBy; fen: number; settle: boolean }
  | { type: "OverstayOverdue"; fen: number }
  // what people say
  | { type: "OverstayAppealed"; text: string }
  | {
    type: "OverstayDecided";
    waive: boolean;
    reason: string;
    by: string;
    /** Was owed as a debt. */
    settle: boolean;
    /** Given back to the balance, as it was paid. */
    backFen: number;
  }
  | { type: "StayWarned"; reason: string; by: string; releaseFrom: number }
  | { type: "BayReleaseAsked"; reason: string; by: string; shut: boolean }
  | { type: "BayReleased"; ok: boolean; why?: string };

export type StayEventOf<T extends StayEvent["type"]> = Extract<StayEvent, { type: T }>;
export const stayEvents: Readonly<Record<StayEvent["type"], true>> = {
  StayBegan: true,
  StayBlocked: true,
  StayOpened: true,
  StayTold: true,
  StayOver: true,
  ParkingAsked: true,
  ParkingSaid: true,
  OverstayDue: true,
  OverstayAsked: true,
  OverstayPaymentAsked: true,
  OverstayFailed: true,
  OverstayPaid: true,
  OverstayOverdue: true,
  OverstayAppealed: true,
  OverstayDecided: true,
  StayWarned: true,
  BayReleaseAsked: true,
  BayReleased: true,
};

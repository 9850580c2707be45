// What a payment (支付) is: one attempt with one provider, for a bill, a recharge or a binding.
// What is not known is asked; it is booked only once the provider has said it (M8).
import type * as z from "zod";
import type { handoff, paymentCommand, paymentPurpose, refundWhy } from "../../wire/money.ts";
import type { IncidentRaised } from "../../wire/incident.ts";
import type { Fen, Instant } from "../../wire/units.ts";

export type PaymentCommand = z.infer<typeof paymentCommand>;
export type Handoff = z.infer<typeof handoff>;
export type Purpose = z.infer<typeof paymentPurpose>;
export type Provider = "wechat" | "alipay";
/** `check`: the question of a reconciliation, whatever was known. */
export type Op = "create" | "query" | "close" | "check" | "refund" | "query-refund";

export interface Facts {
  userId: string;
  purpose: Purpose;
  orderId?: string;
  fen: Fen;
  energyFen: Fen;
  serviceFen: Fen;
  by: Provider;
  bindingId?: string;
  /** Provider's contract number: debit without the user's hand. */
  contract?: string;
  openedAt: Instant;
}
/** `asks`: how often the provider was asked. `wrongFen`: an amount it reported that is not ours. */
interface Asking {
  asks: number;
  wrongFen?: Fen;
}
/** Money that came to a payment that was over: it goes back. */
export interface Refund {
  fen: Fen;
  tries: number;
  stands: boolean;
}
/** One refund of a success: out of the wallet first where it was booked, then through the provider. */
export interface RefundPart {
  refundId: string;
  /** Who asks twice with one key asked once. */
  key: string;
  fen: Fen;
  why: z.infer<typeof refundWhy>;
  tries: number;
  stage: "booking" | "asked" | "stood" | "declined";
}
export type Live =
  /** `answerTo`: the command that waits for the way to pay. */
  | Facts & Asking & { status: "creating"; answerTo: string | null }
  | Facts & Asking & { status: "open"; handoff: Handoff | null }
  /** Closed only once the provider has confirmed it; until then it may still succeed. */
  | Facts & Asking & { status: "closing"; handoff: Handoff | null };
export type Over =
  | Facts & { status: "failed"; why: string; refund: Refund | null }
  | Facts & { status: "closed"; refund: Refund | null };
export type Succeeded = Facts & {
  status: "succeeded";
  delivered: boolean;
  refunds?: RefundPart[];
};
export type PaymentState = { status: "absent" } | Live | Over | Succeeded;
export type Known = Exclude<PaymentState, { status: "absent" }>;

export type PaymentEvent =
  | Omit<Facts, "openedAt"> & { type: "PaymentRequested"; answerTo: string }
  | { type: "PaymentOpened"; handoff: Handoff | null; answerTo: string | null }
  | { type: "PaymentAsked" }
  /** The provider's answer settled nothing: asked again later. */
  | { type: "PaymentUnclear"; why: string; answerTo: string | null }
  /** The provider never heard of it, or its answer was lost: created again under the same id. */
  | { type: "PaymentRecreated" }
  | { type: "PaymentClosing"; why: "user" | "too-old" | "still-open"; answerTo: string | null }
  | { type: "AmountMisreported"; fen: Fen }
  | { type: "PaymentSucceeded"; contract?: string; providerRef?: string; answerTo: string | null }
  | { type: "PaymentFailed"; why: string; answerTo: string | null }
  | { type: "PaymentClosed"; answerTo: string | null }
  /** Wallet or user have taken what it brought. */
  | { type: "PaymentDelivered" }
  /** The bill was paid already: the wallet did not take it, and it goes back. */
  | { type: "DoubleDebitFound"; refundId: string; fen: Fen }
  | { type: "PaymentChecked" }
  | { type: "RefundRequested"; refundId: string; key: string; fen: Fen; why: RefundPart["why"] }
  /** `refundId`: of money that was booked; absent: of money that came too late. */
  | { type: "RefundAsked"; fen: Fen; refundId?: string }
  | { type: "RefundLookedUp"; refundId: string }
  | { type: "RefundDeclined"; refundId: string; code: string }
  | { type: "RefundStood"; fen: Fen; refundId?: string }
  | IncidentRaised;

export const isLive = (state: PaymentState): state is Live =>
  state.status === "creating" || state.status === "open" || state.status === "closing";

/** Of a payment that was over when the money came there is but one. */
export const lateRefundIdOf = (paymentId: string): string => `${paymentId}-r1`;

/** All that went or goes back of it. */
export function refundsOf(state: PaymentState, paymentId: string): readonly RefundPart[] {
  if (state.status === "succeeded") return state.refunds ?? [];
  if (!("refund" in state) || !state.refund) return [];
  const { fen, tries, stands } = state.refund;
  const stage = stands ? "stood" : "asked";
  const why = "late-success";
  return [{ refundId: lateRefundIdOf(paymentId), key: why, fen, why, tries, stage }];
}

/** The binding that a payment of that purpose makes has the payment's own suffix. */
export const bindingIdOf = (paymentId: string): string => `bnd_${paymentId.slice(4)}`;

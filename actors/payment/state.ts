// What a payment (支付) is: one attempt with one provider, for a bill, a recharge or a binding.
// What is not known is asked; it is booked only once the provider has said it (M8).
import type * as z from "zod";
import type { handoff, paymentCommand, paymentPurpose } from "../../wire/money.ts";
import type { IncidentRaised } from "../../wire/incident.ts";
import type { Fen, Instant } from "../../wire/units.ts";

export type PaymentCommand = z.infer<typeof paymentCommand>;
export type Handoff = z.infer<typeof handoff>;
export type Purpose = z.infer<typeof paymentPurpose>;
export type Provider = "wechat" | "alipay";
export type Op = "create" | "query" | "close" | "refund";

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
export type Live =
  /** `answerTo`: the command that waits for the way to pay. */
  | Facts & Asking & { status: "creating"; answerTo: string | null }
  | Facts & Asking & { status: "open"; handoff: Handoff | null }
  /** Closed only once the provider has confirmed it; until then it may still succeed. */
  | Facts & Asking & { status: "closing"; handoff: Handoff | null };
export type Over =
  | Facts & { status: "failed"; why: string; refund: Refund | null }
  | Facts & { status: "closed"; refund: Refund | null };
export type Succeeded = Facts & { status: "succeeded"; delivered: boolean };
export type PaymentState = { status: "absent" } | Live | Over | Succeeded;

export type PaymentEvent =
  | Omit<Facts, "openedAt"> & { type: "PaymentRequested"; answerTo: string }
  | { type: "PaymentOpened"; handoff: Handoff | null; answerTo: string | null }
  | { type: "PaymentAsked" }
  /** The provider's answer settled nothing: asked again later. */
  | { type: "PaymentUnclear"; why: string; answerTo: string | null }
  /** The provider has never heard of it: created again under the same id. */
  | { type: "PaymentRecreated" }
  | { type: "PaymentClosing"; why: "user" | "too-old" | "still-open"; answerTo: string | null }
  | { type: "AmountMisreported"; fen: Fen }
  | { type: "PaymentSucceeded"; contract?: string; providerRef?: string; answerTo: string | null }
  | { type: "PaymentFailed"; why: string; answerTo: string | null }
  | { type: "PaymentClosed"; answerTo: string | null }
  /** Wallet or user have taken what it brought. */
  | { type: "PaymentDelivered" }
  | { type: "RefundAsked"; fen: Fen }
  | { type: "RefundStood"; fen: Fen }
  | IncidentRaised;

export const isLive = (state: PaymentState): state is Live =>
  state.status === "creating" || state.status === "open" || state.status === "closing";

/** The binding that a payment of that purpose makes has the payment's own suffix. */
export const bindingIdOf = (paymentId: string): string => `bnd_${paymentId.slice(4)}`;

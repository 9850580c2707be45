// What goes back: money that was booked leaves the wallet first, money that came too late was never
// booked. An outcome that is not known is looked up under its number, and never more than was paid.
import { providerOutcome } from "../../wire/money.ts";
import type { Outcome } from "../../wire/order.ts";
import type { ChargingSettings } from "../../wire/settings.ts";
import { type Ctx, type Decision, nothing, refuse, replied } from "../kit/mod.ts";
import { incidentOf } from "./incident.ts";
import {
  isLive,
  lateRefundIdOf,
  type Op,
  type PaymentCommand,
  type PaymentEvent,
  type PaymentState,
  type RefundPart,
  refundsOf,
} from "./state.ts";

type Decided = Decision<PaymentEvent, PaymentState>;
type PayCtx = Ctx<ChargingSettings>;
type Of<T extends PaymentCommand["type"]> = Extract<PaymentCommand, { type: T }>;
type Answered = { ref: Record<string, unknown>; answer: Outcome };

const REFUNDS_BEFORE_PERSON = 10;
/** Numbers of one payment's refunds; more is no correction any more. */
const REFUNDS_MAX = 20;

/** Gives back a part of what was paid, or all of it (M3). */
export function refundPayment(
  state: PaymentState,
  command: Of<"RefundPayment">,
  ctx: PayCtx,
): Decided {
  const { key, fen, why } = command;
  if (state.status === "absent") return refuse("payment.unknown", { paymentId: ctx.self.id });
  const known = refundsOf(state, ctx.self.id).find((part) => part.key === key);
  if (known) return replied([], () => ({ refundId: known.refundId }));
  if (state.status !== "succeeded") return refuse("payment.closed", { status: state.status });
  const refunds = state.refunds ?? [];
  const leftFen = state.fen - backFen(refunds);
  if (fen > leftFen) return refuse("payment.refund-too-large", { fen, leftFen });
  if (refunds.length >= REFUNDS_MAX) return refuse("overloaded", { refunds: REFUNDS_MAX });
  const refundId = `${ctx.self.id}-r${refunds.length + 1}`;
  return replied(
    [{ type: "RefundRequested", refundId, key, fen, why }],
    () => ({ refundId }),
  );
}
const backFen = (parts: readonly RefundPart[]): number =>
  parts.reduce((sum, { fen, stage }) => sum + (stage === "declined" ? 0 : fen), 0);

/** The wallet has booked it, or the balance does not hold it. */
export function onRefundBooked(
  state: PaymentState,
  { ref, answer }: Answered,
  ctx: PayCtx,
): Decided {
  const part = partOf(state, ref, ctx);
  if (part?.stage !== "booking") return nothing;
  const { refundId, fen, why } = part;
  if (answer.ok) return [{ type: "RefundAsked", refundId, fen }];
  const { code } = answer.refusal;
  return [
    { type: "RefundDeclined", refundId, code },
    incidentOf(ctx, "refund-declined", "put-before-person", "needs-person", { fen, why, code }),
  ];
}

/** The provider's word about a refund. */
export function onRefundAnswer(
  state: PaymentState,
  op: Op,
  { ref, answer }: Answered,
  ctx: PayCtx,
): Decided {
  const part = partOf(state, ref, ctx);
  if (part?.stage !== "asked") return nothing;
  const { refundId, fen, why } = part;
  const more = state.status === "succeeded" ? { refundId } : {};
  const said = answer.ok ? providerOutcome.safeParse(answer.body).data : undefined;
  if (said?.status === "refunded") {
    return [
      { type: "RefundStood", fen, ...more },
      incidentOf(ctx, why, "refunded", "compensated", { fen }),
    ];
  }
  const code = answer.ok ? "outcome.unknown" : answer.refusal.code;
  // Looked up, and never heard of: sent again, under its number.
  if (op === "query-refund" && code === "payment.unknown") {
    return [{ type: "RefundAsked", fen, ...more }];
  }
  const events: PaymentEvent[] = [{ type: "PaymentUnclear", why: code, answerTo: null }];
  if (part.tries === REFUNDS_BEFORE_PERSON) {
    events.push(incidentOf(ctx, "refund-fails", "keeps-trying", "needs-person", { why: code }));
  }
  return events;
}

function partOf(state: PaymentState, ref: Record<string, unknown>, { self }: PayCtx) {
  const { refundId = lateRefundIdOf(self.id) } = ref;
  return refundsOf(state, self.id).find((part) => part.refundId === refundId);
}

/** The timer of a payment that is over: what is not known is looked up. */
export function lookUpRefunds(state: PaymentState, { self }: PayCtx): PaymentEvent[] {
  if (isLive(state)) return [];
  return refundsOf(state, self.id).filter(({ stage }) => stage === "asked")
    .map(({ refundId }) => ({ type: "RefundLookedUp", refundId }));
}

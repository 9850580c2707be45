// A bill paid through a provider: its payment knows the way, this page only opens and hears.
import { paymentView } from "../../wire/money.ts";
import { nothing } from "../kit/mod.ts";
import type { OrderEvent } from "./events.ts";
import { incident } from "./incidents.ts";
import { attemptFailed, owes, paid, waiterOf } from "./pay.ts";
import { type Due, dueFenOf, type Known, type Of } from "./state.ts";
import type { Decided, OrderCtx } from "./turn.ts";

const isOpen = (state: Known, paymentId: unknown): state is Due =>
  owes(state) && state.attempt !== null && "paymentId" in state.attempt &&
  state.attempt.paymentId === paymentId;

/** The payment is open: the driver gets the way to pay. Its outcome comes as PaymentSettled. */
export function paymentAnswered(
  state: Known,
  { answer, ref }: Of<"PaymentAnswered">,
  ctx: OrderCtx,
): Decided {
  const answerTo = waiterOf(ref);
  if (!answer.ok) {
    if (isOpen(state, ref.paymentId)) return attemptFailed(state, answer.refusal, answerTo, ctx);
    return handedClosed(ref, answerTo);
  }
  if (answerTo === null) return nothing;
  const view = paymentView.safeParse(answer.body);
  if (!view.success) return handedClosed(ref, answerTo);
  const { paymentId, status, handoff } = view.data;
  const answered = { paymentId, status, ...(handoff ? { handoff } : {}) };
  return [{ type: "PaymentHanded", answerTo, answer: answered }];
}

/** It was over before its opening was answered: the driver sees that, and the order as it is. */
export function handedClosed(ref: Record<string, unknown>, answerTo: string | null): OrderEvent[] {
  if (answerTo === null) return [];
  const answer = { paymentId: String(ref.paymentId), status: "failed" } as const;
  return [{ type: "PaymentHanded", answerTo, answer }];
}

export function paymentSettled(
  state: Known,
  command: Of<"PaymentSettled">,
  ctx: OrderCtx,
): Decided {
  const { paymentId, outcome, fen, by } = command;
  if (!isOpen(state, paymentId)) {
    const known = state.status === "paid" && "paymentId" in state.paidBy &&
      state.paidBy.paymentId === paymentId;
    return known || outcome !== "succeeded" ? nothing : secondPayment(command, ctx);
  }
  if (outcome !== "succeeded") { // given up, too old or refused: another way is open
    const code = outcome === "failed" ? "provider.refused" : "payment.closed";
    return attemptFailed(state, { code, facts: { paymentId } }, null, ctx);
  }
  if (fen !== dueFenOf(state)) {
    const facts = { paymentId, fen, dueFen: dueFenOf(state) };
    return attemptFailed(state, { code: "payment.amount-wrong", facts }, null, ctx);
  }
  return [paid(state, { by, paymentId }, null)];
}

/** Money for an order that is not waiting for it: recorded, and put before a person. */
export function secondPayment(
  { paymentId, fen, by }: Of<"PaymentSettled">,
  ctx: OrderCtx,
): OrderEvent[] {
  const facts = { paymentId, fen, by };
  return [
    { type: "FactNoted", fact: "second-payment", facts },
    incident(ctx.self.id, {
      row: "4.1",
      cause: "second-payment",
      words: "charge.payment-failed",
      action: "put-before-person",
      outcome: "needs-person",
    }, facts),
  ];
}

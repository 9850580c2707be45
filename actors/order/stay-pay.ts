// How the fee for staying is paid: by consent, by hand, from the balance or through a provider; one way
// at a time. It is a due of its own: the charge's is paid or not, as it may be.
import { later, nothing, refuse } from "../kit/mod.ts";
import { hasRole } from "../kit/who.ts";
import { paymentView } from "../../wire/money.ts";
import type { PayBy } from "../../wire/order.ts";
import type { OrderEvent } from "./events.ts";
import { incident } from "./incidents.ts";
import { waiterOf } from "./pay.ts";
import { handedClosed, secondPayment } from "./pay-provider.ts";
import type { Known, Of, PaidBy } from "./state.ts";
import { owedFor, type StayDue, stayOf, stayPaymentIdOf, takenBy } from "./stay.ts";
import { type Decided, type OrderCtx, shown } from "./turn.ts";

/** At its end: taken by consent, or left to the driver. */
export function collected(state: Known, fen: number, ctx: OrderCtx): OrderEvent[] {
  const by = "backing" in state ? takenBy(state) : null;
  return by === null ? [] : [asked(by, fen, 1, null, ctx)];
}

function asked(
  by: PayBy,
  fen: number,
  n: number,
  answerTo: string | null,
  { self }: OrderCtx,
): OrderEvent {
  switch (by) {
    case "credit":
    case "wallet":
      return { type: "OverstayAsked", by: "wallet", fen, answerTo };
    case "wechat":
    case "alipay": {
      const paymentId = stayPaymentIdOf(self.id, n);
      return { type: "OverstayPaymentAsked", by, paymentId, fen, answerTo };
    }
  }
}

/** The driver pays. Answered later: {paymentId?, status, handoff?}. */
export function payStay(state: Known, { by, couponId }: Of<"PayOrder">, ctx: OrderCtx): Decided {
  const due = stayOf(state)?.due;
  if (!due) return refuse("order.nothing-due", { status: state.status });
  if (due.status === "paid" || due.status === "waived") {
    return refuse("due.closed", { purpose: "overstay" });
  }
  if (due.attempt) return refuse("payment.other-open", { ...due.attempt });
  if (by === "credit") return refuse("wallet.credit-refused", {});
  if (couponId !== undefined) return refuse("coupon.not-valid", { why: "not for this due" });
  return later([asked(by, due.bill.fen, due.attempts + 1, ctx.commandId, ctx)]);
}

function paidBy(due: StayDue, by: PaidBy, answerTo: string | null): OrderEvent {
  const { bill: { fen }, status } = due;
  return { type: "OverstayPaid", paidBy: by, fen, settle: status === "overdue", answerTo };
}

/** The wallet's answer to being asked for the fee. */
export function stayAnswered(state: Known, { answer, ref }: Of<"OverstayAnswered">): Decided {
  const due = owedFor(state);
  if (due?.attempt?.by !== "wallet") return nothing;
  const answerTo = waiterOf(ref);
  return [
    answer.ok ? paidBy(due, { by: "wallet" }, answerTo) : failed(due, answer.refusal, answerTo),
  ];
}

function failed(
  { attempt }: StayDue,
  { code, facts }: { code: string; facts: Record<string, unknown> },
  answerTo: string | null,
): OrderEvent {
  return { type: "OverstayFailed", attempt: attempt!, code, facts, answerTo };
}

const opened = (due: StayDue | null, paymentId: unknown): due is StayDue =>
  due?.attempt !== null && due?.attempt !== undefined && "paymentId" in due.attempt &&
  due.attempt.paymentId === paymentId;

/** A payment for it is open, or could not be opened. */
export function stayPaymentAnswered(
  state: Known,
  { answer, ref }: Of<"PaymentAnswered">,
): Decided {
  const answerTo = waiterOf(ref);
  const due = owedFor(state);
  if (!answer.ok) {
    return opened(due, ref.paymentId)
      ? [failed(due, answer.refusal, answerTo)]
      : handedClosed(ref, answerTo);
  }
  if (answerTo === null) return nothing;
  const view = paymentView.safeParse(answer.body);
  if (!view.success) return handedClosed(ref, answerTo);
  const { paymentId, status, handoff } = view.data;
  const handed = { paymentId, status, ...(handoff ? { handoff } : {}) };
  return [{ type: "PaymentHanded", answerTo, answer: handed }];
}

export function stayPaymentSettled(
  state: Known,
  command: Of<"PaymentSettled">,
  ctx: OrderCtx,
): Decided {
  const { paymentId, outcome, fen, by } = command;
  const due = owedFor(state);
  if (!opened(due, paymentId)) {
    const paid = stayOf(state)?.due?.paidBy;
    const known = paid !== undefined && "paymentId" in paid && paid.paymentId === paymentId;
    return known || outcome !== "succeeded" ? nothing : secondPayment(command, ctx);
  }
  if (outcome !== "succeeded") {
    const code = outcome === "failed" ? "provider.refused" : "payment.closed";
    return [failed(due, { code, facts: { paymentId } }, null)];
  }
  if (fen !== due.bill.fen) {
    const facts = { paymentId, fen, dueFen: due.bill.fen };
    return [failed(due, { code: "payment.amount-wrong", facts }, null)];
  }
  return [paidBy(due, { by, paymentId }, null)];
}

/** The limit is over: a debt that blocks new charges until it is paid. */
export function stayOverdue(state: Known, ctx: OrderCtx): Decided {
  const due = owedFor(state);
  if (due?.status !== "open") return nothing;
  const { fen } = due.bill;
  return [
    { type: "OverstayOverdue", fen },
    incident(ctx.self.id, {
      row: "7.3",
      cause: "overstay-unpaid",
      words: "bay.fee-overdue",
      action: "user-in-debt",
      outcome: "handled",
    }, { fen }),
  ];
}

/** A recharge came in: what is overdue is taken from it, if no other way of paying is under way. */
export function collectStay(state: Known, ctx: OrderCtx): OrderEvent[] {
  const due = owedFor(state);
  if (due?.status !== "overdue" || due.attempt) return [];
  return [asked("wallet", due.bill.fen, due.attempts + 1, null, ctx)];
}

/** The driver does not agree: a ticket, which ops close by a decision. */
export function appealStay(state: Known, { text }: Of<"AppealOverstay">, ctx: OrderCtx): Decided {
  const stay = stayOf(state);
  const due = ctx.without.has("bay.appeal") ? undefined : stay?.due;
  if (!stay || !due || due.status === "waived") {
    return refuse("order.nothing-due", { status: state.status });
  }
  if (stay.appeal) return refuse("appeal.open", { status: stay.appeal.status });
  return shown([
    { type: "OverstayAppealed", text },
    incident(ctx.self.id, {
      row: "7.3",
      cause: "overstay-appealed",
      words: "bay.fee-decided",
      action: "put-before-person",
      outcome: "needs-person",
    }, { fen: due.bill.fen }),
  ], ctx);
}

/** Ops have looked: the fee is taken off, or given back where it was paid; or it stands. */
export function decideStay(state: Known, command: Of<"DecideOverstay">, ctx: OrderCtx): Decided {
  if (!hasRole(ctx.principal, "finance", "service")) return refuse("auth.forbidden");
  const stay = stayOf(state);
  const due = stay?.due;
  if (!stay || !due || due.status === "waived") {
    return refuse("order.nothing-due", { status: state.status });
  }
  const { waive, reason } = command;
  if (!waive && stay.appeal?.status !== "open") {
    return refuse("appeal.unknown", { orderId: ctx.self.id });
  }
  if (waive && due.attempt) return refuse("payment.other-open", { ...due.attempt });
  return shown([{
    type: "OverstayDecided",
    waive,
    reason,
    by: ctx.principal.id,
    settle: waive && due.status === "overdue",
    backFen: waive && due.status === "paid" ? due.bill.fen : 0,
  }], ctx);
}

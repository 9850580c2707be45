// How a bill is paid: the hold first, or the balance, or a provider; one way at a time (M4).
// A driver confirms unless consent to automatic capture was given at the start.
import * as z from "zod";
import { fenPlus } from "../../wire/units.ts";
import type { PayBy } from "../../wire/order.ts";
import { later, nothing, refuse, type Refused } from "../kit/mod.ts";
import type { OrderEvent } from "./events.ts";
import { incident } from "./incidents.ts";
import { couponBack } from "./reduced.ts";
import {
  type Attempt,
  type Due,
  dueFenOf,
  type Frozen,
  type Known,
  type Of,
  type PaidBy,
  paymentIdOf,
} from "./state.ts";
import type { Decided, OrderCtx } from "./turn.ts";

/** Two clauses keep it: what a hold does not need is free at once. */
export const keepsRest = (without: OrderCtx["without"]): boolean =>
  without.has("hold.rest-released") || without.has("pay.rest-released");

export const owes = (state: Known): state is Due =>
  state.status === "awaiting-payment" || state.status === "overdue";

/** At the end: nothing to pay, taken by consent, or left to the driver. */
export function askForPayment(state: Frozen, totalFen: number, ctx: OrderCtx): OrderEvent[] {
  const { self, without } = ctx;
  const { backing, pay, card } = state;
  const nobody = { answerTo: null };
  if (totalFen === 0) {
    const release = backing.by === "hold";
    const paidBy: PaidBy = { by: "nothing" };
    return [{ type: "OrderPaid", paidBy, fen: 0, release, settle: false, ...nobody }];
  }
  const byItself = pay.autoCapture || card || pay.by === "credit";
  if (!byItself && !without.has("pay.by-consent")) return [];
  const by = backing.by === "hold" ? "wallet" : backing.by;
  if (pay.couponId !== undefined) {
    return [{ type: "CouponAsked", couponId: pay.couponId, next: by, ...nobody }];
  }
  if (backing.by === "hold" && keepsRest(without)) {
    return [{ type: "BalanceAsked", fen: totalFen, ...nobody }];
  }
  if (backing.by === "hold") return [{ type: "CaptureAsked", ...nobody }];
  const paymentId = paymentIdOf(self.id, 1);
  return [{ type: "PaymentAsked", by: backing.by, paymentId, fen: totalFen, ...nobody }];
}

/** The driver pays. Answered later: {paymentId?, status, handoff?}. */
export function payOrder(state: Known, { by, couponId }: Of<"PayOrder">, ctx: OrderCtx): Decided {
  if (state.status === "paid") return refuse("due.closed", { purpose: "charge" });
  if (!owes(state)) return refuse("order.nothing-due", { status: state.status });
  if (state.attempt) return refuse("payment.other-open", openFacts(state.attempt));
  if (by === "credit") return refuse("wallet.credit-refused", {});
  const answerTo = ctx.commandId;
  if (couponId === undefined) return later([payBy(state, by, answerTo, ctx)]);
  return noCoupon(state) ?? later([{ type: "CouponAsked", couponId, next: by, answerTo }]);
}

/** Why no coupon can be laid on any more; null: one can. */
function noCoupon({ coupon, capturedFen }: Due): Refused | null {
  if (coupon) return refuse("coupon.one-only", { couponId: coupon.couponId });
  return capturedFen === null ? null : refuse("coupon.not-valid", { why: "partly paid" });
}

/** Begins one way of paying what is due now. */
export function payBy(state: Due, by: PayBy, answerTo: string | null, ctx: OrderCtx): OrderEvent {
  switch (by) {
    case "credit":
    case "wallet":
      if (state.holdOpen && !keepsRest(ctx.without)) {
        return { type: "CaptureAsked", answerTo };
      }
      return { type: "BalanceAsked", answerTo, fen: dueFenOf(state) };
    case "wechat":
    case "alipay": {
      const paymentId = paymentIdOf(ctx.self.id, state.attempts + 1);
      return { type: "PaymentAsked", by, paymentId, fen: dueFenOf(state), answerTo };
    }
  }
}

const openFacts = (attempt: Attempt) =>
  "paymentId" in attempt ? { paymentId: attempt.paymentId } : { by: attempt.by };

/** Who waits for an answer, as the question carried it along. */
export const waiterOf = (ref: Record<string, unknown>): string | null =>
  typeof ref.answerTo === "string" ? ref.answerTo : null;

/** The due is paid in full. `holdOpen`: the hold was not needed. */
export function paid(state: Due, paidBy: PaidBy, answerTo: string | null): OrderEvent {
  return {
    type: "OrderPaid",
    paidBy,
    fen: state.bill.totalFen - (state.adjusted?.fen ?? 0),
    release: state.holdOpen && paidBy.by !== "hold",
    settle: state.status === "overdue" || state.creditFen !== undefined,
    answerTo,
  };
}

const captured = z.object({ capturedFen: fenPlus, releasedFen: fenPlus, dueFen: fenPlus });

/** The wallet took the bill from the hold, or what there was of it. */
export function captureAnswered(
  state: Known,
  { answer, ref }: Of<"CaptureAnswered">,
  ctx: OrderCtx,
): Decided {
  if (!owes(state) || state.attempt?.by !== "hold") return nothing;
  const answerTo = waiterOf(ref);
  const body = answer.ok ? captured.safeParse(answer.body) : null;
  if (!body?.success) {
    const refusal = answer.ok ? { code: "outcome.unknown", facts: {} } : answer.refusal;
    return attemptFailed(state, refusal, answerTo, ctx);
  }
  const { capturedFen, releasedFen, dueFen } = body.data;
  const taken: OrderEvent = { type: "HoldCaptured", capturedFen, releasedFen, dueFen };
  if (dueFen === 0) return [taken, paid(state, { by: "hold" }, answerTo)];
  if (state.pay.by === "credit") return [taken, { type: "CreditUsed", fen: dueFen, answerTo }];
  const told = {
    row: "4.4",
    cause: "hold-too-small",
    words: "charge.payment-failed",
    action: "rest-due",
    outcome: "handled",
  } as const;
  const short: OrderEvent = {
    type: "AttemptFailed",
    attempt: { by: "hold" },
    code: "wallet.balance-too-low",
    facts: { needFen: dueFen },
    answerTo,
  };
  return [taken, short, incident(ctx.self.id, told, { capturedFen, dueFen })];
}

export function walletPayAnswered(
  state: Known,
  { answer, ref }: Of<"WalletPayAnswered">,
  ctx: OrderCtx,
): Decided {
  if (!owes(state) || state.attempt?.by !== "wallet") return nothing;
  const answerTo = waiterOf(ref);
  if (answer.ok) return [paid(state, { by: "wallet" }, answerTo)];
  return attemptFailed(state, answer.refusal, answerTo, ctx);
}

/** The driver hears why and may try again; where nobody waits, a notice says it. */
export function attemptFailed(
  state: Due,
  { code, facts }: { code: string; facts: Record<string, unknown> },
  answerTo: string | null,
  ctx: OrderCtx,
): OrderEvent[] {
  const attempt = state.attempt!;
  const failed: OrderEvent[] = [
    { type: "AttemptFailed", attempt, code, facts, answerTo },
    ...couponBack(state),
  ];
  const usual = code === "wallet.balance-too-low" || code === "payment.closed";
  if (usual && attempt.by !== "hold") return failed;
  return [
    ...failed,
    incident(ctx.self.id, {
      row: "4.1",
      cause: code,
      words: "charge.payment-failed",
      action: "awaits-payment",
      outcome: attempt.by === "hold" ? "needs-person" : "handled",
    }, { by: attempt.by }),
  ];
}

/** A recharge came in: a debt is taken from it, if no other way of paying is under way. */
export function collectDue(state: Known, { without }: OrderCtx): Decided {
  if (!owes(state) || state.attempt || without.has("due.next-recharge")) return nothing;
  if (state.status === "awaiting-payment" && state.creditFen === undefined) return nothing;
  if (state.holdOpen) return [{ type: "CaptureAsked", answerTo: null }];
  return [{ type: "BalanceAsked", answerTo: null, fen: dueFenOf(state) }];
}

/** The payment limit is over: a debt that blocks new charges until it is paid. */
export function overdue(state: Known, ctx: OrderCtx): Decided {
  if (state.status !== "awaiting-payment" || ctx.without.has("due.overdue")) return nothing;
  const debtFen = dueFenOf(state);
  return [
    { type: "OrderOverdue", debtFen },
    incident(ctx.self.id, {
      row: "4.2",
      cause: "unpaid",
      words: "charge.overdue",
      action: "user-in-debt",
      outcome: "handled",
    }, { debtFen }),
  ];
}

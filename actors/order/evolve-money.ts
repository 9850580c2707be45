// Folds what happens to an order after its charge: bill, ways of paying, paid or overdue.
import { assert } from "../kit/assert.ts";
import type { OrderEvent } from "./events.ts";
import { billedOf, frozenOf } from "./parts.ts";
import { withCoupon, withoutCoupon } from "./reduced.ts";
import type { Attempt, Billed, BillReview, Due, Known, OrderState, Paid } from "./state.ts";

export type MoneyEvent = Extract<OrderEvent, {
  type:
    | "ChargeEnded"
    | "CouponAsked"
    | "CouponTaken"
    | "CouponRefused"
    | "CouponGivenBack"
    | "CaptureAsked"
    | "BalanceAsked"
    | "PaymentAsked"
    | "PaymentHanded"
    | "HoldCaptured"
    | "CreditUsed"
    | "AttemptFailed"
    | "OrderPaid"
    | "ReviewDecided"
    | "PaymentReminded"
    | "BillCorrected"
    | "CorrectionBooked"
    | "EstimateStands"
    | "OrderOverdue";
}>;

export function evolveMoney(state: Known, event: MoneyEvent, at: number): OrderState {
  switch (event.type) {
    case "ChargeEnded":
      return ended(state, event, at);
    case "CouponAsked":
    case "CouponTaken":
    case "CouponRefused":
    case "CouponGivenBack":
      return evolveCoupon(owing(state), event);
    case "CaptureAsked":
      return withAttempt(owing(state), { by: "hold" });
    case "BalanceAsked":
      return withAttempt(owing(state), { by: "wallet" });
    case "PaymentAsked": {
      const { by, paymentId, answerTo } = event;
      const due = owing(state);
      const attempt = { by, paymentId, byHand: answerTo !== null };
      return { ...withAttempt(due, attempt), attempts: due.attempts + 1 };
    }
    case "PaymentHanded":
    case "PaymentReminded":
      return state;
    case "HoldCaptured": {
      const due = owing(state);
      return { ...due, capturedFen: event.capturedFen, holdOpen: false, attempt: null };
    }
    case "CreditUsed":
      return { ...owing(state), creditFen: event.fen };
    case "AttemptFailed": {
      const due = owing(state);
      const gone = event.code === "wallet.hold-unknown" || event.code === "wallet.hold-closed";
      return { ...due, attempt: null, holdOpen: due.holdOpen && !gone };
    }
    case "OrderPaid": {
      const billed = { ...billedOf(owing(state)), holdOpen: false };
      const { paidBy, fen: paidFen } = event;
      return { status: "paid", ...billed, paidAt: at, paidBy, paidFen };
    }
    case "ReviewDecided": {
      assert(state.status === "bill-review", "no bill is under review", { status: state.status });
      return unpaid(billedOf(state));
    }
    case "BillCorrected":
      return corrected(state, event);
    case "CorrectionBooked": {
      const { correction, ...rest } = billed(state);
      assert(correction !== undefined, "a correction that was asked for", {});
      const waivedFen = correction.waivedFen + event.waivedFen;
      return { ...rest, correction: { ...correction, fen: event.fen, waivedFen, booked: true } };
    }
    case "EstimateStands": {
      const { awaitsMeter: _stands, ...rest } = billed(state);
      return rest;
    }
    case "OrderOverdue":
      return { ...owing(state), status: "overdue" };
  }
}

function ended(
  state: Known,
  event: Extract<OrderEvent, { type: "ChargeEnded" }>,
  at: number,
): OrderState {
  const { ending, cause, reason, deviceAt, registerWh, bill, review } = event;
  const frozen = frozenOf(state);
  const started = "started" in state ? state.started : null;
  const billed = {
    ...frozen,
    started,
    endedAt: at,
    ending,
    ...(cause ? { cause } : {}),
    end: { reason, deviceAt, registerWh },
    bill,
    ...(bill.estimated ? { awaitsMeter: true as const } : {}),
    holdOpen: frozen.backing.by === "hold",
  };
  if (review !== null) return { status: "bill-review", ...billed, review };
  return unpaid(billed);
}

type CouponEvent = Extract<
  MoneyEvent,
  { type: "CouponAsked" | "CouponTaken" | "CouponRefused" | "CouponGivenBack" }
>;

function evolveCoupon(due: Due, event: CouponEvent): Due {
  switch (event.type) {
    case "CouponAsked":
      return withAttempt(due, { by: "coupon", couponId: event.couponId, next: event.next });
    case "CouponTaken":
      return withCoupon(due, event);
    case "CouponRefused":
      return { ...due, attempt: null };
    case "CouponGivenBack":
      return withoutCoupon(due);
  }
}

const unpaid = (billed: Billed): Due => ({
  status: "awaiting-payment",
  ...billed,
  capturedFen: null,
  attempt: null,
  attempts: 0,
});

function billed(state: Known): BillReview | Due | Paid {
  assert("bill" in state, "a charge without its bill", { status: state.status });
  return state;
}

/** Once: what is told later changes nothing. */
function corrected(
  state: Known,
  { bill, fen, waivedFen, how }: Extract<OrderEvent, { type: "BillCorrected" }>,
): OrderState {
  const { awaitsMeter: _corrected, ...rest } = billed(state);
  if (how === "replaced") return { ...rest, bill };
  return { ...rest, correction: { bill, fen, waivedFen, booked: fen === 0 } };
}

function owing(state: Known): Due {
  const owes = state.status === "awaiting-payment" || state.status === "overdue";
  assert(owes, "money for an order that owes none", { status: state.status });
  return state;
}

function withAttempt(due: Due, attempt: Attempt): Due {
  assert(due.attempt === null, "two ways of paying at once", { attempt, open: due.attempt });
  return { ...due, attempt };
}

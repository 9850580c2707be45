// Folds a payment's events. Final states keep what a late word of the provider may still need.
import { assert } from "../kit/assert.ts";
import { evolveRefund } from "./evolve-refund.ts";
import { type Facts, isLive, type Known, type PaymentEvent, type PaymentState } from "./state.ts";

export function evolve(
  state: PaymentState,
  event: PaymentEvent,
  { at }: { at: number },
): PaymentState {
  if (event.type === "IncidentRaised") return state;
  if (event.type === "PaymentRequested") {
    const { type: _type, answerTo, ...facts } = event;
    return { status: "creating", ...facts, openedAt: at, asks: 0, answerTo };
  }
  assert(state.status !== "absent", "an event of no payment", { event: event.type });
  switch (event.type) {
    case "PaymentOpened":
      return { status: "open", ...factsOf(state), ...asking(state), handoff: event.handoff };
    case "PaymentAsked":
      return isLive(state) ? { ...state, asks: state.asks + 1 } : state;
    case "PaymentUnclear":
    case "PaymentRecreated":
      return state.status === "creating" ? { ...state, answerTo: null } : state;
    case "PaymentClosing": {
      const handoff = "handoff" in state ? state.handoff : null;
      return { status: "closing", ...factsOf(state), ...asking(state), handoff };
    }
    case "AmountMisreported":
      return isLive(state) ? { ...state, wrongFen: event.fen } : state;
    case "PaymentSucceeded": {
      const contract = event.contract === undefined ? {} : { contract: event.contract };
      return { status: "succeeded", ...factsOf(state), ...contract, delivered: false };
    }
    case "PaymentFailed":
      return { status: "failed", ...factsOf(state), why: event.why, refund: null };
    case "PaymentClosed":
      return { status: "closed", ...factsOf(state), refund: null };
    case "PaymentDelivered":
      return state.status === "succeeded" ? { ...state, delivered: true } : state;
    case "PaymentChecked":
      return state;
    case "DoubleDebitFound":
    case "RefundRequested":
    case "RefundDeclined":
    case "RefundLookedUp":
    case "RefundAsked":
    case "RefundStood":
      return evolveRefund(state, event);
  }
}

function factsOf(state: Known): Facts {
  const { userId, purpose, orderId, fen, energyFen, serviceFen, by, openedAt } = state;
  return {
    userId,
    purpose,
    ...(orderId === undefined ? {} : { orderId }),
    fen,
    energyFen,
    serviceFen,
    by,
    ...(state.bindingId === undefined ? {} : { bindingId: state.bindingId }),
    ...(state.contract === undefined ? {} : { contract: state.contract }),
    openedAt,
  };
}

function asking(state: Known) {
  if (!isLive(state)) return { asks: 0 };
  const wrong = state.wrongFen === undefined ? {} : { wrongFen: state.wrongFen };
  return { asks: state.asks, ...wrong };
}

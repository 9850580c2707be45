// Folds a payment's events. Final states keep what a late word of the provider may still need.
import { assert } from "../kit/assert.ts";
import { type Facts, isLive, type PaymentEvent, type PaymentState, type Refund } from "./state.ts";

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
    case "RefundAsked":
      return withRefund(state, (refund) => ({
        fen: event.fen,
        tries: (refund?.tries ?? 0) + 1,
        stands: false,
      }));
    case "RefundStood":
      return withRefund(state, (refund) => refund && { ...refund, stands: true });
  }
}

type Known = Exclude<PaymentState, { status: "absent" }>;

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

function withRefund(state: Known, change: (refund: Refund | null) => Refund | null): PaymentState {
  const over = state.status === "failed" || state.status === "closed";
  assert(over, "a refund of a payment that is not over", { status: state.status });
  return { ...state, refund: change(state.refund) };
}

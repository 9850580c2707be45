// Folds what goes back: parts of a success, or the whole of what came after the end.
import { assert } from "../kit/assert.ts";
import type { Known, PaymentEvent, PaymentState, Refund, RefundPart, Succeeded } from "./state.ts";

type Of<T extends PaymentEvent["type"]> = Extract<PaymentEvent, { type: T }>;
type RefundEvent =
  | Of<"DoubleDebitFound">
  | Of<"RefundRequested">
  | Of<"RefundDeclined">
  | Of<"RefundLookedUp">
  | Of<"RefundAsked">
  | Of<"RefundStood">;

export function evolveRefund(state: Known, event: RefundEvent): PaymentState {
  return state.status === "succeeded" ? ofSuccess(state, event) : tooLate(state, event);
}

function ofSuccess(state: Succeeded, event: RefundEvent): PaymentState {
  const { refundId } = event;
  const changed = (change: (part: RefundPart) => Partial<RefundPart>): PaymentState => ({
    ...state,
    refunds: (state.refunds ?? [])
      .map((part) => part.refundId === refundId ? { ...part, ...change(part) } : part),
  });
  switch (event.type) {
    case "DoubleDebitFound": {
      const { fen } = event;
      const why = "double-debit";
      const part = {
        refundId: event.refundId,
        key: why,
        fen,
        why,
        tries: 0,
        stage: "asked",
      } as const;
      return { ...state, delivered: true, refunds: [part] };
    }
    case "RefundRequested": {
      const { type: _type, ...asked } = event;
      const part = { ...asked, tries: 0, stage: "booking" as const };
      return { ...state, refunds: [...state.refunds ?? [], part] };
    }
    case "RefundDeclined":
      return changed(() => ({ stage: "declined" }));
    case "RefundLookedUp":
      return changed(({ tries }) => ({ tries: tries + 1 }));
    case "RefundAsked":
      return changed(({ tries }) => ({ tries: tries + 1, stage: "asked" }));
    case "RefundStood":
      return changed(() => ({ stage: "stood" }));
  }
}

function tooLate(state: Known, event: RefundEvent): PaymentState {
  const over = state.status === "failed" || state.status === "closed";
  assert(over, "a refund of a payment that is not over", { status: state.status });
  const { refund } = state;
  switch (event.type) {
    case "RefundAsked":
      return { ...state, refund: { fen: event.fen, tries: tries(refund) + 1, stands: false } };
    case "RefundLookedUp":
      return { ...state, refund: refund && { ...refund, tries: tries(refund) + 1 } };
    case "RefundStood":
      return { ...state, refund: refund && { ...refund, stands: true } };
    case "DoubleDebitFound":
    case "RefundRequested":
    case "RefundDeclined":
      assert(false, "a refund of no success", { event: event.type });
  }
}
const tries = (refund: Refund | null): number => refund?.tries ?? 0;

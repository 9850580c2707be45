// What may be asked of a payment, by whom; what the provider says is judged in outcome.ts.
import type { ChargingSettings } from "../../wire/settings.ts";
import { type Ctx, type Decision, later, nothing, refuse, replied } from "../kit/mod.ts";
import { isActor, isDriver } from "../kit/who.ts";
import { onBooked, onProviderAnswer, onReport } from "./outcome.ts";
import { viewOf } from "./read.ts";
import { lookUpRefunds, onRefundBooked, refundPayment } from "./refund.ts";
import {
  bindingIdOf,
  isLive,
  type PaymentCommand,
  type PaymentEvent,
  type PaymentState,
} from "./state.ts";

type Of<T extends PaymentCommand["type"]> = Extract<PaymentCommand, { type: T }>;
type Decided = Decision<PaymentEvent, PaymentState>;
type PayCtx = Ctx<ChargingSettings>;

export function decide(state: PaymentState, command: PaymentCommand, ctx: PayCtx): Decided {
  switch (command.type) {
    case "OpenPayment":
      return openPayment(state, command, ctx);
    case "ClosePayment":
      return closePayment(state, ctx);
    case "ProviderReported":
      return onReport(state, command, ctx);
    case "ProviderAnswered":
      return onProviderAnswer(state, command, ctx);
    case "BookAnswered":
    case "UserAnswered":
      return onBooked(state, command.answer, ctx);
    case "OrderAnswered":
      return nothing;
    case "RefundPayment":
      return refundPayment(state, command, ctx);
    case "RefundAnswered":
      return onRefundBooked(state, command, ctx);
    case "CheckPayment":
      return checkPayment(state, ctx);
    case "TimerFired":
      return askAgain(state, ctx);
  }
}

function openPayment(state: PaymentState, command: Of<"OpenPayment">, ctx: PayCtx): Decided {
  const { type: _type, contract, ...asked } = command;
  const { userId, purpose, orderId, fen, energyFen, serviceFen } = asked;
  const byOrder = orderId !== undefined && isActor(ctx.principal, "order", orderId);
  const allowed = purpose === "bill" || purpose === "overstay"
    ? byOrder
    : isDriver(ctx.principal, userId) && contract === undefined;
  if (!allowed) return refuse("auth.forbidden", { purpose });
  if ((purpose === "binding") !== (fen === 0) || energyFen + serviceFen > fen) {
    return refuse("command.malformed", { why: "the amount does not fit the purpose" });
  }
  if (state.status !== "absent") {
    const repeated = state.userId === userId && state.purpose === purpose &&
      state.orderId === orderId && state.fen === fen && state.by === asked.by;
    if (!repeated) return refuse("payment.other-open", { paymentId: ctx.self.id });
    return replied([], () => viewOf(state, ctx.self.id, ctx.v));
  }
  const bindingId = purpose === "binding"
    ? { bindingId: asked.bindingId ?? bindingIdOf(ctx.self.id) }
    : {};
  return later([{
    type: "PaymentRequested",
    ...asked,
    ...bindingId,
    ...(contract === undefined ? {} : { contract }),
    answerTo: ctx.commandId,
  }]);
}

/** Its user gives it up. It is closed only once the provider says so. */
function closePayment(state: PaymentState, ctx: PayCtx): Decided {
  if (state.status === "absent" || !isDriver(ctx.principal, state.userId)) {
    return refuse("payment.unknown", { paymentId: ctx.self.id });
  }
  const show = (after: PaymentState, v: number) =>
    after.status === "absent" ? null : viewOf(after, ctx.self.id, v);
  switch (state.status) {
    case "creating":
    case "open":
      return replied(
        [{ type: "PaymentClosing", why: "user", answerTo: waiting(state) }],
        show,
      );
    case "closing":
    case "closed":
    case "failed":
      return replied([], show);
    case "succeeded":
      return refuse("payment.closed", { status: state.status });
  }
}

/** Somebody compares: what is open is asked at once, what is over is asked whether it is so. */
function checkPayment(state: PaymentState, ctx: PayCtx): Decided {
  if (state.status === "absent") return refuse("payment.unknown", { paymentId: ctx.self.id });
  if (isLive(state)) return askAgain(state, ctx);
  return [{ type: "PaymentChecked" }, ...lookUpRefunds(state, ctx)];
}

/** The timer of a payment: a question, a closing or a refund that is due again. */
function askAgain(state: PaymentState, ctx: PayCtx): Decided {
  if (!isLive(state)) return lookUpRefunds(state, ctx);
  const { at, settings } = ctx;
  if (state.status !== "closing" && at >= state.openedAt + settings.paymentOpenMs) {
    return [{ type: "PaymentClosing", why: "too-old", answerTo: waiting(state) }];
  }
  return [{ type: "PaymentAsked" }];
}

const waiting = (state: PaymentState): string | null =>
  state.status === "creating" ? state.answerTo : null;

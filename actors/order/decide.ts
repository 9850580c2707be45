// Who may say what to an order, and which page of the saga answers it.
import { nothing, refuse } from "../kit/mod.ts";
import { isActor } from "../kit/who.ts";
import {
  adjustOrder,
  appealOrder,
  approvalOver,
  executeApproved,
  refundAnswered,
  refuseAppeal,
} from "./adjust.ts";
import {
  authorizeTimeout,
  authorizingAnswer,
  startAnswered,
  startCharge,
  startReserved,
} from "./authorize.ts";
import { cardAnswer, cardTimeout, startByCard } from "./card.ts";
import { couponAnswered } from "./coupon.ts";
import { correctAnswered, estimateStands } from "./correct.ts";
import type { OrderEvent } from "./events.ts";
import { chargeEnded, decideReview } from "./ending.ts";
import { incident } from "./incidents.ts";
import { captureAnswered, collectDue, overdue, payOrder, walletPayAnswered } from "./pay.ts";
import { paymentAnswered, paymentSettled } from "./pay-provider.ts";
import { remind, reminderOf } from "./remind.ts";
import {
  chargeStarted,
  meterAdvanced,
  plugAwaited,
  startFailed,
  startTimeout,
  stopAnswered,
} from "./running.ts";
import type { Known, Of, OrderCommand, OrderState } from "./state.ts";
import { isStayPayment } from "./stay.ts";
import {
  bayAnswered,
  bayTold,
  parkingAnswered,
  parkingDue,
  releaseBay,
  stayDue,
  warnBay,
} from "./stay-bay.ts";
import {
  appealStay,
  collectStay,
  decideStay,
  payStay,
  stayAnswered,
  stayOverdue,
  stayPaymentAnswered,
  stayPaymentSettled,
} from "./stay-pay.ts";
import { STAY, STAY_PARKED, STAY_PAY } from "./stay-react.ts";
import { forceStop, stopCharge } from "./stop.ts";
import type { Decided, OrderCtx } from "./turn.ts";
import { topUpAnswered, topUpHold } from "./top-up.ts";
import { maySee } from "./view.ts";

type Driven = Of<
  | "StopCharge"
  | "ForceStop"
  | "PayOrder"
  | "DecideReview"
  | "TopUpHold"
  | "AdjustOrder"
  | "AppealOrder"
  | "RefuseAppeal"
  | "WarnBay"
  | "ReleaseBay"
  | "AppealOverstay"
  | "DecideOverstay"
>;
type FromPile = Of<
  | "ConnectorWaits"
  | "ConnectorStarted"
  | "ConnectorStartFailed"
  | "MeterAdvanced"
  | "ConnectorEnded"
  | "BayTold"
>;
type Answer = Of<
  | "UserAnswered"
  | "KeepAnswered"
  | "HoldAnswered"
  | "StartAnswered"
  | "CaptureAnswered"
  | "ReleaseAnswered"
  | "PaymentAnswered"
  | "WalletPayAnswered"
  | "CorrectAnswered"
  | "StopAnswered"
  | "TopUpAnswered"
  | "CouponAnswered"
  | "RefundAnswered"
  | "OverstayAnswered"
  | "BayAnswered"
  | "ParkingAnswered"
>;

export function decide(state: OrderState, command: OrderCommand, ctx: OrderCtx): Decided {
  if ("answer" in command) {
    return state.status === "absent" ? nothing : answered(state, command, ctx);
  }
  switch (command.type) {
    case "StartCharge":
      return startCharge(state, command, ctx);
    case "StartReserved":
      return startReserved(state, command, ctx);
    case "StartByCard":
      return startByCard(state, command, ctx);
    case "TimerFired":
      return state.status === "absent" ? nothing : timerFired(state, command.name, ctx);
    case "StopCharge":
    case "ForceStop":
    case "PayOrder":
    case "DecideReview":
    case "TopUpHold":
    case "AdjustOrder":
    case "AppealOrder":
    case "RefuseAppeal":
    case "WarnBay":
    case "ReleaseBay":
    case "AppealOverstay":
    case "DecideOverstay":
      if (state.status === "absent" || !maySee(state, ctx.principal)) return unknown(ctx);
      return driven(state, command, ctx);
    case "ConnectorWaits":
    case "ConnectorStarted":
    case "ConnectorStartFailed":
    case "MeterAdvanced":
    case "ConnectorEnded":
    case "BayTold":
      if (state.status === "absent") return unknown(ctx);
      if (!isActor(ctx.principal, "pile", state.pileId)) return refuse("auth.forbidden", {});
      return fromPile(state, command, ctx);
    case "ExecuteApproved":
      return state.status === "absent" ? unknown(ctx) : executeApproved(state, command, ctx);
    case "ApprovalOver":
      return state.status === "absent" ? unknown(ctx) : approvalOver(state, command, ctx);
    case "CollectDue":
      if (state.status === "absent") return unknown(ctx);
      if (!isActor(ctx.principal, "user", state.userId)) return refuse("auth.forbidden", {});
      return debtsCollected(state, ctx);
    case "PaymentSettled":
      if (state.status === "absent") return unknown(ctx);
      if (!isActor(ctx.principal, "payment", command.paymentId)) {
        return refuse("auth.forbidden", {});
      }
      return isStayPayment(ctx.self.id, command.paymentId)
        ? stayPaymentSettled(state, command, ctx)
        : paymentSettled(state, command, ctx);
  }
}

const unknown = ({ self }: OrderCtx): Decided => refuse("order.unknown", { orderId: self.id });

function driven(state: Known, command: Driven, ctx: OrderCtx): Decided {
  switch (command.type) {
    case "StopCharge":
      return stopCharge(state, ctx);
    case "ForceStop":
      return forceStop(state, command, ctx);
    case "PayOrder":
      return command.purpose === "overstay"
        ? payStay(state, command, ctx)
        : payOrder(state, command, ctx);
    case "DecideReview":
      return decideReview(state, command, ctx);
    case "TopUpHold":
      return topUpHold(state, command, ctx);
    case "AdjustOrder":
      return adjustOrder(state, command, ctx);
    case "AppealOrder":
      return appealOrder(state, command, ctx);
    case "RefuseAppeal":
      return refuseAppeal(state, command, ctx);
    case "WarnBay":
      return warnBay(state, command, ctx);
    case "ReleaseBay":
      return releaseBay(state, command, ctx);
    case "AppealOverstay":
      return appealStay(state, command, ctx);
    case "DecideOverstay":
      return decideStay(state, command, ctx);
  }
}

function fromPile(state: Known, command: FromPile, ctx: OrderCtx): Decided {
  switch (command.type) {
    case "ConnectorWaits":
      return plugAwaited(state, ctx);
    case "ConnectorStarted":
      return chargeStarted(state, command);
    case "ConnectorStartFailed":
      return startFailed(state, command, ctx);
    case "MeterAdvanced":
      return meterAdvanced(state, command, ctx);
    case "ConnectorEnded":
      return chargeEnded(state, command, ctx);
    case "BayTold":
      return bayTold(state, command, ctx);
  }
}

function answered(state: Known, command: Answer, ctx: OrderCtx): Decided {
  switch (command.type) {
    case "UserAnswered":
    case "KeepAnswered":
    case "HoldAnswered":
      if (state.status === "authorizing") return authorizingAnswer(state, command, ctx);
      return cardAnswer(state, command, ctx) ?? lateAnswer(command);
    case "StartAnswered":
      return startAnswered(state, command, ctx);
    case "StopAnswered":
      return stopAnswered(state, command, ctx);
    case "CaptureAnswered":
      return captureAnswered(state, command, ctx);
    case "WalletPayAnswered":
      return walletPayAnswered(state, command, ctx);
    case "PaymentAnswered":
      return isStayPayment(ctx.self.id, command.ref.paymentId)
        ? stayPaymentAnswered(state, command)
        : paymentAnswered(state, command, ctx);
    case "TopUpAnswered":
      return topUpAnswered(state, command);
    case "CouponAnswered":
      return couponAnswered(state, command, ctx);
    case "RefundAnswered":
      return refundAnswered(state, command, ctx);
    case "CorrectAnswered":
      return correctAnswered(state, command);
    case "OverstayAnswered":
      return stayAnswered(state, command);
    case "BayAnswered":
      return bayAnswered(state, command, ctx);
    case "ParkingAnswered":
      return parkingAnswered(state, command);
    case "ReleaseAnswered":
      return nothing;
  }
}

/** A recharge came in: what is owed for the charge, and for staying after it. */
function debtsCollected(state: Known, ctx: OrderCtx): Decided {
  const charge = collectDue(state, ctx);
  if (!Array.isArray(charge)) return charge;
  return [...charge as readonly OrderEvent[], ...collectStay(state, ctx)];
}

/** What it asked for was undone behind the question, in the same lane: only a note is left. */
function lateAnswer({ type, answer }: Answer): Decided {
  const code = answer.ok ? "ok" : answer.refusal.code;
  return [{ type: "FactNoted", fact: "late-answer", facts: { type, code } }];
}

type Timer = (state: Known, ctx: OrderCtx) => Decided;
const timers: Record<string, Timer> = {
  authorize: (state, ctx) =>
    state.status === "authorizing"
      ? authorizeTimeout(state, ctx)
      : cardTimeout(state, ctx) ?? nothing,
  start: startTimeout,
  stuck,
  pay: overdue,
  meter: estimateStands,
  [STAY]: stayDue,
  [STAY_PAY]: stayOverdue,
  [STAY_PARKED]: parkingDue,
};
/** A name that is not known is a timer of an older release. */
function timerFired(state: Known, name: string, ctx: OrderCtx): Decided {
  const reminder = reminderOf(name);
  if (reminder !== null) return remind(state, reminder);
  return Object.hasOwn(timers, name) ? timers[name]!(state, ctx) : nothing;
}

/** Nothing proves that it stopped or that nothing runs: the pile goes on, a person looks. */
function stuck(state: Known, { self }: OrderCtx): OrderEvent[] {
  const open = state.status === "stopping" || (state.status === "start-failed" && !state.proven);
  if (!open) return [];
  return [incident(self.id, {
    row: "2.4",
    cause: state.status === "stopping" ? "stop-unproven" : "idle-unproven",
    words: "charge.start-failed",
    action: "stop-until-proven",
    outcome: "needs-person",
  })];
}

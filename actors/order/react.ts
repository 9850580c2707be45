// What an order makes happen: questions to user, pile and wallet, answers, timers, notices.
// `last` closes the lane of a target that will hear no more of this order.
import {
  Answer,
  AnswerRefused,
  CancelTimer,
  type Effect,
  onEvent,
  StartTimer,
} from "../kit/mod.ts";
import type { RawCause } from "../../wire/pile.ts";
import type { ChargingSettings } from "../../wire/settings.ts";
import type { OrderEvent } from "./events.ts";
import { isTold, noticeOfEnding, rowOfEnding } from "./incidents.ts";
import { keepsRest } from "./pay.ts";
import type { StayEvent } from "./stay-events.ts";
import { stayHandlers } from "./stay-react.ts";
import { firstReminder, nextReminder, noReminders } from "./remind.ts";
import { notify, toApproval, toPayment, toPile, toUser, toWallet } from "./messages.ts";
import {
  type Attempt,
  type Backing,
  dueFenOf,
  type Known,
  type Lent,
  type OrderState,
  splitOf,
} from "./state.ts";
import type { OrderCtx } from "./turn.ts";
import { viewOf } from "./view.ts";

/** Beyond startMs the pile has surely given up; its word may still be on the way. */
const START_MARGIN_MS = 30_000;
/** A stop that nothing proves for this long: the pile has told a person at a third of it. */
const STUCK_MS = 1_800_000;
/** A pile that is gone for longer does not come back with its meter: the estimate stands. */
const METER_MS = 30 * 86_400_000;

type Handler<T extends OrderEvent["type"]> = (
  event: Extract<OrderEvent, { type: T }>,
  state: Known,
  ctx: OrderCtx,
) => readonly Effect[];
/** Only an order that exists has effects. */
const known =
  <T extends OrderEvent["type"]>(handler: Handler<T>) =>
  (event: Extract<OrderEvent, { type: T }>, state: OrderState, ctx: OrderCtx) =>
    state.status === "absent" ? [] : handler(event, state, ctx);

/** Of a stay, each for an order that exists. */
const staying = Object.fromEntries(
  Object.entries(stayHandlers).map(([type, handler]) => [
    type,
    known(handler as Handler<StayEvent["type"]>),
  ]),
);

export const react = onEvent<OrderEvent, OrderState, ChargingSettings>({
  ...staying,
  ChargeRequested: known<"ChargeRequested">((event, state, ctx) => [
    toUser(state, ctx).open(event.pay.by),
    toPile(state, ctx).keep(event.tariffVersion),
    StartTimer("authorize", ctx.at + ctx.settings.authorizeMs),
  ]),
  HoldAsked: known<"HoldAsked">(({ fen, credit }, state, ctx) => [
    toWallet(state, ctx).hold(fen, credit),
    ...(ctx.without.has("start.hold-before-command") ? [toPile(state, ctx).start(fen)] : []),
    ...(ctx.without.has("tap.one-hold") ? [toWallet(state, namedAgain(ctx)).hold(fen)] : []),
  ]),
  ChargeDeclined: known<"ChargeDeclined">(({ code, facts, answerTo, undo }, state, ctx) => [
    AnswerRefused(answerTo, { code, facts }),
    CancelTimer("authorize"),
    ...(undo.pile ? [toPile(state, ctx).letGo()] : []),
    ...(undo.wallet ? [toWallet(state, ctx).undo()] : []),
    ...(undo.user ? [toUser(state, ctx).close(0, true)] : []),
  ]),
  StartOrdered: known<"StartOrdered">(({ backing, answerTo }, state, ctx) => [
    Answer(answerTo, viewOf(state, { ...ctx, v: ctx.v + 1 })),
    CancelTimer("authorize"),
    StartTimer("start", ctx.at + ctx.settings.startMs + START_MARGIN_MS),
    ...(ctx.without.has("start.hold-before-command") // then the pile knows already
      ? []
      : [toPile(state, ctx).start(stopAtFen(backing, ctx))]),
  ]),
  ChargeStarted: () => [CancelTimer("start")],
  ChargeStartFailed: known<"ChargeStartFailed">(({ why, cause, proven }, state, ctx) => [
    CancelTimer("start"),
    notify(state, ctx, "charge.start-failed", { why, ...causeFacts(cause) }),
    ...(proven ? freed(state, ctx) : [StartTimer("stuck", ctx.at + STUCK_MS)]),
  ]),
  IdleProven: known<"IdleProven">((_event, state, ctx) => freed(state, ctx)),
  CardChargeStarted: known<"CardChargeStarted">(({ holdFen }, state, ctx) => [
    toUser(state, ctx).openByCard(),
    toWallet(state, ctx).hold(holdFen),
    StartTimer("authorize", ctx.at + ctx.settings.authorizeMs),
  ]),
  CardCleared: ({ answerTo }) => [Answer(answerTo, null), CancelTimer("authorize")],
  CardRefused: known<"CardRefused">((event, state, ctx) => [
    AnswerRefused(event.answerTo, { code: event.code, facts: event.facts }),
    CancelTimer("authorize"),
    ...(event.stopSent ? [] : [toPile(state, ctx).stop("platform")]),
    notify(state, ctx, "charge.start-failed", { why: event.code }),
    ...freed(state, ctx, event.held),
  ]),
  StopAsked: known<"StopAsked">(({ by }, state, ctx) => [
    CancelTimer("start"),
    toPile(state, ctx).stop(by),
    StartTimer("stuck", ctx.at + STUCK_MS),
  ]),
  ChargeEnded: known<"ChargeEnded">((event, state, ctx) => [
    ...(event.answerTo ? [Answer(event.answerTo, null)] : []),
    CancelTimer("authorize"),
    CancelTimer("start"),
    CancelTimer("stuck"),
    toUser(state, ctx).close(0, event.review === null && event.bill.totalFen === 0),
    ...payTimers(state, ctx),
    ...(event.bill.estimated ? [StartTimer("meter", ctx.at + METER_MS)] : []),
    ...endNotice(event, state, ctx),
  ]),
  EndTold: known<"EndTold">(({ code, why }, state, ctx) =>
    "bill" in state
      ? [notify(state, ctx, code, {
        ...(why === undefined ? {} : { why }),
        energyWh: state.bill.energyWh,
        totalFen: state.bill.totalFen,
      })]
      : []
  ),
  HoldNearlySpent: known<"HoldNearlySpent">(({ holdFen, costFen }, state, ctx) => [
    notify(state, ctx, "charge.hold-low", { holdFen, costFen }),
  ]),
  TopUpAsked: known<"TopUpAsked">(({ toFen, answerTo }, state, ctx) => [
    toWallet(state, ctx).raise(toFen, answerTo),
  ]),
  HoldRaised: known<"HoldRaised">(({ fen, answerTo }, state, ctx) => [
    ...(answerTo ? [Answer(answerTo, viewOf(state, { ...ctx, v: ctx.v + 1 }))] : []),
    ...(state.status === "charging" ? [toPile(state, ctx).raise(fen)] : []),
  ]),
  TopUpRefused: ({ code, facts, answerTo }) =>
    answerTo ? [AnswerRefused(answerTo, { code, facts })] : [],
  CouponAsked: known<"CouponAsked">(({ couponId, answerTo }, state, ctx) =>
    "bill" in state ? [toWallet(state, ctx).useCoupon(couponId, state.bill, answerTo)] : []
  ),
  CouponRefused: ({ code, facts, answerTo }) =>
    answerTo ? [AnswerRefused(answerTo, { code, facts })] : [],
  CouponGivenBack: known<"CouponGivenBack">(({ couponId, why }, state, ctx) => [
    toWallet(state, ctx).returnCoupon(couponId, why),
  ]),
  AdjustmentProposed: known<"AdjustmentProposed">(({ approvalId, proposal }, _state, ctx) => [
    toApproval(ctx, approvalId, proposal),
  ]),
  AdjustmentMade: known<"AdjustmentMade">((event, state, ctx) => [
    toWallet(state, ctx).refund(event),
    ...(event.couponId ? [toWallet(state, ctx).returnCoupon(event.couponId, "refunded")] : []),
    notify(state, ctx, "charge.adjusted", { fen: event.fen, reason: event.reason }),
  ]),
  AppealRefused: known<"AppealRefused">(({ reason }, state, ctx) => [
    notify(state, ctx, "charge.appeal-refused", { reason }),
  ]),
  BillCorrected: known<"BillCorrected">((event, state, ctx) => [
    CancelTimer("meter"),
    notify(state, ctx, "charge.bill-corrected", {
      totalFen: event.bill.totalFen,
      fromFen: event.fromFen,
      fen: event.fen,
      waivedFen: event.waivedFen,
    }),
    ...correction(state, ctx),
  ]),
  CaptureAsked: known<"CaptureAsked">(({ answerTo }, state, ctx) =>
    "attempts" in state
      ? [toWallet(state, ctx).capture(dueFenOf(state), splitOf(state), answerTo)]
      : []
  ),
  BalanceAsked: known<"BalanceAsked">(({ answerTo, fen }, state, ctx) =>
    "attempts" in state ? [toWallet(state, ctx).pay(fen, splitOf(state), answerTo)] : []
  ),
  PaymentAsked: known<"PaymentAsked">((event, state, ctx) =>
    "attempts" in state
      ? [toPayment(state, ctx, event).open(dueFenOf(state), splitOf(state), lent(state, event.by))]
      : []
  ),
  PaymentHanded: ({ answerTo, answer }) => [Answer(answerTo, answer)],
  CreditUsed: known<"CreditUsed">(({ fen, answerTo }, state, ctx) => [
    ...(answerTo
      ? [AnswerRefused(answerTo, { code: "wallet.balance-too-low", facts: { needFen: fen } })]
      : []),
    toUser(state, ctx).owes(fen),
    notify(state, ctx, "charge.credit-used", { fen }),
    ...firstReminder(ctx),
  ]),
  AttemptFailed: known<"AttemptFailed">(({ attempt, code, facts, answerTo }, state, ctx) => [
    ...(answerTo ? [AnswerRefused(answerTo, { code, facts })] : []),
    ...(answerTo || knowsAlready(attempt, code) || ctx.without.has("pay.failure-stays")
      ? []
      : [notify(state, ctx, "charge.payment-failed", { code })]),
    ...(state.status === "awaiting-payment" && byItself(attempt) ? firstReminder(ctx) : []),
  ]),
  ReviewDecided: known<"ReviewDecided">((_event, state, ctx) => payTimers(state, ctx)),
  PaymentReminded: known<"PaymentReminded">(({ n, dueFen }, state, ctx) => [
    notify(state, ctx, "charge.payment-reminder", { n, dueFen }),
    ...nextReminder(n, ctx),
  ]),
  OrderPaid: known<"OrderPaid">(({ paidBy, answerTo, release, settle }, state, ctx) => [
    CancelTimer("pay"),
    ...noReminders(ctx),
    ...(answerTo ? [Answer(answerTo, paidAnswer(paidBy))] : []),
    ...(release && !keepsRest(ctx.without) ? [toWallet(state, ctx).release("paid")] : []),
    ...(settle ? [toUser(state, ctx).settleDebt()] : []),
    ...correction(state, ctx),
  ]),
  OrderOverdue: known<"OrderOverdue">(({ debtFen }, state, ctx) => [
    ...noReminders(ctx),
    toUser(state, ctx).close(debtFen, false),
    notify(state, ctx, "charge.overdue", { debtFen }),
  ]),
});

/** The charge is stopped before it costs more than is held. */
const stopAtFen = (backing: Backing, { without }: OrderCtx): number | null =>
  backing.by === "hold" && !without.has("hold.stop-before") ? backing.fen : null;

/** The limit from now on; reminders, unless the bill is being taken by itself at this moment. */
function payTimers(state: Known, ctx: OrderCtx): Effect[] {
  if (state.status !== "awaiting-payment") return [];
  const limit = StartTimer("pay", ctx.at + ctx.settings.payLimitMs);
  return state.attempt ? [limit] : [limit, ...firstReminder(ctx)];
}
/** Was it taken by consent, with nobody waiting for an answer? */
const byItself = (attempt: Attempt): boolean =>
  "byHand" in attempt ? !attempt.byHand : attempt.by === "hold";
/** What a repeated tap would do if money were not held by the order's own name. */
const namedAgain = (ctx: OrderCtx): OrderCtx => (
  { ...ctx, self: { ...ctx.self, id: `${ctx.self.id}-again` } }
);

const paidAnswer = (paidBy: { by: string; paymentId?: string }) => ({
  ...(paidBy.paymentId === undefined ? {} : { paymentId: paidBy.paymentId }),
  status: "succeeded",
});

/** The driver gave it up, or has a debt that the last recharge did not cover. */
const knowsAlready = (attempt: Attempt, code: string): boolean =>
  attempt.by === "wallet" || ("byHand" in attempt && attempt.byHand && code === "payment.closed");

/** Nothing runs and nothing will be billed: the hold and the user are free. */
function freed(state: Known, ctx: OrderCtx, mayBeHeld = true): Effect[] {
  const held = mayBeHeld && "backing" in state && state.backing.by === "hold";
  return [
    CancelTimer("stuck"),
    ...(held ? [toWallet(state, ctx).release("start-failed")] : []),
    toUser(state, ctx).close(0, true),
  ];
}

/** The bound account of that provider, if the charge was begun with it. */
function lent(state: Known, by: "wechat" | "alipay"): Lent | null {
  return "backing" in state && state.backing.by === by ? state.backing.binding : null;
}

/** The difference to the true meter, once the bill itself is paid. */
function correction(state: Known, ctx: OrderCtx): Effect[] {
  if (state.status !== "paid" || state.correction?.booked !== false) return [];
  const { bill, correction: { bill: exact, fen } } = state;
  const diff = exact.totalFen - bill.totalFen;
  // of an upward difference only a part may be taken: both sides of the price in proportion
  const energyFen = fen === diff
    ? exact.energyFen - bill.energyFen
    : Math.trunc((exact.energyFen - bill.energyFen) * fen / diff);
  return [
    toWallet(state, ctx).correct(fen, { energyFen, serviceFen: fen - energyFen }, "true-meter"),
  ];
}

/** What went wrong, in the catalogue's name where it has one: the words of the notice come from it. */
const causeFacts = (cause: RawCause | undefined) =>
  cause === undefined ? {} : {
    code: cause.code,
    by: cause.by,
    ...(cause.fault === undefined ? {} : { fault: cause.fault }),
  };

function endNotice(
  event: Extract<OrderEvent, { type: "ChargeEnded" }>,
  state: Known,
  ctx: OrderCtx,
): Effect[] {
  const { ending, cause, reason, bill, review } = event;
  const facts = {
    reason,
    ...causeFacts(cause),
    energyWh: bill.energyWh,
    totalFen: bill.totalFen,
  };
  const code = noticeOfEnding(ending, cause);
  const told = code !== null && isTold(rowOfEnding(code, reason, cause), ctx.without);
  return [
    ...(told ? [notify(state, ctx, code, facts)] : []),
    ...(review === null ? [] : [notify(state, ctx, "charge.bill-held", facts)]),
    ...(bill.estimated
      ? [notify(state, ctx, "charge.bill-estimated", { ...facts, ...bill.estimated })]
      : []),
  ];
}

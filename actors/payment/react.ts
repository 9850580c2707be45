// What a payment makes happen: calls to the provider in one lane, its timer, money to the wallet,
// word to the order. Every question has its next date, so none is forgotten.
import type { OrderNotice } from "../../wire/order.ts";
import type { ProviderCall } from "../../wire/money.ts";
import type { ChargingSettings } from "../../wire/settings.ts";
import {
  Answer,
  AnswerRefused,
  Call,
  CancelTimer,
  type Ctx,
  type Effect,
  onEvent,
  StartTimer,
  Tell,
} from "../kit/mod.ts";
import { viewOf } from "./read.ts";
import {
  type Facts,
  type Known,
  lateRefundIdOf,
  type Op,
  type PaymentEvent,
  type PaymentState,
  refundsOf,
} from "./state.ts";

type PayCtx = Ctx<ChargingSettings>;

const ASK = "ask";
/** After the schedule of the settings: each minute, after two hours every ten minutes. */
const ASK_MS = 60_000;
const ASK_MS_LATE = 600_000;
const LATE_MS = 7_200_000;

export const react = onEvent<PaymentEvent, PaymentState, ChargingSettings>({
  PaymentRequested: known((_event, state, ctx) => [call("create", state, ctx)]),
  PaymentRecreated: known((_event, state, ctx) => [
    call("create", state, ctx, ctx.without.has("pay.one-at-provider") ? "again" : "same"),
  ]),
  PaymentOpened: known(({ answerTo }, state, ctx) => [
    ...shown(answerTo, state, ctx),
    nextAsk(state, ctx),
  ]),
  PaymentAsked: known((_event, state, ctx) => [call("query", state, ctx)]),
  PaymentUnclear: known(({ answerTo }, state, ctx) => [
    ...shown(answerTo, state, ctx),
    nextAsk(state, ctx),
  ]),
  PaymentClosing: known(({ answerTo }, state, ctx) => [
    ...shown(answerTo, state, ctx),
    CancelTimer(ASK),
    call("close", state, ctx),
  ]),
  AmountMisreported: known((_event, _state, ctx) => [StartTimer(ASK, ctx.at)]), // ask what is true
  PaymentSucceeded: known(({ answerTo }, state, ctx) => [
    ...shown(answerTo, state, ctx),
    CancelTimer(ASK),
    deliver(state, ctx),
  ]),
  PaymentDelivered: known((_event, state, ctx) =>
    state.purpose === "recharge"
      ? [Tell({ kind: "user", id: state.userId }, "CollectDebts", {}, { last: true })]
      : settled("succeeded", state, ctx)
  ),
  PaymentFailed: known(({ answerTo, why }, state, ctx) => [
    ...(answerTo
      ? [AnswerRefused(answerTo, { code: why, facts: { paymentId: ctx.self.id } })]
      : []),
    CancelTimer(ASK),
    ...settled("failed", state, ctx),
  ]),
  PaymentClosed: known(({ answerTo }, state, ctx) => [
    ...shown(answerTo, state, ctx),
    CancelTimer(ASK),
    ...settled("closed", state, ctx),
  ]),
  DoubleDebitFound: known((_event, state, ctx) => settled("closed", state, ctx)),
  PaymentChecked: known((_event, state, ctx) => [call("check", state, ctx)]),
  RefundRequested: known(({ refundId, fen }, { userId, by }, { self }) => {
    const body = { paymentId: self.id, refundId, by, fen };
    const to = { kind: "wallet", id: userId };
    return [Tell(to, "BookRefund", body, { onReply: "RefundAnswered", ref: { refundId } })];
  }),
  RefundLookedUp: known(({ refundId }, { by }, { tenant, self }) => {
    const body: ProviderCall = { op: "query-refund", tenant, paymentId: self.id, by, refundId };
    return [Call("payment", self.id, body, {
      onReply: "ProviderAnswered",
      ref: { op: "query-refund", refundId },
    })];
  }),
  RefundStood: known(({ fen }, { userId }, { tenant, self }) => {
    const code: OrderNotice = "payment.refunded";
    const facts = { paymentId: self.id, fen };
    return [Call("notify", userId, { tenant, userId, code, facts })];
  }),
  RefundAsked: known((event, state, ctx) => [refund(event, state, ctx)]),
});

/** Only a payment that exists has effects. */
function known<E>(handler: (event: E, state: Known, ctx: PayCtx) => readonly Effect[]) {
  return (event: E, state: PaymentState, ctx: PayCtx) =>
    state.status === "absent" ? [] : handler(event, state, ctx);
}

function shown(answerTo: string | null, state: Known, ctx: PayCtx): Effect[] {
  return answerTo ? [Answer(answerTo, viewOf(state, ctx.self.id, ctx.v + 1))] : [];
}

/** `number`: at the provider it has one, its own, however often it is asked for. */
function call(
  op: Question,
  state: Facts,
  { tenant, self }: PayCtx,
  number: "same" | "again" = "same",
): Effect {
  const paymentId = number === "same" ? self.id : `${self.id.slice(0, 30)}-x`;
  const head = { tenant, paymentId, by: state.by };
  return Call("payment", self.id, bodyOf(op, head, state), {
    onReply: "ProviderAnswered",
    ref: { op },
  });
}

/** The same number however often it is sent, so that it is done once. */
function refund(event: RefundAsked, state: Known, { tenant, self }: PayCtx): Effect {
  const paymentId = self.id;
  const { fen, refundId = lateRefundIdOf(paymentId) } = event;
  const { by, fen: totalFen } = state;
  const part = refundsOf(state, paymentId).find((one) => one.refundId === refundId);
  const reason = part?.why ?? "late-success";
  const head = { tenant, paymentId, by, refundId };
  const body: ProviderCall = { op: "refund", ...head, fen, totalFen, reason };
  const ref = { op: "refund", refundId };
  return Call("payment", self.id, body, { onReply: "ProviderAnswered", ref });
}
type RefundAsked = Extract<PaymentEvent, { type: "RefundAsked" }>;

type Question = Exclude<Op, "refund" | "query-refund">;
function bodyOf(
  op: Question,
  head: Pick<ProviderCall, "tenant" | "paymentId" | "by">,
  { purpose, fen, contract }: Facts,
): ProviderCall {
  switch (op) {
    case "create":
      return { op, ...head, purpose, fen, ...(contract === undefined ? {} : { contract }) };
    case "check":
      return { op: "query", ...head };
    case "query":
    case "close":
      return { op, ...head };
  }
}

/** First the ages of the settings, then each minute: never silent while anything is unknown. */
function nextAsk(state: Known, { at, settings }: PayCtx): Effect {
  const planned = settings.paymentQueryMs.map((age) => state.openedAt + age);
  const next = planned.find((moment) => moment > at);
  const pause = at > state.openedAt + LATE_MS ? ASK_MS_LATE : ASK_MS;
  return StartTimer(ASK, next ?? at + pause);
}

function deliver(state: Known, { self }: PayCtx): Effect {
  if (state.purpose === "binding") {
    const body = { bindingId: state.bindingId, by: state.by, contract: state.contract };
    const to = { kind: "user", id: state.userId };
    return Tell(to, "AddBinding", body, { onReply: "UserAnswered", ref: {}, last: true });
  }
  const { purpose, orderId, by, fen, energyFen, serviceFen } = state;
  const body = {
    paymentId: self.id,
    purpose,
    ...(orderId === undefined ? {} : { orderId }),
    by,
    fen,
    energyFen,
    serviceFen,
  };
  const to = { kind: "wallet", id: state.userId };
  return Tell(to, "BookPayment", body, { onReply: "BookAnswered", ref: {}, last: true });
}

/** The order of a bill hears what became of its attempt: once, and last. */
function settled(outcome: "succeeded" | "failed" | "closed", state: Known, ctx: PayCtx): Effect[] {
  const ofOrder = state.purpose === "bill" || state.purpose === "overstay";
  if (!ofOrder || state.orderId === undefined) return [];
  const body = { paymentId: ctx.self.id, outcome, fen: state.fen, by: state.by };
  return [Tell({ kind: "order", id: state.orderId }, "PaymentSettled", body, { last: true })];
}

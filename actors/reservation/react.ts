// What a reservation makes happen: questions to user, pile, wallet and order, answers, timers, notices.
// `last` closes the lane of a target that will hear no more of this reservation.
import {
  Answer,
  AnswerRefused,
  Call,
  CancelTimer,
  type Effect,
  onEvent,
  StartTimer,
  Tell,
} from "../kit/mod.ts";
import type { ReservationNotice } from "../../wire/reservation.ts";
import type { ChargingSettings } from "../../wire/settings.ts";
import { isoOf } from "../../wire/units.ts";
import {
  type EventOf,
  type Known,
  lockFromOf,
  type ReservationEvent,
  type ReservationState,
} from "./state.ts";
import type { ReserveCtx } from "./turn.ts";
import { viewOf } from "./view.ts";

const last = { last: true };
/** Beyond startMs the pile has surely said what became of a start. */
const START_MARGIN_MS = 30_000;

type Handler<T extends ReservationEvent["type"]> = (
  event: EventOf<T>,
  state: Known,
  ctx: ReserveCtx,
) => readonly Effect[];
const known =
  <T extends ReservationEvent["type"]>(handler: Handler<T>) =>
  (event: EventOf<T>, state: ReservationState, ctx: ReserveCtx) =>
    state.status === "absent" ? [] : handler(event, state, ctx);

export const react = onEvent<ReservationEvent, ReservationState, ChargingSettings>({
  ReservationRequested: known<"ReservationRequested">((_event, state, ctx) => [
    toUser(state, ctx).open(),
    toPile(state, ctx).ask(),
    StartTimer("answer", ctx.at + ctx.settings.authorizeMs),
  ]),
  DepositAsked: known<"DepositAsked">(({ fen }, state, ctx) => [
    ...(ctx.without.has("reserve.deposit-first") ? [toPile(state, ctx).keep()] : []),
    toWallet(state, ctx).deposit(fen),
  ]),
  DepositStands: known<"DepositStands">((_event, state, ctx) => [toPile(state, ctx).keep()]),
  ReservationRefused: known<"ReservationRefused">(({ code, facts, answerTo, undo }, state, ctx) => [
    AnswerRefused(answerTo, { code, facts }),
    CancelTimer("answer"),
    ...(undo.pile ? [toPile(state, ctx).release()] : []),
    ...(undo.wallet && !ctx.without.has("reserve.money-back")
      ? [toWallet(state, ctx).settle(0, code)]
      : []),
    ...(undo.user ? [toUser(state, ctx).close("cancelled")] : []),
  ]),
  ReservationConfirmed: known<"ReservationConfirmed">(({ answerTo }, state, ctx) => [
    Answer(answerTo, viewOf(state, ctx.self.id, ctx.v + 1)),
    CancelTimer("answer"),
    StartTimer("expire", state.until),
    ...(ctx.without.has("reserve.told") ? [] : [notify(state, ctx, "reservation.confirmed")]),
  ]),
  TroubleTold: known<"TroubleTold">(({ why }, state, ctx) => [
    ...loosened(state, ctx),
    ...(ctx.without.has("reserve.trouble-told")
      ? []
      : [notify(state, ctx, "reservation.trouble", { why })]),
  ]),
  StartAsked: known<"StartAsked">((event, state, ctx) => [toOrder(state, ctx, event)]),
  StartRefused: ({ code, facts, answerTo }) => [AnswerRefused(answerTo, { code, facts })],
  ReservationFulfilled: known<"ReservationFulfilled">(({ order, answerTo }, state, ctx) => [
    ...(answerTo ? [told(answerTo, order, state, ctx)] : []),
    // in the posting of the hold it came back already, unless nothing was held
    toWallet(state, ctx).settle(0, "fulfilled"),
    ...loosened(state, ctx),
    ...lockTimer(state, ctx),
  ]),
  StartTold: known<"StartTold">(({ order, answerTo }, state, ctx) => [
    told(answerTo, order, state, ctx),
    ...lockTimer(state, ctx),
  ]),
  PromiseUsed: known<"PromiseUsed">(({ released }, state, ctx) => [
    CancelTimer("expire"),
    ...(released ? [] : [toPile(state, ctx).release()]),
    toUser(state, ctx).close("fulfilled"),
  ]),
  LockRestored: known<"LockRestored">(({ until, orderId }, state, ctx) => [
    StartTimer("expire", until),
    notify(state, ctx, "reservation.restored", { orderId, until: isoOf(until) }),
  ]),
  LockOver: known<"LockOver">((_event, state, ctx) => [
    CancelTimer("expire"),
    toPile(state, ctx).release(),
    toUser(state, ctx).close("fulfilled"),
  ]),
  ReservationCancelled: known<"ReservationCancelled">((event, state, ctx) => {
    const { feeFen, refundFen, why, by } = event;
    return [
      CancelTimer("expire"),
      ...(by === "user" ? [toPile(state, ctx).release()] : []),
      toWallet(state, ctx).settle(feeFen, why),
      toUser(state, ctx).close("cancelled"),
      notify(state, ctx, "reservation.cancelled", { feeFen, refundFen, why }),
    ];
  }),
  ExpiryAsked: known<"ExpiryAsked">((_event, state, ctx) => [
    toPile(state, ctx).end(ctx.without.has("noshow.cancelled")),
  ]),
  NoShowRecorded: known<"NoShowRecorded">(({ feeFen, refundFen }, state, ctx) => [
    toWallet(state, ctx).settle(feeFen, "no-show"),
    toUser(state, ctx).close("no-show"),
    ...(ctx.without.has("noshow.notice")
      ? []
      : [notify(state, ctx, "reservation.no-show", { feeFen, refundFen })]),
  ]),
  AppealOpened: known<"AppealOpened">((event, state, ctx) => [
    CancelTimer("expire"),
    toPile(state, ctx).release(),
    toUser(state, ctx).countAppeal(),
    ...(ctx.without.has("reserve.appeal-ticket") ? [] : [toTicket(state, ctx, event)]),
  ]),
  AppealWaiting: known<"AppealWaiting">(({ answerTo }, state, ctx) => [
    ...appealAnswer(answerTo, state, 0),
    toUser(state, ctx).close("appealed"),
  ]),
  AppealGranted: known<"AppealGranted">(({ refundFen, answerTo }, state, ctx) => [
    ...appealAnswer(answerTo, state, refundFen),
    toWallet(state, ctx).settle(state.rules.depositFen - refundFen, "appealed"),
    ...(answerTo === null ? [] : [toUser(state, ctx).close("appealed")]),
    notify(state, ctx, "reservation.appealed", { refundFen }),
  ]),
  AppealRefused: known<"AppealRefused">(({ feeFen, refundFen, reason }, state, ctx) => [
    toWallet(state, ctx).settle(feeFen, "appeal-refused"),
    notify(state, ctx, "reservation.appeal-refused", { feeFen, refundFen, reason }),
  ]),
});

/** The promise cannot be kept, or is: its user may start elsewhere, unless they have heard the last of it. */
function loosened(state: Known, ctx: ReserveCtx): Effect[] {
  const open = state.status === "reserved"
    ? state.used === null
    : state.status === "fulfilled" && !state.used && !state.closed;
  return open ? [toUser(state, ctx).loosen()] : [];
}

/** The lock lasts at least as long as the start may take: the pile says what became of it. */
function lockTimer(state: Known, { at, settings }: ReserveCtx): Effect[] {
  if (state.status !== "fulfilled" || state.used) return [];
  const heard = at + settings.startMs + START_MARGIN_MS;
  return [StartTimer("expire", Math.max(state.lockUntil, heard))];
}

const told = (to: string, order: unknown, state: Known, { self, v }: ReserveCtx): Effect =>
  Answer(to, { reservation: viewOf(state, self.id, v + 1), order });

function appealAnswer(to: string | null, state: Known, refundFen: number): Effect[] {
  if (to === null || state.status !== "appealed") return [];
  return [Answer(to, { ticketId: state.ticketId, refundFen })];
}

function toUser(state: Known, { self }: ReserveCtx) {
  const to = { kind: "user", id: state.userId };
  const reservationId = self.id;
  const { pileId, connector, until } = state;
  const promise = { pileId, connector, lockFrom: lockFromOf(state), until };
  return {
    open: (): Effect =>
      Tell(to, "OpenReservation", { reservationId, promise }, { onReply: "UserAnswered", ref: {} }),
    loosen: (): Effect => Tell(to, "LoosenReservation", { reservationId }),
    countAppeal: (): Effect =>
      Tell(to, "CountAppeal", { reservationId }, { onReply: "AppealCounted", ref: {} }),
    close: (outcome: "fulfilled" | "cancelled" | "no-show" | "appealed"): Effect =>
      Tell(to, "CloseReservation", { reservationId, outcome }, last),
  };
}

function toPile({ pileId, userId, connector, from, until }: Known, { self }: ReserveCtx) {
  const to = { kind: "pile", id: pileId };
  const reservationId = self.id;
  const slot = { reservationId, userId, connector, from, until };
  return {
    ask: (): Effect => Tell(to, "AskSlot", slot, { onReply: "SlotAnswered", ref: {} }),
    keep: (): Effect => Tell(to, "ReserveConnector", slot, { onReply: "KeepAnswered", ref: {} }),
    release: (): Effect => Tell(to, "ReleaseSlot", { reservationId }, last),
    /** Its time is over: let go, and what became of it? `keeps`: as a pile that nobody tells. */
    end: (keeps: boolean): Effect => {
      const back = { onReply: "ExpiryAnswered", ref: {}, ...last };
      return keeps
        ? Tell(to, "AskSlot", slot, back)
        : Tell(to, "ReleaseSlot", { reservationId }, back);
    },
  };
}

function toWallet({ userId }: Known, { self }: ReserveCtx) {
  const to = { kind: "wallet", id: userId };
  const reservationId = self.id;
  return {
    deposit: (fen: number): Effect =>
      Tell(to, "PlaceDeposit", { reservationId, fen }, { onReply: "DepositAnswered", ref: {} }),
    settle: (feeFen: number, why: string): Effect =>
      Tell(to, "SettleDeposit", { reservationId, feeFen, why }, last),
  };
}

function toOrder(
  { userId, pileId, connector }: Known,
  { self }: ReserveCtx,
  { orderId, tariffVersion, limit, pay, ageMs }: EventOf<"StartAsked">,
): Effect {
  const who = { userId, reservationId: self.id, pileId, connector };
  const body = { ...who, tariffVersion, limit, pay, ageMs };
  const back = { onReply: "StartAnswered", ref: { orderId }, ...last };
  return Tell({ kind: "order", id: orderId }, "StartReserved", body, back);
}

function toTicket(
  { userId, pileId, stationId }: Known,
  { self }: ReserveCtx,
  { ticketId, text, photoId }: EventOf<"AppealOpened">,
): Effect {
  return Tell({ kind: "ticket", id: ticketId }, "OpenAppeal", {
    userId,
    reservationId: self.id,
    pileId,
    ...(stationId === null ? {} : { stationId }),
    text,
    ...(photoId === undefined ? {} : { photoId }),
  }, last);
}

function notify(
  { userId, pileId, connector, from, until }: Known,
  { tenant, self }: ReserveCtx,
  code: ReservationNotice,
  more: Record<string, unknown> = {},
): Effect {
  const facts = {
    reservationId: self.id,
    pileId,
    connector,
    from: isoOf(from),
    until: isoOf(until),
    ...more,
  };
  return Call("notify", userId, { tenant, userId, code, facts });
}

// What a stay makes happen: words to its driver, timers, money from wallet or provider, a debt, and the
// pile that is to unlock its gun.
import { Answer, AnswerRefused, CancelTimer, type Effect, StartTimer } from "../kit/mod.ts";
import { isoOf } from "../../wire/units.ts";
import { notify, toPatrol, toPayment, toPile, toPurse, toTicket, toUser } from "./messages.ts";
import type { Known, Lent, Provider } from "./state.ts";
import { toParking } from "./stay-parking.ts";
import { feeFrom, graceUntil, nextTold, openStay, stayOf, type Told } from "./stay.ts";
import type { StayEvent, StayEventOf } from "./stay-events.ts";
import type { OrderCtx } from "./turn.ts";

/** Names of the timers: what its driver is told next, the limit to pay, the question whether it is free. */
export const STAY = "stay";
export const STAY_PAY = "stay-pay";
export const STAY_PARKED = "stay-parked";

type Handlers = {
  [T in StayEvent["type"]]: (
    event: StayEventOf<T>,
    state: Known,
    ctx: OrderCtx,
  ) => readonly Effect[];
};

export const stayHandlers: Handlers = {
  StayBegan: (_event, state, ctx) => [
    ...toParking(state, ctx).ended(),
    ...(openStay(state)?.blocked ? [] : told(state, ctx, "bay.ended", {})), // it costs nothing yet
    ...nextTimer(state, ctx),
  ],
  StayBlocked: () => [],
  StayOpened: (_event, state, ctx) => nextTimer(state, ctx),
  StayTold: ({ told: what, fen }, state, ctx) => [
    ...told(state, ctx, codeOf(what, fen, state), { fen }),
    ...nextTimer(state, ctx),
    ...(what === "runs" && stayOf(state)?.told === 1 ? feeBegan(state, ctx) : []),
    ...(isAtCap(fen, state) ? [toPile(state, ctx).askBay()] : []),
  ],
  StayOver: ({ why }, state, ctx) => [
    CancelTimer(STAY),
    ...(stayOf(state)?.told ? [toPatrol(state, ctx).withdraw(why)] : []),
    ...toParking(state, ctx).unplugged(),
    ...(stayOf(state)?.asks ? [StartTimer(STAY_PARKED, ctx.at + ctx.settings.bayAskMs)] : []),
  ],
  ParkingAsked: (_event, state, ctx) => toParking(state, ctx).ask(),
  ParkingSaid: ({ state: said }, state, ctx) =>
    said === "taken" ? [toPatrol(state, ctx, "-p").open("still-parked")] : [],
  OverstayDue: ({ bill: { fen, minutes } }, state, ctx) => [
    StartTimer(STAY_PAY, ctx.at + ctx.settings.payLimitMs),
    toUser(state, ctx).countStay(),
    ...told(state, ctx, "bay.fee-due", { fen, minutes }),
  ],
  OverstayAsked: ({ fen, answerTo }, state, ctx) => [toPurse(state, ctx).pay(fen, answerTo)],
  OverstayPaymentAsked: (event, state, ctx) => {
    const none = { energyFen: 0, serviceFen: 0 };
    const lent = event.answerTo === null ? lentBy(state, event.by) : null;
    return [toPayment(state, ctx, event, "overstay").open(event.fen, none, lent)];
  },
  OverstayFailed: ({ answerTo, code, facts }) =>
    answerTo ? [AnswerRefused(answerTo, { code, facts })] : [],
  OverstayPaid: ({ paidBy, answerTo, settle }, state, ctx) => [
    CancelTimer(STAY_PAY),
    ...(answerTo
      ? [
        Answer(answerTo, {
          ...("paymentId" in paidBy ? { paymentId: paidBy.paymentId } : {}),
          status: "succeeded",
        }),
      ]
      : []),
    ...(settle ? [toUser(state, ctx).settleStay()] : []),
  ],
  OverstayOverdue: ({ fen }, state, ctx) => [
    toUser(state, ctx).owesStay(fen),
    ...told(state, ctx, "bay.fee-overdue", { fen }),
  ],
  OverstayAppealed: ({ text }, state, ctx) => [toTicket(state, ctx).open(text)],
  OverstayDecided: ({ waive, reason, settle, backFen }, state, ctx) => [
    ...(waive ? [CancelTimer(STAY_PAY), toUser(state, ctx).uncountStay()] : []),
    ...(settle ? [toUser(state, ctx).settleStay()] : []),
    ...(backFen > 0 ? [toPurse(state, ctx).giveBack(backFen, reason)] : []),
    ...(stayOf(state)?.appeal ? [toTicket(state, ctx).close(reason)] : []),
    ...told(state, ctx, "bay.fee-decided", { waived: waive, reason }),
  ],
  StayWarned: ({ releaseFrom, reason }, state, ctx) => [
    notify(state, ctx, "bay.release-warned", { at: isoOf(releaseFrom), reason }),
  ],
  BayReleaseAsked: ({ by, reason, shut }, state, ctx) => [
    toPile(state, ctx).release(by, reason, shut),
  ],
  BayReleased: ({ ok }, state, ctx) => ok ? [notify(state, ctx, "bay.released", {})] : [],
};

/** Somebody is to look, and the parking system hears of it. */
function feeBegan(state: Known, ctx: OrderCtx): Effect[] {
  return [
    ...(ctx.without.has("bay.patrol") ? [] : [toPatrol(state, ctx).open("overstay")]),
    ...toParking(state, ctx).feeStarted(),
  ];
}

const isAtCap = (fen: number, state: Known): boolean => {
  const stay = stayOf(state);
  return stay !== null && !stay.due && fen >= stay.rule.capFen;
};
function codeOf(told: Told, fen: number, state: Known) {
  if (told === "soon") return "bay.fee-soon";
  return fen >= (stayOf(state)?.rule.capFen ?? Infinity) ? "bay.fee-capped" : "bay.fee-runs";
}

/** The rule in the driver's own numbers: until when it is free, and what it costs then. */
function told(
  state: Known,
  ctx: OrderCtx,
  code: Parameters<typeof notify>[2],
  facts: Record<string, unknown>,
): Effect[] {
  const stay = stayOf(state);
  if (stay === null || ctx.without.has("bay.notices")) return [];
  const { rule: { fenPerMinute, capFen } } = stay;
  const until = isoOf(feeFrom(stay) ?? graceUntil(stay));
  return [notify(state, ctx, code, { until, fenPerMinute, capFen, ...facts })];
}

/** The next word to its driver; while we are in the way there is none. */
function nextTimer(state: Known, ctx: OrderCtx): Effect[] {
  const stay = openStay(state);
  const next = stay && !stay.blocked ? nextTold(stay) : null;
  return next ? [StartTimer(STAY, Math.max(next.at, ctx.at))] : [];
}

/** The bound account of that provider, if the charge was begun with it. */
function lentBy(state: Known, by: Provider): Lent | null {
  return "backing" in state && state.backing.by === by ? state.backing.binding : null;
}

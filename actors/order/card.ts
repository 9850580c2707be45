// A charge begun by card at the pile: it runs already, and ends if user or wallet refuse it.
import type { Refusal } from "../../wire/envelope.ts";
import { tariff } from "../../wire/tariff.ts";
import { later, refuse } from "../kit/mod.ts";
import { isActor } from "../kit/who.ts";
import { holdFor } from "../tariff/mod.ts";
import type { OrderEvent } from "./events.ts";
import { declinedIncident } from "./incidents.ts";
import type { CardAsk, Charging, Known, Of, OrderState, Stopping } from "./state.ts";
import type { Decided, OrderCtx } from "./turn.ts";

/** 启动中 and 充电中 in one turn. Answered later: null once the hold stands, else the refusal. */
export function startByCard(state: OrderState, command: Of<"StartByCard">, ctx: OrderCtx): Decided {
  const { type: _type, tariff: frozen, ...asked } = command;
  if (!isActor(ctx.principal, "pile", asked.pileId)) return refuse("auth.forbidden", {});
  if (state.status !== "absent") return refuse("order.exists", { orderId: ctx.self.id });
  const checked = tariff.safeParse(frozen);
  if (!checked.success) return refuse("pile.no-tariff", { pileId: asked.pileId });
  const { ratedPowerW } = asked;
  const holdFen = holdFor(checked.data, ctx.at, {}, ctx.settings, { ratedPowerW });
  return later([{
    type: "CardChargeStarted",
    ...asked,
    tariff: checked.data,
    limit: {},
    pay: { by: "wallet", autoCapture: true },
    card: true,
    holdFen,
    answerTo: ctx.commandId,
  }]);
}

type Answers = Of<"UserAnswered" | "KeepAnswered" | "HoldAnswered">;
type Asking = (Charging | Stopping) & { cardAsk: CardAsk };

const asks = (state: Known): state is Asking =>
  (state.status === "charging" || state.status === "stopping") && state.cardAsk !== null;

/** Null: no card waits for it. */
export function cardAnswer(state: Known, command: Answers, ctx: OrderCtx): Decided | null {
  if (!asks(state) || command.type === "KeepAnswered") return null;
  const { answer } = command;
  if (!answer.ok) {
    return cardRefused(state, answer.refusal, command.type !== "HoldAnswered", ctx);
  }
  const { user, wallet, answerTo } = state.cardAsk;
  const byUser = command.type === "UserAnswered";
  const event: OrderEvent = byUser ? { type: "CardUserAllowed" } : { type: "CardHoldPlaced" };
  return (byUser ? wallet : user) ? [event, { type: "CardCleared", answerTo }] : [event];
}

export function cardTimeout(state: Known, ctx: OrderCtx): Decided | null {
  return asks(state) ? cardRefused(state, { code: "order.no-answer", facts: {} }, true, ctx) : null;
}

/** The pile is stopped; what was drawn until then is nobody's bill. */
function cardRefused(
  state: Asking,
  { code, facts }: Refusal,
  held: boolean,
  ctx: OrderCtx,
): OrderEvent[] {
  const stopSent = state.status === "stopping";
  return [
    { type: "CardRefused", code, facts, answerTo: state.cardAsk.answerTo, stopSent, held },
    ...declinedIncident(ctx.self.id, code, facts),
  ];
}

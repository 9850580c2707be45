// Before 启动中: user and pile are asked at once, then the wallet; all must agree within the time.
// A loser of a race for the connector never has a hold; what was asked for is undone on refusal.
import type { Refusal } from "../../wire/envelope.ts";
import { lentBinding, lentCredit } from "../../wire/order.ts";
import { keptFacts } from "../../wire/pile.ts";
import { later, nothing, refuse } from "../kit/mod.ts";
import { isActor } from "../kit/who.ts";
import { holdFor } from "../tariff/mod.ts";
import type { OrderEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import { declinedIncident, startFailedIncident } from "./incidents.ts";
import type { Authorizing, Backing, Known, Lent, Of, OrderState } from "./state.ts";
import { type Decided, type OrderCtx, shown } from "./turn.ts";

/** An older tap is not what the driver wants any more (interfaces.md: 410 above 60 s). */
const AGE_MS_MAX = 60_000;

/** A driver asks for a charge. Answered later: 启动中, or the first refusal. */
export function startCharge(state: OrderState, command: Of<"StartCharge">, ctx: OrderCtx): Decided {
  if (state.status !== "absent" && ctx.without.has("tap.other-body-refused")) return shown([], ctx);
  if (state.status !== "absent") return refuse("order.exists", { orderId: ctx.self.id });
  const { pileId, connector, tariffVersion, limit, pay, ageMs } = command;
  if (ageMs > AGE_MS_MAX) return refuse("start.too-old", { ageMs, maxMs: AGE_MS_MAX });
  const userId = ctx.principal.id;
  const asked = { userId, pileId, connector, tariffVersion, limit, pay, card: false };
  return later([{ type: "ChargeRequested", ...asked, answerTo: ctx.commandId }]);
}

/** A reservation asks for the charge that it becomes, for its own user. */
export function startReserved(
  state: OrderState,
  command: Of<"StartReserved">,
  ctx: OrderCtx,
): Decided {
  const { userId, reservationId, pileId, connector, tariffVersion, limit, pay, ageMs } = command;
  if (!isActor(ctx.principal, "reservation", reservationId)) return refuse("auth.forbidden");
  if (state.status !== "absent") return refuse("order.exists", { orderId: ctx.self.id });
  if (ageMs > AGE_MS_MAX) return refuse("start.too-old", { ageMs, maxMs: AGE_MS_MAX });
  const asked = { userId, pileId, connector, tariffVersion, limit, pay, card: false };
  return later([{ type: "ChargeRequested", ...asked, reservationId, answerTo: ctx.commandId }]);
}

type Answers = Of<"UserAnswered" | "KeepAnswered" | "HoldAnswered">;

export function authorizingAnswer(state: Authorizing, command: Answers, ctx: OrderCtx): Decided {
  const { type, answer } = command;
  if (!answer.ok) return declined(state, answer.refusal, type, ctx);
  switch (type) {
    case "UserAnswered":
      return advance(state, userAllowed(answer.body), ctx);
    case "KeepAnswered": {
      const kept = keptFacts.safeParse(answer.body);
      if (!kept.success) {
        return declined(state, { code: "pile.no-tariff", facts: {} }, "none", ctx);
      }
      const { stationId, tariff, ratedPowerW, plugged } = kept.data;
      const facts = { stationId, tariff, ratedPowerW, plugged };
      return advance(state, { type: "ConnectorKept", ...facts }, ctx);
    }
    case "HoldAnswered":
      if (state.holdFen === null) return nothing;
      return [startOrdered(state, { by: "hold", fen: state.holdFen })];
  }
}

/** What the user's standing gives: a bound account, or credit. */
function userAllowed(body: unknown): OrderEvent {
  const credit = lentCredit.safeParse(body);
  const { creditFen: limitFen, creditPaidMin: paidMin } = credit.success ? credit.data : {};
  const given = limitFen === undefined || paidMin === undefined
    ? {}
    : { credit: { limitFen, paidMin } };
  return { type: "UserAllowed", binding: lentOf(body), ...given };
}

function lentOf(body: unknown): Lent | null {
  const lent = lentBinding.safeParse((body as { binding?: unknown } | null)?.binding);
  return lent.success ? lent.data : null;
}

/** Once user and pile have both agreed: money. Held in the wallet, or behind a bound account. */
function advance(state: Authorizing, event: OrderEvent, ctx: OrderCtx): Decided {
  const after = evolve(state, event, { at: ctx.at });
  if (after.status !== "authorizing" || !after.user || !after.kept || after.holdFen !== null) {
    return [event];
  }
  const { by } = state.pay;
  if (by === "wechat" || by === "alipay") {
    const { binding } = after.user;
    if (binding) return [event, startOrdered(state, { by, binding })];
    const refusal = { code: "payment.not-bound", facts: { by } };
    return [event, ...declined(after, refusal, "none", ctx)];
  }
  const { tariff, ratedPowerW } = after.kept;
  const wantedFen = ctx.without.has("hold.sized")
    ? ctx.settings.holdFenMin
    : holdFor(tariff, ctx.at, state.limit, ctx.settings, { ratedPowerW });
  const { credit } = after.user;
  if (by !== "credit") return [event, { type: "HoldAsked", fen: wantedFen }];
  if (!credit) {
    return [event, ...declined(after, { code: "wallet.credit-refused", facts: {} }, "none", ctx)];
  }
  return [event, { type: "HoldAsked", fen: Math.min(wantedFen, credit.limitFen), credit }];
}

const startOrdered = ({ answerTo }: Authorizing, backing: Backing): OrderEvent => ({
  type: "StartOrdered",
  backing,
  answerTo,
});

/** `by` refused, so nothing of it has to be undone; all else was asked and is undone. */
export function declined(
  state: Authorizing,
  { code, facts }: Refusal,
  by: Answers["type"] | "none",
  ctx: OrderCtx,
): OrderEvent[] {
  const undo = {
    pile: by !== "KeepAnswered",
    user: by !== "UserAnswered",
    wallet: state.holdFen !== null && by !== "HoldAnswered",
  };
  const { answerTo } = state;
  return [
    { type: "ChargeDeclined", code, facts, answerTo, undo },
    ...declinedIncident(ctx.self.id, code, facts),
  ];
}

export const authorizeTimeout = (state: Authorizing, ctx: OrderCtx): Decided =>
  declined(state, { code: "order.no-answer", facts: {} }, "none", ctx);

/** The pile refused to take the start on: nothing runs. */
export function startAnswered(
  state: Known,
  { answer }: Of<"StartAnswered">,
  ctx: OrderCtx,
): Decided {
  if (answer.ok) return nothing;
  const { code } = answer.refusal;
  const open = state.status === "starting" || (state.status === "stopping" && !state.started);
  if (!open) return [{ type: "FactNoted", fact: "late-answer", facts: { type: "start", code } }];
  return [
    { type: "ChargeStartFailed", why: code, proven: true },
    ...startFailedIncident(ctx.self.id, code, true, undefined, ctx.without),
  ];
}

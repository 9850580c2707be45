// May this user start a charge, and what is known of their standing. The order asks, ops block.
import type { ChargingSettings } from "../../wire/settings.ts";
import { type Ctx, type Decision, nothing, refuse, replied } from "../kit/mod.ts";
import { hasRole, isDriver } from "../kit/who.ts";
import { creditOf } from "./credit.ts";
import { aboutReservation, boundElsewhere } from "./reserving.ts";
import {
  barredFrom,
  countOverstay,
  liftStartBar,
  oweOverstay,
  settleOverstay,
  uncountOverstay,
} from "./overstay.ts";
import {
  DEBTS_MAX,
  type Registered,
  type UserCommand,
  type UserEvent,
  type UserState,
} from "./state.ts";

type Of<T extends UserCommand["type"]> = Extract<UserCommand, { type: T }>;
type Decided = Decision<UserEvent, UserState>;

export function decide(
  state: UserState,
  command: UserCommand,
  ctx: Ctx<ChargingSettings>,
): Decided {
  if (command.type === "TimerFired") return nothing;
  if (command.type === "RegisterUser") return register(state, command);
  if (state.status === "unknown") return refuse("user.unknown", { userId: ctx.self.id });
  switch (command.type) {
    case "OpenOrder":
      return openOrder(
        state,
        command,
        ctx.without.has("tap.one-order")
          ? { ...ctx, settings: { ...ctx.settings, ordersPerUser: 2 } }
          : ctx,
      );
    case "CloseOrder":
      return closeOrder(state, command, ctx);
    case "OpenReservation":
    case "LoosenReservation":
    case "CloseReservation":
    case "CountAppeal":
      return aboutReservation(state, command, ctx);
    case "SettleDebt":
      return owes(state, command.orderId)
        ? [{ type: "DebtSettled", orderId: command.orderId }]
        : nothing;
    case "CollectDebts": {
      const orderIds = [...new Set(state.debts.map(({ orderId }) => orderId))];
      return orderIds.length > 0 ? [{ type: "DebtsCalledIn", orderIds }] : nothing;
    }
    case "OweOverstay":
      return oweOverstay(state, command, ctx);
    case "SettleOverstay":
      return settleOverstay(state, command, ctx);
    case "CountOverstay":
      return countOverstay(state, command, ctx);
    case "UncountOverstay":
      return uncountOverstay(state, command, ctx);
    case "LiftStartBar":
      return liftStartBar(state, command, ctx);
    case "AddBinding":
      return addBinding(state, command);
    case "RemoveBinding":
      return removeBinding(state, command, ctx);
    case "SetCredit": {
      if (!hasRole(ctx.principal, "finance")) return refuse("auth.forbidden", {});
      const { limitFen, reason } = command;
      return [{ type: "CreditSet", limitFen, reason, by: ctx.principal.id }];
    }
    case "BlockUser":
      if (state.status === "blocked") return nothing;
      return [{ type: "UserBlocked", reason: command.reason, by: ctx.principal.id }];
    case "UnblockUser":
      if (state.status === "active") return nothing;
      return [{ type: "UserUnblocked", reason: command.reason, by: ctx.principal.id }];
  }
}

function register(state: UserState, { agreementVersion }: Of<"RegisterUser">): Decided {
  if (state.status !== "unknown") return nothing;
  return [{ type: "UserRegistered", agreementVersion }];
}

/** Lets an order run for this user; asked again, the answer is the same. */
function openOrder(
  user: Registered,
  command: Of<"OpenOrder">,
  ctx: Ctx<ChargingSettings>,
): Decided {
  const { at, settings, without } = ctx;
  const { orderId, by } = command;
  const binding = user.bindings.find((bound) => bound.by === by);
  const credit = without.has("credit.by-risk-rules")
    ? { limitFen: settings.creditLimitFen, paidMin: 0 }
    : creditOf(user, at, settings);
  const lent = {
    ...(binding ? { binding: { id: binding.id, contract: binding.contract } } : {}),
    ...(by === "credit" ? { creditFen: credit.limitFen, creditPaidMin: credit.paidMin } : {}),
  };
  if (user.openOrders.includes(orderId)) return replied([], () => lent);
  if (user.closedOrders.includes(orderId)) return refuse("due.closed", { orderId });
  if (user.status === "blocked") return refuse("user.blocked", { since: user.since });
  const barred = barredFrom(user, ctx);
  if (barred) return barred;
  const [debt] = user.debts;
  if (debt && !without.has("due.blocks")) {
    return refuse("user.debt-open", { orderId: debt.orderId, fen: debt.fen });
  }
  if (user.openOrders.length >= settings.ordersPerUser) {
    return refuse("user.order-open", { orderId: user.openOrders[0] });
  }
  const theirs = without.has("reserve.other-pile") ? null : boundElsewhere(user, command, at);
  if (theirs) {
    const { reservationId, pileId, connector } = theirs;
    return refuse("reservation.other-pile", { reservationId, pileId, connector });
  }
  if (by === "credit" && credit.why) return refuse("wallet.credit-refused", { why: credit.why });
  const needsBinding = by === "wechat" || by === "alipay";
  if (needsBinding && !binding) return refuse("payment.not-bound", { by });
  return replied([{ type: "OrderOpened", orderId }], () => lent);
}

/** The order runs no longer. With a debt it blocks new charges until that is settled. */
function closeOrder(
  user: Registered,
  { orderId, debtFen, credit }: Of<"CloseOrder">,
  { at, settings }: Ctx<ChargingSettings>,
): Decided {
  const events: UserEvent[] = [];
  if (!user.closedOrders.includes(orderId)) events.push({ type: "OrderClosed", orderId });
  if (debtFen > 0 && !owes(user, orderId)) {
    if (user.debts.length >= DEBTS_MAX) return refuse("overloaded", { debts: DEBTS_MAX });
    events.push({ type: "DebtIncurred", orderId, fen: debtFen });
  }
  const until = at + settings.creditBarMs; // 逾期: no credit for a while
  if (debtFen > 0 && !credit && until > (user.creditBarredUntil ?? 0)) {
    events.push({ type: "CreditBarred", orderId, until });
  }
  return events;
}

function addBinding(user: Registered, { bindingId, by, contract }: Of<"AddBinding">): Decided {
  if (user.bindings.some(({ id }) => id === bindingId)) return nothing;
  return [{ type: "BindingAdded", bindingId, by, contract }];
}

function removeBinding(user: Registered, { bindingId }: Of<"RemoveBinding">, ctx: Ctx): Decided {
  if (!isDriver(ctx.principal, ctx.self.id)) return refuse("user.unknown", {});
  if (!user.bindings.some(({ id }) => id === bindingId)) return nothing;
  return [{ type: "BindingRemoved", bindingId }];
}

const owes = (user: Registered, orderId: string) =>
  user.debts.some((debt) => debt.orderId === orderId && debt.purpose === undefined);

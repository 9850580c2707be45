// Folds a user's events; lists stay within their bounds here.
import { assert } from "../kit/assert.ts";
import { evolveReserving } from "./reserving.ts";
import { CLOSED_ORDERS_MAX, type UserEvent, type UserState } from "./state.ts";

export function evolve(state: UserState, event: UserEvent, { at }: { at: number }): UserState {
  if (event.type === "UserRegistered") {
    return {
      status: "active",
      registeredAt: at,
      agreementVersion: event.agreementVersion,
      openOrders: [],
      closedOrders: [],
      debts: [],
      bindings: [],
    };
  }
  assert(state.status !== "unknown", "an event of nobody", { event: event.type });
  switch (event.type) {
    case "OrderOpened":
      return { ...state, openOrders: [...state.openOrders, event.orderId] };
    case "OrderClosed":
      return {
        ...state,
        openOrders: state.openOrders.filter((id) => id !== event.orderId),
        closedOrders: [...state.closedOrders, event.orderId].slice(-CLOSED_ORDERS_MAX),
      };
    case "DebtIncurred":
      return { ...state, debts: [...state.debts, { orderId: event.orderId, fen: event.fen }] };
    case "DebtSettled":
      return { ...state, debts: state.debts.filter(({ orderId }) => orderId !== event.orderId) };
    case "CreditBarred":
      return { ...state, creditBarredUntil: event.until };
    case "CreditSet": {
      const { creditFen: _before, ...rest } = state;
      return event.limitFen === null ? rest : { ...rest, creditFen: event.limitFen };
    }
    case "ReservationOpened":
    case "PromiseBound":
    case "PromiseLoosened":
    case "ReservationClosed":
    case "ReservingSuspended":
    case "AppealCounted":
      return evolveReserving(state, event, at);
    case "DebtsCalledIn":
      return state;
    case "BindingAdded": {
      const { bindingId: id, by, contract } = event;
      const others = state.bindings.filter((bound) => bound.by !== by);
      return { ...state, bindings: [...others, { id, by, contract }] };
    }
    case "BindingRemoved":
      return { ...state, bindings: state.bindings.filter(({ id }) => id !== event.bindingId) };
    case "UserBlocked":
      return { ...state, status: "blocked", since: at, reason: event.reason };
    case "UserUnblocked": {
      const { since: _since, reason: _reason, ...person } = { since: 0, reason: "", ...state };
      return { ...person, status: "active" };
    }
  }
}

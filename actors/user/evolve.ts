// Folds a user's events; lists stay within their bounds here.
import { assert } from "../kit/assert.ts";
import { evolveReserving } from "./reserving.ts";
import {
  CLOSED_ORDERS_MAX,
  type Debt,
  OVERSTAYS_MAX,
  type Registered,
  type UserEvent,
  type UserState,
} from "./state.ts";

const isDebt = (debt: Debt, orderId: string, purpose?: Debt["purpose"]): boolean =>
  debt.orderId === orderId && debt.purpose === purpose;

export function evolve(state: UserState, event: UserEvent, { at }: { at: number }): UserState {
  if (event.type === "UserRegistered") {
    const { agreementVersion } = event;
    const none = { openOrders: [], closedOrders: [], debts: [], bindings: [] };
    return { status: "active", registeredAt: at, agreementVersion, ...none };
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
      return { ...state, debts: state.debts.filter((debt) => !isDebt(debt, event.orderId)) };
    case "OverstayOwed":
    case "OverstaySettled":
    case "OverstayCounted":
    case "OverstayUncounted":
    case "OverstaysWarned":
    case "StartsBarred":
    case "StartBarLifted":
      return evolveOverstay(state, event, at);
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

type OverstayEvent = Extract<
  UserEvent,
  {
    type:
      | "OverstayOwed"
      | "OverstaySettled"
      | "OverstayCounted"
      | "OverstayUncounted"
      | "OverstaysWarned"
      | "StartsBarred"
      | "StartBarLifted";
  }
>;

/** What somebody owes for bays kept too long, how often that was, and until when they start nothing. */
function evolveOverstay(state: Registered, event: OverstayEvent, at: number): UserState {
  switch (event.type) {
    case "OverstayOwed": {
      const { orderId, fen } = event;
      return { ...state, debts: [...state.debts, { orderId, fen, purpose: "overstay" }] };
    }
    case "OverstaySettled": {
      const debts = state.debts.filter((debt) => !isDebt(debt, event.orderId, "overstay"));
      return { ...state, debts };
    }
    case "OverstayCounted": {
      const overstays = [...state.overstays ?? [], { orderId: event.orderId, at }];
      return { ...state, overstays: overstays.slice(-OVERSTAYS_MAX) };
    }
    case "OverstayUncounted": {
      const overstays = (state.overstays ?? []).filter(({ orderId }) => orderId !== event.orderId);
      return { ...state, overstays };
    }
    case "OverstaysWarned":
      return state;
    case "StartsBarred":
      return { ...state, startsBarredUntil: event.until };
    case "StartBarLifted": {
      const { startsBarredUntil: _lifted, ...free } = state;
      return free;
    }
  }
}

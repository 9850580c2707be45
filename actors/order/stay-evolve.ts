// Folds what happens to a stay; it is kept beside the order's status and survives it.
import { assert } from "../kit/assert.ts";
import type { Known, OrderState } from "./state.ts";
import { type Stay, type StayDue, stayOf, withFree } from "./stay.ts";
import { type StayEvent, stayEvents } from "./stay-events.ts";

export const isStayEvent = (event: { type: string }): event is StayEvent =>
  Object.hasOwn(stayEvents, event.type);

export function evolveStay(state: Known, event: StayEvent, at: number): OrderState {
  assert("bill" in state, "a stay after no charge", { status: state.status });
  if (event.type === "StayBegan") {
    const { type: _type, ...begun } = event;
    return { ...state, stay: { ...begun, told: 0, free: [] } };
  }
  const stay = stayOf(state);
  assert(stay !== null, "an event of no stay", { event: event.type });
  return { ...state, stay: evolved(stay, event, at) };
}

type Later = Exclude<StayEvent, { type: "StayBegan" }>;

function evolved(stay: Stay, event: Later, at: number): Stay {
  switch (event.type) {
    case "StayBlocked":
      return { ...stay, blocked: { since: event.since, why: event.why } };
    case "StayOpened": {
      const { blocked: _over, ...rest } = stay;
      return { ...rest, free: withFree(stay.free, event.free) };
    }
    case "StayTold":
      return event.told === "soon"
        ? { ...stay, announcedAt: at }
        : { ...stay, told: stay.told + 1 };
    case "StayOver":
      return { ...stay, leftAt: event.leftAt, ...(event.asks ? { asks: true } : {}) };
    case "ParkingAsked":
      return stay;
    case "ParkingSaid": {
      const { asks: _said, ...rest } = stay;
      return rest;
    }
    case "StayWarned":
      return { ...stay, warnedAt: at };
    case "BayReleaseAsked": {
      const { reason, by, shut } = event;
      return { ...stay, release: { at, by, reason, shut, status: "asked" } };
    }
    case "BayReleased": {
      assert(stay.release !== undefined, "released, and nobody asked for it", {});
      const why = event.why === undefined ? {} : { why: event.why };
      const status = event.ok ? "unlocked" as const : "failed" as const;
      return { ...stay, release: { ...stay.release, status, ...why } };
    }
    case "OverstayAppealed":
      return { ...stay, appeal: { text: event.text, at, status: "open" } };
    case "OverstayDecided":
      return decided(stay, event);
    case "OverstayDue":
      return {
        ...stay,
        due: { bill: event.bill, status: "open", attempt: null, attempts: 0 },
      };
    case "OverstayAsked":
    case "OverstayPaymentAsked":
    case "OverstayFailed":
    case "OverstayPaid":
    case "OverstayOverdue":
      assert(stay.due !== undefined, "money for a stay that owes none", { event: event.type });
      return { ...stay, due: evolvedDue(stay.due, event) };
  }
}

type Money = Extract<Later, {
  type:
    | "OverstayAsked"
    | "OverstayPaymentAsked"
    | "OverstayFailed"
    | "OverstayPaid"
    | "OverstayOverdue";
}>;

function evolvedDue(due: StayDue, event: Money): StayDue {
  switch (event.type) {
    case "OverstayAsked":
      assert(due.attempt === null, "two ways of paying at once", { open: due.attempt });
      return { ...due, attempt: { by: "wallet" } };
    case "OverstayPaymentAsked": {
      assert(due.attempt === null, "two ways of paying at once", { open: due.attempt });
      const { by, paymentId, answerTo } = event;
      const attempt = { by, paymentId, byHand: answerTo !== null };
      return { ...due, attempt, attempts: due.attempts + 1 };
    }
    case "OverstayFailed":
      return { ...due, attempt: null };
    case "OverstayPaid":
      return { ...due, status: "paid", attempt: null, paidBy: event.paidBy };
    case "OverstayOverdue":
      return { ...due, status: "overdue" };
  }
}

function decided(stay: Stay, event: Extract<Later, { type: "OverstayDecided" }>): Stay {
  const { waive, reason } = event;
  const status = waive ? "granted" as const : "refused" as const;
  const appeal = stay.appeal?.status === "open"
    ? { appeal: { ...stay.appeal, status, reason } }
    : {};
  const due = waive && stay.due ? { due: { ...stay.due, status: "waived" as const } } : {};
  return { ...stay, ...appeal, ...due };
}

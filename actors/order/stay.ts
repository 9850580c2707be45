// The stay (占用) at a connector after its charge: since when, what of it is free, and what it has cost
// up to a moment (M7). Of two clocks the one counts that is better for the driver.
import type { OverstayBill, OverstayRule } from "../../wire/tariff.ts";
import type { PayBy } from "../../wire/order.ts";
import { overstayOf } from "../tariff/mod.ts";
import type { Instant, Known, PaidBy, Provider } from "./state.ts";

export interface Stretch {
  fromAt: Instant;
  toAt: Instant;
}
/** One way of paying for the stay that is under way. */
export type StayAttempt =
  | { by: "wallet" }
  | { by: Provider; paymentId: string; byHand: boolean };
/** What is owed for the stay: a due of its own, whatever becomes of the charge's. */
export interface StayDue {
  bill: OverstayBill;
  status: "open" | "overdue" | "paid" | "waived";
  attempt: StayAttempt | null;
  /** Payments opened so far: part of the next one's id. */
  attempts: number;
  paidBy?: PaidBy;
}
export interface Stay {
  rule: OverstayRule;
  minuteMs: number;
  soonMinutes: number;
  againMinutes: number;
  /** The charge was over, and the gun still in. */
  since: Instant;
  /** Told that the fee begins soon: it never begins before. */
  announcedAt?: Instant;
  /** How often its driver was told that the fee runs. */
  told: number;
  /** Times in which we were in the way, in order and apart. */
  free: Stretch[];
  blocked?: { since: Instant; why: string };
  leftAt?: Instant;
  /** The parking system has not said yet whether the bay is free. */
  asks?: true;
  due?: StayDue;
  warnedAt?: Instant;
  release?: {
    at: Instant;
    by: string;
    reason: string;
    shut: boolean;
    status: "asked" | "unlocked" | "failed";
    why?: string;
  };
  appeal?: {
    text: string;
    at: Instant;
    status: "open" | "granted" | "refused";
    reason?: string;
  };
}

/** More than this a bad link makes of one stay: what lies between the last two is free as well. */
const FREE_MAX = 32;
/** Told that the fee runs at most so often. */
export const TOLD_MAX = 24;

export const stayOf = (state: Known): Stay | null => "stay" in state ? state.stay ?? null : null;
/** The one whose car still stands there. */
export function openStay(state: Known): Stay | null {
  const stay = stayOf(state);
  return stay?.leftAt === undefined ? stay : null;
}
/** Something of the stay is still to come. */
export const isOpen = (state: Known): boolean =>
  openStay(state) !== null || owedFor(state) !== null || stayOf(state)?.asks === true;
/** What is owed for it and not paid yet. */
export function owedFor(state: Known): StayDue | null {
  const due = stayOf(state)?.due;
  return due && (due.status === "open" || due.status === "overdue") ? due : null;
}

const graceMs = ({ rule, minuteMs }: Stay): number => rule.graceMinutes * minuteMs;
/** How long before the fee its driver is told. */
const leadMs = ({ rule, soonMinutes, minuteMs }: Stay): number =>
  Math.min(soonMinutes, rule.graceMinutes) * minuteMs;
export const graceUntil = (stay: Stay): Instant => stay.since + graceMs(stay);
/** The fee runs from then on; null: not announced, so it does not. */
export function feeFrom(stay: Stay): Instant | null {
  const { announcedAt } = stay;
  return announcedAt === undefined ? null : Math.max(graceUntil(stay), announcedAt + leadMs(stay));
}

/** All that is free up to that moment, the time before the fee was announced among it. */
function freeUntil(stay: Stay, untilAt: Instant): Stretch[] {
  const { since, free, blocked } = stay;
  const unannounced = { fromAt: since, toAt: feeFrom(stay) ?? Math.max(untilAt, since) };
  const open = blocked ? [{ fromAt: blocked.since, toAt: Math.max(untilAt, blocked.since) }] : [];
  return [unannounced, ...free, ...open];
}

/** What staying until then costs. */
export const costUntil = (stay: Stay, untilAt: Instant): OverstayBill =>
  overstayOf(
    stay.rule,
    { endedAt: stay.since, untilAt, blocked: freeUntil(stay, untilAt) },
    stay.minuteMs,
  );
/** It cannot grow any more. */
export const isCapped = ({ rule }: Stay, { fen }: OverstayBill): boolean => fen >= rule.capFen;

/** Free after the fee began: what a page takes off the running fee. */
export function freeMsAfterFee(stay: Stay): number {
  const from = feeFrom(stay);
  if (from === null) return 0;
  return stay.free.reduce(
    (sum, { fromAt, toAt }) => sum + Math.max(0, toAt - Math.max(fromAt, from)),
    0,
  );
}

/** Blocked until then: stretches that touch are one, and there are never too many. */
export function withFree(free: readonly Stretch[], fresh: Stretch): Stretch[] {
  const last = free.at(-1);
  const joins = last !== undefined && (fresh.fromAt <= last.toAt || free.length >= FREE_MAX);
  if (!joins) return [...free, fresh];
  const whole = {
    fromAt: Math.min(last.fromAt, fresh.fromAt),
    toAt: Math.max(last.toAt, fresh.toAt),
  };
  return [...free.slice(0, -1), whole];
}

export type Told = "soon" | "runs";
const isFree = ({ capFen, fenPerMinute }: OverstayRule): boolean =>
  capFen === 0 || fenPerMinute === 0;

/** What its driver is told next, and when; null: nothing more. */
export function nextTold(stay: Stay): { told: Told; at: Instant } | null {
  const { rule, told, againMinutes, minuteMs } = stay;
  if (isFree(rule) || told > TOLD_MAX) return null;
  const from = feeFrom(stay);
  if (from === null) return { told: "soon", at: graceUntil(stay) - leadMs(stay) };
  return { told: "runs", at: from + told * againMinutes * minuteMs };
}

/** The n-th payment for the stay of an order: the same id on any node, with no look-up. */
export const stayPaymentIdOf = (orderId: string, n: number): string =>
  `pay_${orderId.slice(4)}-s${n}`;
export const isStayPayment = (orderId: string, paymentId: unknown): boolean =>
  typeof paymentId === "string" && paymentId.startsWith(`pay_${orderId.slice(4)}-s`);

/** By consent at the start it is taken by itself; null: its driver pays by hand. */
export function takenBy({ pay, card, backing }: Known & { backing: unknown }): PayBy | null {
  if (!pay.autoCapture && !card) return null;
  const { by } = backing as { by: "hold" | Provider };
  if (by !== "hold") return by;
  return pay.by === "credit" ? null : "wallet";
}

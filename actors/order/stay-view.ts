// A stay as its driver and ops see it, and what is owed for it.
import type { OrderView } from "../../wire/order.ts";
import type { StayView } from "../../wire/order-stay.ts";
import { isoOf } from "../../wire/units.ts";
import type { Known } from "./state.ts";
import { feeFrom, freeMsAfterFee, graceUntil, owedFor, type Stay, stayOf } from "./stay.ts";

export function stayView(state: Known, warnMs: number): { stay?: StayView } {
  const stay = stayOf(state);
  if (stay === null) return {};
  const { rule, minuteMs, since, blocked, leftAt, due } = stay;
  const from = feeFrom(stay);
  return {
    stay: {
      rule,
      minuteMs,
      since: isoOf(since),
      graceUntil: isoOf(graceUntil(stay)),
      ...(from === null ? {} : { feeFrom: isoOf(from) }),
      freeMs: freeMsAfterFee(stay),
      ...(blocked ? { blockedSince: isoOf(blocked.since), blockedWhy: blocked.why } : {}),
      ...(leftAt === undefined ? {} : { leftAt: isoOf(leftAt) }),
      ...(due ? { bill: due.bill } : {}),
      ...said(stay, warnMs),
    },
  };
}

/** By ops of the bay, by its driver of the fee. */
function said({ warnedAt, release, appeal }: Stay, warnMs: number): Partial<StayView> {
  return {
    ...(warnedAt === undefined
      ? {}
      : { warnedAt: isoOf(warnedAt), releaseFrom: isoOf(warnedAt + warnMs) }),
    ...(release ? { release: releaseView(release) } : {}),
    ...(appeal ? { appeal: { ...appeal, at: isoOf(appeal.at) } } : {}),
  };
}
/** Which of the ops it was, the record knows. */
function releaseView({ by: _by, at, ...release }: NonNullable<Stay["release"]>) {
  return { ...release, at: isoOf(at) };
}

export function stayDues(state: Known): OrderView["dues"] {
  const due = stayOf(state)?.due;
  if (!due) return [];
  const { bill: { fen }, status, attempt } = due;
  const payment = attempt && "paymentId" in attempt ? { paymentId: attempt.paymentId } : {};
  return [{ purpose: "overstay", fen, status: attempt ? "paying" : status, ...payment }];
}

export function nextOfStay(state: Known): OrderView["next"] {
  const stay = stayOf(state);
  if (!stay?.due) return [];
  const next: OrderView["next"] = owedFor(state) ? ["pay-overstay"] : [];
  return stay.appeal || stay.due.status === "waived" ? next : [...next, "appeal-overstay"];
}

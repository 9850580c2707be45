// Reminders of a bill that its driver has not paid yet: one timer, which names the one that comes next.
import { CancelTimer, type Effect, nothing, StartTimer } from "../kit/mod.ts";
import { dueFenOf, type Known } from "./state.ts";
import type { Decided, OrderCtx } from "./turn.ts";

const REMIND = "remind-";

/** The number of a reminder's timer; null: another timer. */
export function reminderOf(name: string): number | null {
  return name.startsWith(REMIND) ? Number(name.slice(REMIND.length)) : null;
}

/** Somebody who pays right now is left in peace; the next reminder comes all the same. */
export function remind(state: Known, n: number): Decided {
  if (state.status !== "awaiting-payment") return nothing;
  return [{ type: "PaymentReminded", n, dueFen: dueFenOf(state) }];
}

/** Timer of the first reminder, from the moment that money is due. */
export const firstReminder = (ctx: OrderCtx): Effect[] => reminder(1, 0, ctx);
/** Timer of the one after the n-th. */
export const nextReminder = (n: number, ctx: OrderCtx): Effect[] =>
  reminder(n + 1, ctx.settings.payRemindMs[n - 1] ?? 0, ctx);

export const noReminders = ({ settings }: OrderCtx): Effect[] =>
  settings.payRemindMs.map((_ageMs, i) => CancelTimer(`${REMIND}${i + 1}`));

function reminder(n: number, passedMs: number, { at, settings, without }: OrderCtx): Effect[] {
  if (without.has("pay.reminders")) return [];
  const ageMs = settings.payRemindMs[n - 1];
  return ageMs === undefined || ageMs >= settings.payLimitMs
    ? []
    : [StartTimer(`${REMIND}${n}`, at + ageMs - passedMs)];
}

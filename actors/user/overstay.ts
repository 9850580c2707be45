// Who keeps bays too long: what they owe for it, and from how many on they start nothing for a while.
import type { ChargingSettings } from "../../wire/settings.ts";
import type { Instant } from "../../wire/units.ts";
import { isoOf } from "../../wire/units.ts";
import { type Ctx, type Decision, nothing, refuse, type Refused } from "../kit/mod.ts";
import { hasRole, isActor } from "../kit/who.ts";
import { DEBTS_MAX, type Registered, type UserCommand, type UserEvent } from "./state.ts";

type Of<T extends UserCommand["type"]> = Extract<UserCommand, { type: T }>;
type UserCtx = Ctx<ChargingSettings>;
type Decided = Decision<UserEvent>;

const isOurs = ({ principal }: UserCtx, orderId: string): boolean =>
  isActor(principal, "order", orderId);
const owed = ({ debts }: Registered, orderId: string) =>
  debts.some((debt) => debt.orderId === orderId && debt.purpose === "overstay");

export function oweOverstay(user: Registered, command: Of<"OweOverstay">, ctx: UserCtx): Decided {
  const { orderId, fen } = command;
  if (!isOurs(ctx, orderId)) return refuse("auth.forbidden");
  if (owed(user, orderId)) return nothing;
  if (user.debts.length >= DEBTS_MAX) return refuse("overloaded", { debts: DEBTS_MAX });
  return [{ type: "OverstayOwed", orderId, fen }];
}

export function settleOverstay(
  user: Registered,
  { orderId }: Of<"SettleOverstay">,
  ctx: UserCtx,
): Decided {
  if (!isOurs(ctx, orderId)) return refuse("auth.forbidden");
  return owed(user, orderId) ? [{ type: "OverstaySettled", orderId }] : nothing;
}

/** Those that still count. */
export const overstaysAt = (
  { overstays = [] }: Registered,
  at: Instant,
  { overstayWindowMs }: ChargingSettings,
) => overstays.filter((one) => one.at + overstayWindowMs > at);

export const startsBarredUntil = (user: Registered, at: Instant): Instant | null => {
  const until = user.startsBarredUntil ?? 0;
  return until > at ? until : null;
};

/** One more: told at first, then no start for a while. Told twice, counted once. */
export function countOverstay(
  user: Registered,
  { orderId }: Of<"CountOverstay">,
  ctx: UserCtx,
): Decided {
  if (!isOurs(ctx, orderId)) return refuse("auth.forbidden");
  if (user.overstays?.some((one) => one.orderId === orderId)) return nothing;
  const { at, settings, without } = ctx;
  const count = overstaysAt(user, at, settings).length + 1;
  const counted: UserEvent = { type: "OverstayCounted", orderId, count };
  if (without.has("bay.penalty")) return [counted];
  if (count >= settings.overstaysMax) {
    return [counted, { type: "StartsBarred", until: at + settings.overstayBarMs, count }];
  }
  return count >= settings.overstaysWarned
    ? [counted, { type: "OverstaysWarned", count }]
    : [counted];
}

/** The fee was waived: it counts no more, and neither does a bar that it brought about. */
export function uncountOverstay(
  user: Registered,
  { orderId }: Of<"UncountOverstay">,
  ctx: UserCtx,
): Decided {
  if (!isOurs(ctx, orderId)) return refuse("auth.forbidden");
  if (!user.overstays?.some((one) => one.orderId === orderId)) return nothing;
  const left = overstaysAt(user, ctx.at, ctx.settings).filter((one) => one.orderId !== orderId);
  const lifts = startsBarredUntil(user, ctx.at) !== null && left.length < ctx.settings.overstaysMax;
  const uncounted: UserEvent = { type: "OverstayUncounted", orderId };
  const { id: by } = ctx.principal;
  return lifts
    ? [uncounted, { type: "StartBarLifted", reason: "overstay-waived", by }]
    : [uncounted];
}

/** Ops grant an appeal. */
export function liftStartBar(
  user: Registered,
  { reason }: Of<"LiftStartBar">,
  ctx: UserCtx,
): Decided {
  if (!hasRole(ctx.principal, "service")) return refuse("auth.forbidden");
  if (startsBarredUntil(user, ctx.at) === null) return nothing;
  return [{ type: "StartBarLifted", reason, by: ctx.principal.id }];
}

/** Why this user may not start now; null: nothing of this speaks against it. */
export function barredFrom(user: Registered, { at, settings, without }: UserCtx): Refused | null {
  const until = startsBarredUntil(user, at);
  if (until === null || without.has("bay.penalty")) return null;
  const overstays = overstaysAt(user, at, settings).length;
  return refuse("user.barred", { until: isoOf(until), overstays });
}

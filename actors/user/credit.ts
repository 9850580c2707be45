// 先充后补: may this user charge first and pay later, and for how much. The rules of risk lie here; how
// much is lent already and what was paid before, the wallet knows.
import type { ChargingSettings } from "../../wire/settings.ts";
import type { UserView } from "../../wire/user.ts";
import type { Instant } from "../../wire/units.ts";
import type { Registered } from "./state.ts";

/** `why`: no credit now. Who has a limit of their own needs no history. */
export function creditOf(
  user: Registered,
  at: Instant,
  { creditLimitFen, creditOrdersMin }: ChargingSettings,
): UserView["credit"] {
  const own = user.creditFen !== undefined;
  const limitFen = user.creditFen ?? creditLimitFen;
  const paidMin = own ? 0 : creditOrdersMin;
  const none = (why: NonNullable<UserView["credit"]["why"]>) => ({ limitFen: 0, paidMin, why });
  if (user.status === "blocked") return none("blocked");
  if (user.debts.length > 0) return none("debt-open");
  if (limitFen === 0) return none("not-allowed");
  if (!own && (user.creditBarredUntil ?? 0) > at) return none("was-overdue");
  return { limitFen, paidMin };
}

// A registered user gets a wallet; debts are called in after a recharge; all else is only answered.
import type { ChargingSettings } from "../../wire/settings.ts";
import type { OrderNotice } from "../../wire/order.ts";
import type { ReservationNotice } from "../../wire/reservation.ts";
import { isoOf } from "../../wire/units.ts";
import { Call, type Ctx, type Effect, onEvent, Tell } from "../kit/mod.ts";
import type { UserEvent, UserState } from "./state.ts";

/** Other currencies come with tenants abroad; a wallet keeps the one it was opened in. */
const CURRENCY = "CNY";

export const react = onEvent<UserEvent, UserState, ChargingSettings>({
  UserRegistered: (_event, _state, { self }) => [
    Tell({ kind: "wallet", id: self.id }, "OpenWallet", { currency: CURRENCY }, { last: true }),
  ],
  ReservingSuspended: ({ until, noShows }, _state, ctx) =>
    ctx.without.has("noshow.suspension-shown")
      ? []
      : notice(ctx, "reservation.suspended", { until: isoOf(until), noShows }),
  DebtsCalledIn: ({ orderIds }) =>
    orderIds.map((id) => Tell({ kind: "order", id }, "CollectDue", {})),
  OverstaysWarned: ({ count }, _state, ctx) => notice(ctx, "bay.overstays-warned", { count }),
  StartsBarred: ({ until, count }, _state, ctx) =>
    notice(ctx, "bay.starts-barred", { until: isoOf(until), count }),
});

function notice(
  { tenant, self }: Ctx<ChargingSettings>,
  code: OrderNotice | ReservationNotice,
  facts: Record<string, unknown>,
): Effect[] {
  return [Call("notify", self.id, { tenant, userId: self.id, code, facts })];
}

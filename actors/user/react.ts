// A registered user gets a wallet; debts are called in after a recharge; all else is only answered.
import type { ChargingSettings } from "../../wire/settings.ts";
import { isoOf } from "../../wire/units.ts";
import type { ReservationNotice } from "../../wire/reservation.ts";
import { Call, onEvent, Tell } from "../kit/mod.ts";
import type { UserEvent, UserState } from "./state.ts";

/** Other currencies come with tenants abroad; a wallet keeps the one it was opened in. */
const CURRENCY = "CNY";

export const react = onEvent<UserEvent, UserState, ChargingSettings>({
  UserRegistered: (_event, _state, { self }) => [
    Tell({ kind: "wallet", id: self.id }, "OpenWallet", { currency: CURRENCY }, { last: true }),
  ],
  ReservingSuspended: ({ until, noShows }, _state, { self, tenant, without }) => {
    if (without.has("noshow.suspension-shown")) return [];
    const code: ReservationNotice = "reservation.suspended";
    const facts = { until: isoOf(until), noShows };
    return [Call("notify", self.id, { tenant, userId: self.id, code, facts })];
  },
  DebtsCalledIn: ({ orderIds }) =>
    orderIds.map((id) => Tell({ kind: "order", id }, "CollectDue", {})),
});

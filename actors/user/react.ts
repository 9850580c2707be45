// A registered user gets a wallet; debts are called in after a recharge; all else is only answered.
import type { ChargingSettings } from "../../wire/settings.ts";
import { onEvent, Tell } from "../kit/mod.ts";
import type { UserEvent, UserState } from "./state.ts";

/** Other currencies come with tenants abroad; a wallet keeps the one it was opened in. */
const CURRENCY = "CNY";

export const react = onEvent<UserEvent, UserState, ChargingSettings>({
  UserRegistered: (_event, _state, { self }) => [
    Tell({ kind: "wallet", id: self.id }, "OpenWallet", { currency: CURRENCY }, { last: true }),
  ],
  DebtsCalledIn: ({ orderIds }) =>
    orderIds.map((id) => Tell({ kind: "order", id }, "CollectDue", {})),
});

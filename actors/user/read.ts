// What a user's actor shows: to the user, to ops, and to the platform itself.
import type { ChargingSettings } from "../../wire/settings.ts";
import { isoOf } from "../../wire/units.ts";
import type { UserView } from "../../wire/user.ts";
import { type Ctx, refuse, type Refused } from "../kit/mod.ts";
import { creditOf } from "./credit.ts";
import { overstaysAt, startsBarredUntil } from "./overstay.ts";
import { barredUntil, noShowsOf, openReservationsOf } from "./reserving.ts";
import type { Registered, UserState } from "./state.ts";

export function read(
  name: string,
  state: UserState,
  ctx: Ctx<ChargingSettings>,
): { body: unknown } | Refused {
  const stranger = ctx.principal.kind === "driver" && ctx.principal.id !== ctx.self.id;
  const outsider = ctx.principal.kind === "device" || ctx.principal.kind === "provider";
  if (state.status === "unknown" || stranger || outsider) {
    return refuse("user.unknown", { userId: ctx.self.id });
  }
  if (name === "show") return { body: viewOf(state, ctx) };
  return refuse("request.not-found", { read: name });
}

/** Bays kept too long, where there were any. */
function barOf(user: Registered, at: number, settings: ChargingSettings): Partial<UserView> {
  const until = startsBarredUntil(user, at);
  return {
    ...(user.overstays ? { overstays: overstaysAt(user, at, settings).length } : {}),
    ...(until === null ? {} : { startsBarredUntil: isoOf(until) }),
  };
}

function viewOf(user: Registered, { self, v, at, settings }: Ctx<ChargingSettings>): UserView {
  const barred = barredUntil(user, at);
  return {
    id: self.id,
    v,
    registeredAt: isoOf(user.registeredAt),
    agreementVersion: user.agreementVersion,
    blocked: user.status === "blocked",
    openOrders: user.openOrders,
    debts: user.debts,
    ...barOf(user, at, settings),
    bindings: user.bindings.map(({ id, by }) => ({ id, by })), // the contract number stays inside
    credit: creditOf(user, at, settings),
    openReservations: openReservationsOf(user),
    noShows: noShowsOf(user, { at, settings }),
    ...(barred === null ? {} : { reservingFrom: isoOf(barred) }),
  };
}

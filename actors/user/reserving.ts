// May this user reserve? One promise at a time, and not for a while after three no-shows (爽约).
import type { ChargingSettings } from "../../wire/settings.ts";
import { type Ctx, type Decision, nothing, refuse, replied } from "../kit/mod.ts";
import { isActor } from "../kit/who.ts";
import { barredFrom } from "./overstay.ts";
import {
  APPEALS_MAX,
  type Bound,
  CLOSED_RESERVATIONS_MAX,
  NO_SHOWS_MAX,
  type Registered,
  type Reserving,
  type ReservingEvent,
  type UserCommand,
  type UserEvent,
  type UserState,
} from "./state.ts";

type Of<T extends UserCommand["type"]> = Extract<UserCommand, { type: T }>;
type Decided = Decision<UserEvent, UserState>;
type UserCtx = Ctx<ChargingSettings>;

export const openReservationsOf = ({ reserving }: Registered): string[] => reserving?.open ?? [];

/** No-shows that still count. */
export function noShowsOf({ reserving }: Registered, { at, settings }: Lately): number {
  return (reserving?.noShows ?? []).filter((one) => one.at + settings.noShowSpanMs > at).length;
}
type Lately = Pick<UserCtx, "at" | "settings">;

/** Until when reserving is suspended; null: it is not. */
export function barredUntil({ reserving }: Registered, at: number): number | null {
  const until = reserving?.barredUntil ?? 0;
  return until > at ? until : null;
}

/** What a reservation tells of itself. */
export function aboutReservation(
  user: Registered,
  command: Of<"OpenReservation" | "LoosenReservation" | "CloseReservation" | "CountAppeal">,
  ctx: UserCtx,
): Decided {
  switch (command.type) {
    case "OpenReservation":
      return openReservation(user, command, ctx);
    case "LoosenReservation":
      return loosenReservation(user, command, ctx);
    case "CloseReservation":
      return closeReservation(user, command, ctx);
    case "CountAppeal":
      return countAppeal(user, command, ctx);
  }
}

function openReservation(
  user: Registered,
  { reservationId, promise }: Of<"OpenReservation">,
  ctx: UserCtx,
): Decided {
  if (!isActor(ctx.principal, "reservation", reservationId)) return refuse("auth.forbidden");
  const open = openReservationsOf(user);
  if (open.includes(reservationId)) return nothing;
  if (user.reserving?.closed.includes(reservationId)) {
    return refuse("reservation.over", { reservationId });
  }
  if (user.status === "blocked") return refuse("user.blocked", { since: user.since });
  const barred = barredFrom(user, ctx); // who may not start would only miss it
  if (barred) return barred;
  const [debt] = user.debts;
  if (debt) return refuse("user.debt-open", { orderId: debt.orderId, fen: debt.fen });
  const until = barredUntil(user, ctx.at);
  if (until !== null && !ctx.without.has("noshow.suspends")) {
    const { noShowsMax, noShowSpanMs } = ctx.settings;
    return refuse("reservation.suspended", { until, noShowsMax, noShowSpanMs });
  }
  if (open.length >= ctx.settings.reservationsPerUser) {
    return refuse("reservation.other-open", { reservationId: open[0] });
  }
  return [
    { type: "ReservationOpened", reservationId },
    ...(promise ? [{ type: "PromiseBound" as const, reservationId, ...promise }] : []),
  ];
}

/** The promise that is locked for them now, where they start at another connector than that. */
export function boundElsewhere(
  { reserving }: Registered,
  { at: there }: Of<"OpenOrder">,
  now: number,
): Bound | null {
  if (!there) return null;
  return reserving?.bound?.find(({ pileId, connector, lockFrom, until }) =>
    lockFrom <= now && now < until &&
    (pileId !== there.pileId || connector !== there.connector)
  ) ?? null;
}

function loosenReservation(
  { reserving }: Registered,
  { reservationId }: Of<"LoosenReservation">,
  ctx: UserCtx,
): Decided {
  if (!isActor(ctx.principal, "reservation", reservationId)) return refuse("auth.forbidden");
  const isBound = reserving?.bound?.some((one) => one.reservationId === reservationId);
  return isBound ? [{ type: "PromiseLoosened", reservationId }] : nothing;
}

/** It is over. The n-th no-show within the span suspends reserving; it is counted once. */
function closeReservation(
  user: Registered,
  { reservationId, outcome }: Of<"CloseReservation">,
  ctx: UserCtx,
): Decided {
  if (!isActor(ctx.principal, "reservation", reservationId)) return refuse("auth.forbidden");
  if (user.reserving?.closed.includes(reservationId)) return nothing;
  const closed: UserEvent = { type: "ReservationClosed", reservationId, outcome };
  if (outcome !== "no-show" || ctx.without.has("noshow.counted")) {
    return [{ ...closed, outcome: outcome === "no-show" ? "cancelled" : outcome }];
  }
  const { noShowsMax, reserveBarMs } = ctx.settings;
  const noShows = noShowsOf(user, ctx) + 1;
  if (noShows < noShowsMax) return [closed];
  return [closed, { type: "ReservingSuspended", until: ctx.at + reserveBarMs, noShows }];
}

function countAppeal(
  user: Registered,
  { reservationId }: Of<"CountAppeal">,
  ctx: UserCtx,
): Decided {
  if (!isActor(ctx.principal, "reservation", reservationId)) return refuse("auth.forbidden");
  const since = ctx.at - ctx.settings.noShowSpanMs;
  const lately = (user.reserving?.appeals ?? []).filter(({ at }) => at > since);
  const known = lately.findIndex((one) => one.reservationId === reservationId);
  if (known >= 0) return replied([], () => ({ n: known + 1 }));
  const n = lately.length + 1;
  return replied([{ type: "AppealCounted", reservationId }], () => ({ n }));
}

export function evolveReserving(state: Registered, event: ReservingEvent, at: number): Registered {
  const { reserving = { open: [], closed: [], noShows: [], appeals: [] } } = state;
  switch (event.type) {
    case "ReservationOpened":
      return {
        ...state,
        reserving: { ...reserving, open: [...reserving.open, event.reservationId] },
      };
    case "PromiseBound": {
      const { type: _type, ...promise } = event;
      return { ...state, reserving: { ...reserving, bound: [...reserving.bound ?? [], promise] } };
    }
    case "PromiseLoosened":
      return { ...state, reserving: loosened(reserving, event) };
    case "ReservationClosed": {
      const { reservationId, outcome } = event;
      const missed = outcome === "no-show" ? [{ reservationId, at }] : [];
      return {
        ...state,
        reserving: {
          ...loosened(reserving, event),
          open: reserving.open.filter((id) => id !== reservationId),
          closed: [...reserving.closed, reservationId].slice(-CLOSED_RESERVATIONS_MAX),
          noShows: [...reserving.noShows, ...missed].slice(-NO_SHOWS_MAX),
        },
      };
    }
    case "ReservingSuspended":
      return { ...state, reserving: { ...reserving, barredUntil: event.until } };
    case "AppealCounted": {
      const appeals = [...reserving.appeals, { reservationId: event.reservationId, at }];
      return { ...state, reserving: { ...reserving, appeals: appeals.slice(-APPEALS_MAX) } };
    }
  }
}

function loosened(reserving: Reserving, { reservationId }: { reservationId: string }): Reserving {
  const { bound: before = [], ...rest } = reserving;
  const bound = before.filter((one) => one.reservationId !== reservationId);
  return bound.length > 0 ? { ...rest, bound } : rest;
}

// What a driver's page asks about reservations, one function per route; shapes come from wire/http-reserve.ts.
import type * as z from "zod";
import type { startBody } from "../wire/http.ts";
import type * as wire from "../wire/http-reserve.ts";
import type { Api, Request } from "./api.ts";
import type { Tap } from "./taps.ts";

type Of<T extends z.ZodType> = z.infer<T>;
/** Asking, holding and keeping together may take 15 s before the answer. */
const KEEP_MS = 20_000;
const id = encodeURIComponent;

export function reserveCalls(api: Api) {
  const tapped = <T>(path: string, tap: Tap, body: unknown, more: Request = {}) =>
    api<T>("POST", path, { ...more, tap, body });
  const slow = { tryMs: KEEP_MS };
  return {
    reservationRules: (pileId: string) =>
      api<wire.ReservationRulesAnswer>("GET", `/piles/${id(pileId)}/reservation-rules`),
    reserve: (body: Of<typeof wire.reserveBody>, tap: Tap) =>
      tapped<wire.Reservation>("/reservations", tap, body, slow),
    reservation: (of: string) => api<wire.Reservation>("GET", `/reservations/${id(of)}`),
    cancelCost: (of: string) =>
      api<Of<typeof wire.cancelCostAnswer>>("GET", `/reservations/${id(of)}/cancel-cost`),
    cancelReservation: (of: string, costVersion: string, tap: Tap) =>
      tapped<wire.Reservation>(`/reservations/${id(of)}/cancel`, tap, { costVersion }),
    appealReservation: (of: string, text: string, tap: Tap) =>
      tapped<Of<typeof wire.appealAnswer>>(`/reservations/${id(of)}/appeal`, tap, { text }),
    startReserved: (of: string, body: Of<typeof startBody>, tap: Tap) =>
      tapped<wire.StartedAnswer>(`/reservations/${id(of)}/start`, tap, body, slow),
  };
}

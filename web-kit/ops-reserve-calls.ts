// What the console asks about reservations, one function per route; shapes come from wire/http-reserve.ts.
import type * as z from "zod";
import type { List } from "../wire/http.ts";
import type { reserveRuleBody } from "../wire/http-ops.ts";
import type * as wire from "../wire/http-reserve.ts";
import type { ReservationView } from "../wire/reservation.ts";
import type { ReserveDesk } from "../wire/user.ts";
import type { Api, Request } from "./api.ts";
import type { Tap } from "./taps.ts";

type Of<T extends z.ZodType> = z.infer<T>;
const id = encodeURIComponent;
const rulesAt = (stationId: string) => `/ops/stations/${id(stationId)}/reservation-rules`;

export function opsReserveCalls(api: Api) {
  return {
    reservations: (query: NonNullable<Request["query"]>) =>
      api<List<wire.ReservationRow>>("GET", "/ops/reservations", { query }),
    reservation: (of: string) => api<wire.Reservation>("GET", `/reservations/${id(of)}`),
    decideAppeal: (of: string, body: Of<typeof wire.appealDecisionBody>, tap: Tap) =>
      api<ReservationView>("POST", `/ops/reservations/${id(of)}/appeal`, { tap, body }),
    noShows: (query: NonNullable<Request["query"]>) =>
      api<wire.NoShowList>("GET", "/ops/no-shows", { query }),
    liftReservingBar: (userId: string, reason: string, tap: Tap) =>
      api<void>("POST", `/ops/users/${id(userId)}/reserving-bar-lift`, { tap, body: { reason } }),
    reserveDesk: (stationId: string) => api<ReserveDesk>("GET", rulesAt(stationId)),
    /** `revision`: of the desk that was looked at. */
    setReserveRule: (
      stationId: string,
      { revision, ...body }: Of<typeof reserveRuleBody> & { revision: number },
      tap: Tap,
    ) =>
      api<ReserveDesk>("PUT", rulesAt(stationId), {
        tap,
        body,
        headers: { "If-Match": `"${revision}"` },
      }),
  };
}

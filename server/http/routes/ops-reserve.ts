// Reservations as ops see them: of a pile, of a station; who missed theirs; and appeals that wait for a person.
import * as z from "zod";
import { pileId, reservationId, userId } from "../../../wire/ids.ts";
import {
  appealDecisionBody,
  liftBarBody,
  noShowList,
  opsReservationsQuery,
  reservationAnswer,
  reservationList,
  reservationsQuery,
} from "../../../wire/http-reserve.ts";
import { paging } from "../../../wire/http.ts";
import type { PileView } from "../../../wire/pile.ts";
import { isoOf } from "../../../wire/units.ts";
import { answered, no, ok } from "../answer.ts";
import { commanded, look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { type Route, route } from "../route.ts";
import { inScope, type Who } from "../who.ts";

const tag = "ops reservations";
const scopeOf = (who: Who) =>
  who.kind === "ops" && who.user.scope ? [...who.user.scope] : undefined;
const list = {
  tag,
  key: "exempt" as const,
  method: "GET" as const,
  query: reservationsQuery,
  answers: { 200: reservationList },
};

export function opsReserveRoutes(deps: HttpDeps): Route[] {
  const { client, views, clock } = deps;
  const listed = async (tenant: string, wanted: Parameters<typeof views.reservations>[1]) => {
    const page = await views.reservations(tenant, wanted);
    const lagMs = views.lagMs();
    return ok({ ...page, asOf: isoOf(clock.now() - lagMs), lagMs });
  };
  return [
    route({
      ...list,
      path: "/v1/ops/piles/{id}/reservations",
      summary: "Reservations of a pile, latest window first",
      params: z.strictObject({ id: pileId }),
      async handle(asked) {
        const { id } = asked.params;
        const pile = await look(client, asked, { to: { kind: "pile", id } });
        if (!pile.ok) return answered(pile, () => ({ status: 200 }));
        const { stationId } = pile.body as PileView;
        if (!inScope(asked.who, stationId)) return no("pile.unknown", { pileId: id });
        return await listed(asked.tenant, { pileId: id, ...asked.query });
      },
    }),
    route({
      ...list,
      path: "/v1/ops/reservations",
      summary: "Reservations of the stations in scope, latest window first; appeals as they stand",
      query: opsReservationsQuery,
      async handle({ who, tenant, query }) {
        const { stationId, ...wanted } = query;
        if (stationId && !inScope(who, stationId)) return no("station.unknown", { stationId });
        const stations = stationId ? [stationId] : scopeOf(who);
        return await listed(tenant, { ...wanted, ...(stations ? { stations } : {}) });
      },
    }),
    ...barRoutes(deps),
    route({
      tag,
      key: "needed",
      method: "POST",
      path: "/v1/ops/reservations/{id}/appeal",
      summary: "Decide an appeal that waits for a person: the deposit back, or what a cancel cost",
      params: z.strictObject({ id: reservationId }),
      body: appealDecisionBody,
      answers: { 200: reservationAnswer },
      handle(asked) {
        const to = { kind: "reservation", id: asked.params.id };
        const decide = { to, type: "DecideAppeal", body: asked.body };
        return commanded(client, asked, decide, (body) => ok(body));
      },
    }),
  ];
}

/** Who missed reservations, and the way back for whom that was not their fault. */
function barRoutes({ client, views, clock, noShowSpanMs }: HttpDeps): Route[] {
  return [
    route({
      tag,
      key: "exempt",
      method: "GET",
      path: "/v1/ops/no-shows",
      summary:
        "Drivers with no-shows that still count, newest first, and until when they are suspended",
      query: z.strictObject(paging),
      answers: { 200: noShowList },
      async handle({ who, tenant, query }) {
        const since = clock.now() - noShowSpanMs;
        const stations = scopeOf(who);
        const page = await views.noShows(tenant, {
          since,
          ...query,
          ...(stations ? { stations } : {}),
        });
        const now = isoOf(clock.now());
        const items = page.items.map(({ suspendedUntil, ...row }) => (
          suspendedUntil !== undefined && suspendedUntil > now ? { ...row, suspendedUntil } : row
        ));
        const lagMs = views.lagMs();
        return ok({
          ...page,
          items,
          spanMs: noShowSpanMs,
          asOf: isoOf(clock.now() - lagMs),
          lagMs,
        });
      },
    }),
    route({
      tag,
      key: "needed",
      method: "POST",
      path: "/v1/ops/users/{id}/reserving-bar-lift",
      summary: "Let a suspended driver reserve again; their no-shows still count",
      params: z.strictObject({ id: userId }),
      body: liftBarBody,
      answers: { 204: null },
      handle(asked) {
        const lift = { type: "LiftReservingBar", body: asked.body };
        const to = { kind: "user", id: asked.params.id };
        return commanded(client, asked, { to, ...lift }, () => ({ status: 204 }));
      },
    }),
  ];
}

// Reservations as ops see them: of a pile, of a station; and appeals that wait for a person.
import * as z from "zod";
import { pileId, reservationId, stationId } from "../../../wire/ids.ts";
import {
  appealDecisionBody,
  reservationAnswer,
  reservationList,
  reservationsQuery,
} from "../../../wire/http-reserve.ts";
import type { PileView } from "../../../wire/pile.ts";
import { isoOf } from "../../../wire/units.ts";
import { answered, no, ok } from "../answer.ts";
import { commanded, look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { type Route, route } from "../route.ts";
import { inScope } from "../who.ts";

const tag = "ops reservations";
const list = {
  tag,
  key: "exempt" as const,
  method: "GET" as const,
  query: reservationsQuery,
  answers: { 200: reservationList },
};

export function opsReserveRoutes({ client, views, clock }: HttpDeps): Route[] {
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
      path: "/v1/ops/stations/{id}/reservations",
      summary: "Reservations of a station, latest window first; no-shows by status",
      params: z.strictObject({ id: stationId }),
      async handle({ who, tenant, params, query }) {
        if (!inScope(who, params.id)) return no("station.unknown", { stationId: params.id });
        return await listed(tenant, { stations: [params.id], ...query });
      },
    }),
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

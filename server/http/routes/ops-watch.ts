// What ops look at: the wall, a pile's timeline, one actor's inside, incidents.
import * as z from "zod";
import { pileId } from "../../../wire/ids.ts";
import { linesQuery } from "../../../wire/http.ts";
import {
  incidentList,
  incidentsQuery,
  inspected,
  timeline,
  wall,
  type WallRow,
} from "../../../wire/http-ops.ts";
import type { PileView } from "../../../wire/pile.ts";
import { isoOf } from "../../../wire/units.ts";
import { answered, no, ok } from "../answer.ts";
import { look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { type Route, route } from "../route.ts";
import { scopedList } from "../scoped-list.ts";
import { inScope } from "../who.ts";

const base = { tag: "ops watch", key: "exempt" as const, method: "GET" as const };

export function opsWatchRoutes(deps: HttpDeps): Route[] {
  return [
    wallRoute(deps),
    timelineRoute(deps),
    actorRoute(deps),
    recordsRoute(deps),
    incidentsRoute(deps),
  ];
}

function wallRoute({ board, clock }: HttpDeps): Route {
  return route({
    ...base,
    path: "/v1/ops/wall",
    summary: "Every pile in one row, live from memory",
    answers: { 200: wall },
    handle({ tenant, who }) {
      const now = clock.now();
      const lagMs = board.lagMs();
      const rows = board.piles(tenant).filter(({ view }) => inScope(who, view.stationId))
        .map(({ view, status, powerW, touchedAt }): WallRow => [
          view.id,
          status,
          powerW,
          Math.max(0, now - touchedAt),
        ]);
      const stands = (id: string) => !board.pile(tenant, id)?.view.takenDown;
      const stations = board.stations(tenant).filter(({ id }) => inScope(who, id))
        .map(({ id, name, piles }) => ({ id, name, piles: piles.filter(stands) }));
      return ok({ asOf: isoOf(now - lagMs), lagMs, rows, stations });
    },
  });
}

function timelineRoute({ client, views, clock }: HttpDeps): Route {
  return route({
    ...base,
    path: "/v1/ops/piles/{id}/timeline",
    summary: "Everything that happened at a pile, newest first, from the archive",
    params: z.strictObject({ id: pileId }),
    query: linesQuery,
    answers: { 200: timeline },
    async handle(asked) {
      const { id } = asked.params;
      const shown = await look(client, asked, { to: { kind: "pile", id } });
      if (!shown.ok) return answered(shown, () => ({ status: 200 }));
      const { stationId } = shown.body as PileView;
      if (!inScope(asked.who, stationId)) return no("pile.unknown", { pileId: id });
      const page = await views.timeline(asked.tenant, "pile", id, asked.query);
      const lagMs = views.lagMs();
      return ok({ ...page, asOf: isoOf(clock.now() - lagMs), lagMs });
    },
  });
}

const actorName = z.string().regex(/^[a-z][a-z-]{0,31}$/);
export const actorParams = z.strictObject({
  kind: actorName,
  id: z.string().regex(/^[A-Za-z0-9_-]{1,80}$/),
});
function actorRoute({ client, isKind }: HttpDeps): Route {
  return route({
    ...base,
    path: "/v1/ops/actors/{kind}/{id}",
    summary: "Where an actor lives and what it is busy with; never its state",
    params: actorParams,
    answers: { 200: inspected },
    async handle(asked) {
      if (!isKind(asked.params.kind)) return no("request.not-found", { ...asked.params });
      const reply = await look(client, asked, { to: asked.params, name: "$inspect" });
      return answered(reply, (body) => ok(body));
    },
  });
}

function recordsRoute({ views, clock }: HttpDeps): Route {
  return route({
    ...base,
    path: "/v1/ops/actors/{kind}/{id}/timeline",
    summary:
      "What any actor recorded, newest first, from the archive; for who may see all stations",
    params: actorParams,
    query: linesQuery,
    answers: { 200: timeline },
    async handle({ who, tenant, params, query }) {
      if (who.kind !== "ops" || who.user.scope !== null) return no("auth.forbidden");
      const page = await views.timeline(tenant, params.kind, params.id, query);
      const lagMs = views.lagMs();
      return ok({ ...page, asOf: isoOf(clock.now() - lagMs), lagMs });
    },
  });
}

function incidentsRoute(deps: HttpDeps): Route {
  return route({
    ...base,
    path: "/v1/ops/incidents",
    summary: "Every exception that the platform handled, newest first",
    query: incidentsQuery,
    answers: { 200: incidentList },
    handle: (asked) => scopedList(deps, asked, deps.views.incidents),
  });
}

// Reservations (预约) of drivers: rules before the tap, the promise, its cancel and its start. No path here
// touches MongoDB but the list.
import * as z from "zod";
import { pileId, reservationId } from "../../../wire/ids.ts";
import { versionQuery } from "../../../wire/http.ts";
import {
  appealAnswer,
  appealBody,
  cancelBody,
  cancelCostAnswer,
  reservationAnswer,
  reservationList,
  reservationRulesAnswer,
  reservationsQuery,
  reserveBody,
  startedAnswer,
  startReservedBody,
} from "../../../wire/http-reserve.ts";
import type { ReservableView, ReservationView } from "../../../wire/reservation.ts";
import type { UserView } from "../../../wire/user.ts";
import { isoOf } from "../../../wire/units.ts";
import { alternativesTo } from "../alternatives.ts";
import { type Answer, answered, isNo, no, ok } from "../answer.ts";
import { commanded, look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { ownPhoto } from "../own-photo.ts";
import { type Route, route } from "../route.ts";
import { inScope } from "../who.ts";

const tag = "reservations";
const byId = z.strictObject({ id: reservationId });
const toReservation = (id: string) => ({ kind: "reservation", id });

export function reservationRoutes(deps: HttpDeps): Route[] {
  return [
    rulesRoute(deps),
    reserveRoute(deps),
    listRoute(deps),
    oneRoute(deps),
    costRoute(deps),
    cancelRoute(deps),
    startRoute(deps),
    appealRoute(deps),
  ];
}

function rulesRoute({ client, drills }: HttpDeps): Route {
  return route({
    tag,
    key: "exempt",
    method: "GET",
    path: "/v1/piles/{id}/reservation-rules",
    summary: "Rules and fees of a reservation, what is taken, and the driver's own standing",
    params: z.strictObject({ id: pileId }),
    answers: { 200: reservationRulesAnswer },
    async handle(asked) {
      const { id } = asked.params;
      const reply = await look(client, asked, {
        to: { kind: "pile", id },
        name: "reservation-rules",
      });
      const user = asked.who.kind === "driver"
        ? await look(client, asked, { to: { kind: "user", id: asked.principal.id } })
        : null;
      if (user && !user.ok) return answered(user, () => ({ status: 200 }));
      const { reservingFrom: until, noShows = 0 } = (user?.body ?? {}) as Partial<UserView>;
      const isMute = drills?.without(asked.principal.id).has("noshow.suspension-shown") ?? false;
      const suspended = until === undefined || isMute ? {} : { suspended: { until, noShows } };
      return answered(
        reply,
        (body, v) => ok({ pileId: id, v, ...body as ReservableView, ...suspended }),
      );
    },
  });
}

function reserveRoute(deps: HttpDeps): Route {
  return route({
    tag,
    key: "needed",
    method: "POST",
    path: "/v1/reservations",
    summary: "Reserve a connector: answered once the deposit is held and the pile keeps it",
    body: reserveBody,
    answers: { 202: reservationAnswer },
    async handle(asked) {
      const { tenant, principal, route, key, body } = asked;
      const id = deps.entityId("rsv", { tenant, principal, route, key });
      const { pay: _wallet, from, ...rest } = body;
      const answer = await commanded(deps.client, asked, {
        to: toReservation(id),
        type: "RequestReservation",
        body: { ...rest, from: Date.parse(from) },
      }, (shown) => ({
        status: 202,
        body: shown,
        headers: { Location: `/v1/reservations/${id}` },
      }));
      return elsewhere(deps, tenant, body.pileId, answer);
    },
  });
}

/** Whoever came too late, or finds the pile unfit, is told where else to go. */
function elsewhere({ board }: HttpDeps, tenant: string, pileId: string, answer: Answer): Answer {
  if (!isNo(answer)) return answer;
  const { code, facts } = answer.refusal;
  if (code !== "slot.taken" && !code.startsWith("pile.")) return answer;
  const alternatives = alternativesTo(board, tenant, pileId);
  return { ...answer, refusal: { code, facts: { ...facts, alternatives } } };
}

function listRoute({ views, clock }: HttpDeps): Route {
  return route({
    tag,
    key: "exempt",
    method: "GET",
    path: "/v1/reservations",
    summary: "The driver's reservations, latest window first",
    query: reservationsQuery,
    answers: { 200: reservationList },
    async handle({ tenant, principal, query }) {
      const page = await views.reservations(tenant, { userId: principal.id, ...query });
      const lagMs = views.lagMs();
      return ok({ ...page, asOf: isoOf(clock.now() - lagMs), lagMs });
    },
  });
}

function oneRoute({ client, board, drills }: HttpDeps): Route {
  return route({
    tag,
    key: "exempt",
    method: "GET",
    path: "/v1/reservations/{id}",
    summary: "One reservation; minV and waitV wait for what is to come",
    params: byId,
    query: versionQuery,
    answers: { 200: reservationAnswer },
    async handle(asked) {
      const { id } = asked.params;
      const reply = await look(client, asked, { to: toReservation(id) }, asked.query);
      if (reply.ok) {
        const { stationId, pileId, trouble } = reply.body as ReservationView;
        if (!inScope(asked.who, stationId)) {
          return no("reservation.unknown", { reservationId: id });
        }
        const isMute = drills?.without(asked.principal.id).has("reserve.trouble-told") ?? false;
        if (trouble !== undefined && !isMute) {
          const alternatives = alternativesTo(board, asked.tenant, pileId);
          return answered(reply, (body, v) => ok({ ...body as object, alternatives }, v));
        }
      }
      return answered(reply, (body, v) => ok(body, v));
    },
  });
}

function costRoute({ client }: HttpDeps): Route {
  return route({
    tag,
    key: "exempt",
    method: "GET",
    path: "/v1/reservations/{id}/cancel-cost",
    summary: "What a cancel costs now; its version is sent back with the cancel",
    params: byId,
    answers: { 200: cancelCostAnswer },
    async handle(asked) {
      const to = toReservation(asked.params.id);
      const reply = await look(client, asked, { to, name: "cancel-cost" });
      return answered(reply, (body, v) => ok(body, v));
    },
  });
}

function cancelRoute({ client }: HttpDeps): Route {
  return route({
    tag,
    key: "needed",
    method: "POST",
    path: "/v1/reservations/{id}/cancel",
    summary: "Cancel at the cost that was shown",
    params: byId,
    body: cancelBody,
    answers: { 200: reservationAnswer },
    handle(asked) {
      const to = toReservation(asked.params.id);
      const cancel = { to, type: "CancelReservation", body: asked.body };
      return commanded(client, asked, cancel, (body) => ok(body));
    },
  });
}

function startRoute(deps: HttpDeps): Route {
  return route({
    tag,
    key: "needed",
    method: "POST",
    path: "/v1/reservations/{id}/start",
    summary: "Start at the reserved pile: a new order, the deposit comes back with its hold",
    params: byId,
    body: startReservedBody,
    answers: { 202: startedAnswer },
    handle(asked) {
      const { tenant, principal, route, key } = asked;
      const { id } = asked.params;
      // one tap on one reservation: its order
      const orderId = deps.entityId("ord", { tenant, principal, route: `${route} ${id}`, key });
      const { limit = {}, ...rest } = asked.body;
      const start = {
        to: toReservation(id),
        type: "StartReserved",
        body: { ...rest, limit, orderId },
      };
      return commanded(deps.client, asked, start, (body) => ({
        status: 202,
        body,
        headers: { Location: `/v1/orders/${orderId}` },
      }));
    },
  });
}

function appealRoute(deps: HttpDeps): Route {
  return route({
    tag,
    key: "needed",
    method: "POST",
    path: "/v1/reservations/{id}/appeal",
    summary: "The pile cannot be reached: cancelled, a ticket, the deposit back or looked at first",
    params: byId,
    body: appealBody,
    answers: { 201: appealAnswer },
    async handle(asked) {
      const { photoId } = asked.body;
      const photo = photoId === undefined ? null : await ownPhoto(deps, asked, photoId);
      if (photo && isNo(photo)) return photo;
      const to = toReservation(asked.params.id);
      const appeal = { to, type: "AppealReservation", body: asked.body };
      return await commanded(deps.client, asked, appeal, (body) => ({ status: 201, body }));
    },
  });
}

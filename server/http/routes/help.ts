// One-tap help (一键求助): a ticket with the order attached, for its driver and for the console; and
// error reports of clients.
import * as z from "zod";
import {
  clientErrorBody,
  helpAnswer,
  helpBody,
  type Order,
  paging,
  ticketList,
  ticketsQuery,
  versionQuery,
} from "../../../wire/http.ts";
import { closeTicketBody, ticketId, ticketView } from "../../../wire/ticket.ts";
import type { PileView } from "../../../wire/pile.ts";
import { isoOf } from "../../../wire/units.ts";
import { type Answer, answered, no, ok } from "../answer.ts";
import { commanded, look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import type { Limits } from "../limits.ts";
import { type Asked, type Route, route } from "../route.ts";
import { scopedList } from "../scoped-list.ts";
import { isVisible } from "./orders.ts";

const base = { tag: "help" };
const byTicket = z.strictObject({ id: ticketId });
const ticketOf = (id: string) => ({ kind: "ticket", id });

export function helpRoutes(deps: HttpDeps, limits: Limits): Route[] {
  return [
    askRoute(deps),
    mineRoute(deps),
    oneRoute(deps),
    listRoute(deps),
    takeRoute(deps),
    closeRoute(deps),
    errorRoute(deps, limits),
  ];
}

type HelpAsked = Asked<unknown, unknown, z.infer<typeof helpBody>>;
interface About {
  orderId?: string;
  pileId?: string;
  stationId?: string;
}

function askRoute(deps: HttpDeps): Route {
  return route({
    ...base,
    key: "needed",
    method: "POST",
    path: "/v1/help",
    summary: "Ask for help; one ticket for one order, said again it rings again",
    body: helpBody,
    answers: { 201: helpAnswer },
    async handle(asked) {
      const found = await aboutOf(deps, asked);
      if (!("about" in found)) return found;
      const { tenant, principal, route, key, body } = asked;
      const isBare = deps.drills?.without(principal.id).has("help.ticket-with-order") ?? false;
      const about = isBare ? {} : found.about;
      // one ticket for one order: its id follows from the order's, which begins with its moment
      const matter = about.orderId === undefined ? key : about.orderId.slice("ord_".length);
      const id = deps.entityId("tkt", { tenant, principal, route, key: matter });
      const ask = { type: "AskHelp", body: { ...about, text: body.text ?? "" } };
      return await commanded(deps.client, asked, { to: ticketOf(id), ...ask }, (_body, v) => {
        deps.log.warn({ ticketId: id, ...about }, "help wanted");
        deps.metrics.count("help_tickets");
        return { status: 201, body: { ticketId: id, v } };
      });
    },
  });
}

/** The order that was named, and its pile; of a pile alone its station. */
async function aboutOf(deps: HttpDeps, asked: HelpAsked): Promise<{ about: About } | Answer> {
  const { orderId, pileId } = asked.body;
  if (orderId !== undefined) {
    const reply = await look(deps.client, asked, { to: { kind: "order", id: orderId } });
    if (!reply.ok) return answered(reply, () => ({ status: 201 }));
    const order = reply.body as Order;
    if (!isVisible(asked, order)) return no("order.unknown", { orderId });
    return { about: { orderId, pileId: order.pileId, stationId: order.stationId } };
  }
  if (pileId === undefined) return { about: {} };
  const known = deps.board.pile(asked.tenant, pileId)?.view;
  if (known) return { about: { pileId, stationId: known.stationId } };
  const reply = await look(deps.client, asked, { to: { kind: "pile", id: pileId } });
  if (!reply.ok) return answered(reply, () => ({ status: 201 }));
  return { about: { pileId, stationId: (reply.body as PileView).stationId } };
}

function mineRoute({ views, clock }: HttpDeps): Route {
  return route({
    ...base,
    key: "exempt",
    method: "GET",
    path: "/v1/help",
    summary: "The driver's requests for help, newest first",
    query: z.strictObject(paging),
    answers: { 200: ticketList },
    async handle({ tenant, principal, query }) {
      const page = await views.tickets(tenant, { userId: principal.id, ...query });
      const lagMs = views.lagMs();
      const items = page.items.map(({ takenBy: _opsUser, ...ticket }) => ticket);
      return ok({ ...page, items, asOf: isoOf(clock.now() - lagMs), lagMs });
    },
  });
}

function oneRoute({ client }: HttpDeps): Route {
  return route({
    ...base,
    key: "exempt",
    method: "GET",
    path: "/v1/help/{id}",
    summary: "One request for help and what became of it",
    params: byTicket,
    query: versionQuery,
    answers: { 200: ticketView },
    async handle(asked) {
      const to = ticketOf(asked.params.id);
      return answered(await look(client, asked, { to }, asked.query), (body, v) => ok(body, v));
    },
  });
}

function listRoute(deps: HttpDeps): Route {
  return route({
    tag: "ops help",
    key: "exempt",
    method: "GET",
    path: "/v1/ops/tickets",
    summary: "Requests for help by status, newest first",
    query: ticketsQuery,
    answers: { 200: ticketList },
    handle: (asked) => scopedList(deps, asked, deps.views.tickets),
  });
}

function takeRoute({ client }: HttpDeps): Route {
  return route({
    tag: "ops help",
    key: "needed",
    method: "POST",
    path: "/v1/ops/tickets/{id}/take",
    summary: "Look after a request for help; its driver is told",
    params: byTicket,
    body: z.strictObject({}),
    answers: { 204: null },
    handle: (asked) =>
      commanded(
        client,
        asked,
        { to: ticketOf(asked.params.id), type: "TakeTicket" },
        () => ({ status: 204 }),
      ),
  });
}

function closeRoute({ client }: HttpDeps): Route {
  return route({
    tag: "ops help",
    key: "needed",
    method: "POST",
    path: "/v1/ops/tickets/{id}/close",
    summary: "Close a request for help with a word to its driver",
    params: byTicket,
    body: closeTicketBody,
    answers: { 204: null },
    handle: (asked) =>
      commanded(
        client,
        asked,
        { to: ticketOf(asked.params.id), type: "CloseTicket", body: asked.body },
        () => ({ status: 204 }),
      ),
  });
}

function errorRoute({ metrics, log }: HttpDeps, limits: Limits): Route {
  return route({
    ...base,
    key: "exempt",
    method: "POST",
    path: "/v1/client-errors",
    summary: "Report a crash of a page",
    body: clientErrorBody,
    answers: { 202: null },
    async handle({ body, address, who }) {
      const refused = await limits.take("reports", address);
      if (refused) return refused;
      metrics.count("client_errors");
      log.warn({ ...body, by: who.kind }, "a client broke");
      return { status: 202 };
    },
  });
}

// Orders of drivers: start, look, stop, and what belongs to the end. No path here touches MongoDB but
// the list and the curve.
import * as z from "zod";
import { orderId } from "../../../wire/ids.ts";
import {
  active,
  billAnswer,
  curve,
  type Order,
  order,
  orderList,
  ordersQuery,
  receipt,
  startBody,
  versionQuery,
} from "../../../wire/http.ts";
import { isoOf } from "../../../wire/units.ts";
import type { OrderView } from "../../../wire/order.ts";
import type { UserView } from "../../../wire/user.ts";
import { type Answer, answered, type Good, no, ok } from "../answer.ts";
import { command, commanded, look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { type Asked, type Route, route } from "../route.ts";
import { inScope } from "../who.ts";

const params = z.strictObject({ id: orderId });
const OVER: ReadonlySet<string> = new Set([
  "declined",
  "start-failed",
  "bill-review",
  "awaiting-payment",
  "paid",
  "overdue",
]);

/** Whose order is it? Others' are as unknown as those that never were. */
export function isVisible({ who }: Asked, { userId, stationId }: Order): boolean {
  return who.kind === "driver" ? userId === who.userId : inScope(who, stationId);
}

/** Reads an order and, where the asker may see it, answers from it. */
export async function fromOrder(
  { client }: HttpDeps,
  asked: Asked<{ id: string }>,
  then: (order: Order) => Answer | Promise<Answer>,
  versions: z.infer<typeof versionQuery> = {},
): Promise<Answer> {
  const { id } = asked.params;
  const reply = await look(client, asked, { to: { kind: "order", id } }, versions);
  if (!reply.ok) return answered(reply, () => ({ status: 200 }));
  const shown = reply.body as Order;
  if (!isVisible(asked, shown)) return no("order.unknown", { orderId: id });
  const answer = await then(shown);
  return "status" in answer && !("text" in answer) ? { v: reply.v, ...answer } : answer;
}

export function orderRoutes(deps: HttpDeps): Route[] {
  const read = { tag: "orders", key: "exempt" as const, method: "GET" as const, params };
  return [
    startRoute(deps),
    stopRoute(deps),
    listRoute(deps),
    activeRoute(deps),
    route({
      ...read,
      path: "/v1/orders/{id}",
      summary: "One order; minV and waitV wait for what is to come",
      query: versionQuery,
      answers: { 200: order },
      handle: (asked) => fromOrder(deps, asked, (shown) => ok(shown), asked.query),
    }),
    route({
      ...read,
      path: "/v1/orders/{id}/bill",
      summary: "The bill with its lines, once there is one",
      answers: { 200: billAnswer },
      handle: (asked) =>
        fromOrder(
          deps,
          asked,
          ({ id, v, status, bill }) =>
            bill
              ? ok({ orderId: id, v, status, bill })
              : no("request.not-found", { what: "bill", status }),
        ),
    }),
    route({
      ...read,
      path: "/v1/orders/{id}/curve",
      summary: "Power, register and state of charge over time, as stored",
      answers: { 200: curve },
      handle: (asked) => fromOrder(deps, asked, (shown) => curveOf(deps, asked.tenant, shown)),
    }),
    route({
      ...read,
      path: "/v1/orders/{id}/receipt",
      summary: "The receipt, once it is paid",
      answers: { 200: receipt },
      handle: (asked) => fromOrder(deps, asked, receiptOf),
    }),
  ];
}

async function curveOf(deps: HttpDeps, tenant: string, shown: Order): Promise<Answer> {
  const { id: orderId, pileId, connector, startedAt, endedAt } = shown;
  const now = deps.clock.now();
  const asOf = isoOf(now);
  if (!startedAt) return ok({ orderId, items: [], asOf });
  const toAt = endedAt ? Date.parse(endedAt) : now;
  const charge = { pileId, connector, fromAt: Date.parse(startedAt), toAt };
  return ok({ orderId, items: await deps.views.curve(tenant, charge), asOf });
}

function receiptOf(shown: Order): Answer {
  const { id, v, paidAt, startedAt, endedAt, pileId, connector, stationId, pay, bill } = shown;
  if (shown.status !== "paid" || !paidAt || !bill) {
    return no("request.not-found", { what: "receipt", status: shown.status });
  }
  const place = { pileId, connector, stationId };
  return ok({ orderId: id, v, paidAt, startedAt, endedAt, ...place, by: pay.by, bill });
}

function startRoute(deps: HttpDeps): Route {
  return route({
    tag: "orders",
    key: "needed",
    method: "POST",
    path: "/v1/orders",
    summary: "Start a charge: answered once the order is durable as 启动中, before the pile hears",
    body: startBody,
    answers: { 202: order },
    handle(asked) {
      const { tenant, principal, route, key } = asked;
      const id = deps.entityId("ord", { tenant, principal, route, key });
      const { limit = {}, ...rest } = asked.body;
      const start = { to: { kind: "order", id }, type: "StartCharge", body: { ...rest, limit } };
      return commanded(deps.client, asked, start, (body) => ({
        status: 202,
        body,
        headers: { Location: `/v1/orders/${id}` },
      }));
    },
  });
}

/** Whatever state the order is in, a stop is welcome: 202 on its way, 200 where it is over. */
function stopRoute(deps: HttpDeps): Route {
  const stopped = (body: unknown): Good => ({
    status: OVER.has((body as Order).status) ? 200 : 202,
    body,
  });
  return route({
    tag: "orders",
    key: "timeless",
    unlimited: true,
    method: "POST",
    path: "/v1/orders/{id}/stop",
    summary: "Stop a charge; never refused for its state or its rate",
    params,
    answers: { 202: order, 200: order },
    async handle(asked) {
      const to = { kind: "order", id: asked.params.id };
      const reply = await command(deps.client, asked, { to, type: "StopCharge", class: "stop" });
      if (reply?.ok && isOrder(reply.body)) return answered(reply, stopped);
      if (reply === null) return no("outcome.unknown");
      if (!reply.ok && "fault" in reply) return { fault: reply.fault };
      const code = reply.ok ? null : reply.refusal.code;
      if (code === "auth.forbidden" && asked.who.kind === "ops") return no(code);
      // Nothing to stop (any more), or an answer without the order: what is now the case.
      return await fromOrder(deps, asked, stopped);
    },
  });
}
const isOrder = (body: unknown): boolean =>
  typeof body === "object" && body !== null && "status" in body && "id" in body;

function listRoute({ views, clock }: HttpDeps): Route {
  return route({
    tag: "orders",
    key: "exempt",
    method: "GET",
    path: "/v1/orders",
    summary: "Orders, newest first: a driver's own, for ops those of their stations",
    query: ordersQuery,
    answers: { 200: orderList },
    async handle({ who, tenant, query }) {
      const whose = who.kind === "driver"
        ? { userId: who.userId }
        : who.kind === "ops" && who.user.scope
        ? { stations: who.user.scope }
        : {};
      const page = await views.orders(tenant, { ...query, ...whose });
      const lagMs = views.lagMs();
      return ok({ ...page, asOf: isoOf(clock.now() - lagMs), lagMs });
    },
  });
}

function activeRoute({ client }: HttpDeps): Route {
  return route({
    tag: "orders",
    key: "exempt",
    method: "GET",
    path: "/v1/me/active",
    summary: "What runs now: everything a page needs to come back after a reload",
    answers: { 200: active },
    async handle(asked) {
      const user = await look(client, asked, { to: { kind: "user", id: asked.principal.id } });
      if (!user.ok) return answered(user, () => ({ status: 200 }));
      const { openOrders, openReservations } = user.body as UserView;
      const reads = openOrders.map((id) => look(client, asked, { to: { kind: "order", id } }));
      const orders: unknown[] = [];
      for (const reply of await Promise.all(reads)) {
        if ("fault" in reply) return { fault: reply.fault };
        // a declined one never ran: its user hears of its end a moment later
        if (reply.ok && (reply.body as OrderView).status !== "declined") orders.push(reply.body);
      }
      const asks = openReservations.map((id) =>
        look(client, asked, { to: { kind: "reservation", id } })
      );
      const reservations: unknown[] = [];
      for (const reply of await Promise.all(asks)) {
        if ("fault" in reply) return { fault: reply.fault };
        if (reply.ok) reservations.push(reply.body);
      }
      return ok({ orders, reservations }, user.v);
    },
  });
}

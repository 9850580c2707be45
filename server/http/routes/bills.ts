// What drivers do about a bill beside paying it: hold more while it runs, coupons, appeals.
import * as z from "zod";
import { orderId } from "../../../wire/ids.ts";
import { appealAnswer, appealBody, coupons, order, topUpBody } from "../../../wire/http.ts";
import { answered, ok } from "../answer.ts";
import { commanded, look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { type Route, route } from "../route.ts";

const params = z.strictObject({ id: orderId });

export const billRoutes = (
  deps: HttpDeps,
): Route[] => [topUpRoute(deps), couponsRoute(deps), appealRoute(deps)];

function topUpRoute({ client }: HttpDeps): Route {
  return route({
    tag: "payments",
    key: "needed",
    method: "POST",
    path: "/v1/orders/{id}/top-up",
    summary: "Hold more for a running charge, so that it goes on",
    params,
    body: topUpBody,
    answers: { 200: order },
    handle(asked) {
      const to = { kind: "order", id: asked.params.id };
      const topUp = { to, type: "TopUpHold", body: asked.body };
      return commanded(client, asked, topUp, (body) => ok(body));
    },
  });
}

function couponsRoute({ client }: HttpDeps): Route {
  return route({
    tag: "wallet",
    key: "exempt",
    method: "GET",
    path: "/v1/coupons",
    summary: "Coupons (优惠券): those that can be used first",
    answers: { 200: coupons },
    async handle(asked) {
      const to = { kind: "wallet", id: asked.principal.id };
      const reply = await look(client, asked, { to, name: "coupons" });
      return answered(reply, (body, v) => ok({ v, ...body as object }));
    },
  });
}

function appealRoute({ client }: HttpDeps): Route {
  return route({
    tag: "payments",
    key: "needed",
    method: "POST",
    path: "/v1/orders/{id}/appeals",
    summary: "Appeal against a bill: a person looks at it",
    params,
    body: appealBody,
    answers: { 201: appealAnswer },
    handle(asked) {
      const to = { kind: "order", id: asked.params.id };
      const appeal = { to, type: "AppealOrder", body: asked.body };
      return commanded(client, asked, appeal, (body) => ({ status: 201, body }));
    },
  });
}

// Bays after the charge: what a driver says of the fee, and what ops do there: warn, release, decide.
import * as z from "zod";
import { orderId, userId } from "../../../wire/ids.ts";
import { appealBody, order } from "../../../wire/http.ts";
import {
  bayReleaseBody,
  bayWarningBody,
  overstayDecisionBody,
  startBar,
  startBarBody,
} from "../../../wire/http-bays.ts";
import type { UserView } from "../../../wire/user.ts";
import { answered, ok } from "../answer.ts";
import { commanded, look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { type Asked, type Route, route } from "../route.ts";

const params = z.strictObject({ id: orderId });

export function bayRoutes(deps: HttpDeps): Route[] {
  const common = { tag: "bays", key: "needed" as const, method: "POST" as const, params };
  const said = (asked: Asked<{ id: string }>, type: string, body: Record<string, unknown>) => {
    const to = { kind: "order", id: asked.params.id };
    return commanded(deps.client, asked, { to, type, body }, (shown) => ok(shown));
  };
  return [
    route({
      ...common,
      path: "/v1/orders/{id}/overstay-appeals",
      summary: "Appeal against the fee for staying after the charge: a ticket",
      body: appealBody,
      answers: { 200: order },
      handle: (asked) => said(asked, "AppealOverstay", asked.body),
    }),
    route({
      ...common,
      path: "/v1/ops/orders/{id}/overstay-decision",
      summary: "Waive the fee for staying (given back where it was paid), or let it stand",
      body: overstayDecisionBody,
      answers: { 200: order },
      handle: (asked) => said(asked, "DecideOverstay", asked.body),
    }),
    route({
      ...common,
      path: "/v1/ops/orders/{id}/bay-warning",
      summary: "Tell the driver that gun and bay will be released, and what that risks",
      body: bayWarningBody,
      answers: { 200: order },
      handle: (asked) => said(asked, "WarnBay", asked.body),
    }),
    route({
      ...common,
      path: "/v1/ops/orders/{id}/bay-release",
      summary: "Unlock the gun (and shut the pile) after the driver was told; confirmed twice",
      body: bayReleaseBody,
      answers: { 200: order },
      handle: (asked) => said(asked, "ReleaseBay", asked.body),
    }),
    barRoute(deps),
    liftRoute(deps),
  ];
}

function barRoute({ client }: HttpDeps): Route {
  return route({
    tag: "bays",
    key: "exempt",
    method: "GET",
    path: "/v1/ops/users/{id}/start-bar",
    summary: "How often somebody overstayed lately, and until when they start nothing",
    params: z.strictObject({ id: userId }),
    answers: { 200: startBar },
    async handle(asked) {
      const shown = await look(client, asked, { to: { kind: "user", id: asked.params.id } });
      return answered(shown, (body) => ok(barOf(body as UserView)));
    },
  });
}
const barOf = ({ overstays, startsBarredUntil }: UserView): z.infer<typeof startBar> => ({
  ...(overstays === undefined ? {} : { overstays }),
  ...(startsBarredUntil === undefined ? {} : { startsBarredUntil }),
});

function liftRoute({ client }: HttpDeps): Route {
  return route({
    tag: "bays",
    key: "needed",
    method: "POST",
    path: "/v1/ops/users/{id}/start-bar-lift",
    summary: "Grant an appeal: whoever overstayed too often may start again",
    params: z.strictObject({ id: userId }),
    body: startBarBody,
    answers: { 204: null },
    handle: (asked) =>
      commanded(
        client,
        asked,
        { to: { kind: "user", id: asked.params.id }, type: "LiftStartBar", body: asked.body },
        () => ({ status: 204 }),
      ),
  });
}

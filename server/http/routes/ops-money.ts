// Money by hand of ops: coupons of campaigns, a user's credit, what the auditor found.
import * as z from "zod";
import { auditView } from "../../../wire/audit.ts";
import { campaignBody, campaignView, grantsBody } from "../../../wire/campaign.ts";
import { campaignId, userId } from "../../../wire/ids.ts";
import { listOf, paging } from "../../../wire/http.ts";
import { creditBody } from "../../../wire/http-ops.ts";
import { isoOf } from "../../../wire/units.ts";
import { userView } from "../../../wire/user.ts";
import { answered, ok } from "../answer.ts";
import { commanded, look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { type Route, route } from "../route.ts";

const byCampaign = z.strictObject({ id: campaignId });

export const opsMoneyRoutes = (deps: HttpDeps): Route[] => [
  campaignsRoute(deps),
  ...campaignRoutes(deps),
  creditRoute(deps),
  booksRoute(deps),
  auditRoute(deps),
];

function campaignsRoute({ clock, views }: HttpDeps): Route {
  return route({
    tag: "ops money",
    key: "exempt",
    method: "GET",
    path: "/v1/ops/campaigns",
    summary: "Campaigns, newest first",
    query: z.strictObject(paging),
    answers: { 200: listOf(campaignView) },
    async handle({ tenant, query }) {
      const page = await views.campaigns(tenant, query);
      const lagMs = views.lagMs();
      return ok({ ...page, asOf: isoOf(clock.now() - lagMs), lagMs });
    },
  });
}

function campaignRoutes({ client, entityId }: HttpDeps): Route[] {
  const base = { tag: "ops money" };
  return [
    route({
      ...base,
      key: "needed",
      method: "POST",
      path: "/v1/ops/campaigns",
      summary: "Open a campaign of coupons with its budget",
      body: campaignBody,
      answers: { 201: campaignView },
      handle(asked) {
        const { tenant, principal, route, key, body } = asked;
        const to = { kind: "campaign", id: entityId("cmp", { tenant, principal, route, key }) };
        return commanded(client, asked, { to, type: "OpenCampaign", body }, (body) => ({
          status: 201,
          body,
          headers: { Location: `/v1/ops/campaigns/${to.id}` },
        }));
      },
    }),
    route({
      ...base,
      key: "exempt",
      method: "GET",
      path: "/v1/ops/campaigns/{id}",
      summary: "A campaign: its terms, its budget and what it has granted",
      params: byCampaign,
      answers: { 200: campaignView },
      async handle(asked) {
        const to = { kind: "campaign", id: asked.params.id };
        return answered(await look(client, asked, { to }), (body) => ok(body));
      },
    }),
    route({
      ...base,
      key: "needed",
      method: "POST",
      path: "/v1/ops/campaigns/{id}/grants",
      summary: "One coupon for each of these users, within the budget",
      params: byCampaign,
      body: grantsBody,
      answers: { 200: campaignView },
      handle(asked) {
        const to = { kind: "campaign", id: asked.params.id };
        const grant = { to, type: "GrantCoupons", body: asked.body };
        return commanded(client, asked, grant, (body) => ok(body));
      },
    }),
  ];
}

function creditRoute({ client }: HttpDeps): Route {
  return route({
    tag: "ops money",
    key: "needed",
    method: "PUT",
    path: "/v1/ops/users/{id}/credit",
    summary:
      "A user's own credit limit (先充后补), in place of the rules; null: by the rules again",
    params: z.strictObject({ id: userId }),
    body: creditBody,
    answers: { 200: userView.pick({ id: true, v: true, credit: true, debts: true }) },
    async handle(asked) {
      const to = { kind: "user", id: asked.params.id };
      const set = { to, type: "SetCredit", body: asked.body };
      const done = await commanded(client, asked, set, () => ({ status: 200 }));
      if (!("status" in done)) return done;
      return answered(await look(client, asked, { to }), (body) => {
        const { id, v, credit, debts } = body as z.infer<typeof userView>;
        return ok({ id, v, credit, debts });
      });
    },
  });
}

function booksRoute({ client }: HttpDeps): Route {
  return route({
    tag: "ops money",
    key: "exempt",
    method: "GET",
    path: "/v1/ops/books",
    summary: "What the standing auditor finds wrong in the books, and how much it read",
    answers: { 200: auditView },
    async handle(asked) {
      const reply = await look(client, asked, { to: { kind: "auditor", id: "books" } });
      return answered(reply, (body) => ok(body));
    },
  });
}

function auditRoute({ askAudit }: HttpDeps): Route {
  return route({
    tag: "ops money",
    key: "exempt", // it only looks
    method: "POST",
    path: "/v1/ops/books/audit",
    summary: "The standing auditor looks now; `lookedAt` of the books tells when it has",
    answers: { 202: null },
    handle() {
      askAudit();
      return { status: 202 };
    },
  });
}

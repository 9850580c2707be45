// Reconciliation on demand, its runs and its cases: what differs between providers, bank and our book.
import * as z from "zod";
import { listOf } from "../../../wire/http.ts";
import {
  caseId,
  caseRow,
  casesQuery,
  day,
  reconcileBody,
  reconciliationId,
  reconciliationView,
  settleBody,
  source,
} from "../../../wire/reconcile.ts";
import { isoOf } from "../../../wire/units.ts";
import { type Answer, answered, no, ok } from "../answer.ts";
import { commanded, look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { type Route, route } from "../route.ts";

const base = { tag: "ops reconciliation" };

export const opsReconcileRoutes = (deps: HttpDeps): Route[] => [
  runRoute(deps),
  viewRoute(deps),
  casesRoute(deps),
  settleRoute(deps),
];

function runRoute({ reconcile }: HttpDeps): Route {
  return route({
    ...base,
    key: "needed",
    method: "POST",
    path: "/v1/ops/reconciliations",
    summary:
      "Compare a day, or one driver's payments of it, with the provider's bill; or a bank's file",
    body: reconcileBody,
    answers: { 200: reconciliationView },
    async handle({ body }): Promise<Answer> {
      if (body.source === "bank" && body.userId !== undefined) {
        return no("request.malformed", { field: "userId" }); // its lines are of nobody alone
      }
      const done = await reconcile(body);
      if (done.ok) return ok(done.view, done.view.v);
      switch (done.why) {
        case "unreadable":
          return no("request.malformed", { field: "file" });
        case "no-bill":
          return no("bill.not-made", { day: body.day, source: body.source });
        case "unavailable":
          return no("unavailable", { what: "payment provider" });
      }
    },
  });
}

function viewRoute({ client }: HttpDeps): Route {
  return route({
    ...base,
    key: "exempt",
    method: "GET",
    path: "/v1/ops/reconciliations/{source}/{day}",
    summary: "Runs and cases of one source and day",
    params: z.strictObject({ source, day }),
    answers: { 200: reconciliationView },
    async handle(asked) {
      const { source, day } = asked.params;
      const to = { kind: "reconciliation", id: reconciliationId(source, day) };
      return answered(await look(client, asked, { to }), (body) => ok(body));
    },
  });
}

function casesRoute({ views, clock }: HttpDeps): Route {
  return route({
    ...base,
    key: "exempt",
    method: "GET",
    path: "/v1/ops/cases",
    summary: "Differences of every day, newest first",
    query: casesQuery,
    answers: { 200: listOf(caseRow) },
    async handle({ tenant, query }) {
      const page = await views.cases(tenant, query);
      const lagMs = views.lagMs();
      return ok({ ...page, asOf: isoOf(clock.now() - lagMs), lagMs });
    },
  });
}

function settleRoute({ client }: HttpDeps): Route {
  return route({
    ...base,
    key: "needed",
    method: "POST",
    path: "/v1/ops/cases/{id}/settle",
    summary: "A case was looked into; the words stay with it",
    params: z.strictObject({ id: caseId }),
    body: settleBody,
    answers: { 200: reconciliationView },
    handle(asked) {
      const [id = "", n = ""] = asked.params.id.split(".");
      const body = { n: Number(n), reason: asked.body.reason };
      const settle = { to: { kind: "reconciliation", id }, type: "SettleCase", body };
      return commanded(client, asked, settle, (shown) => ok(shown));
    },
  });
}

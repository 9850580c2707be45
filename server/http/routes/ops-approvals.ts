// Adjustments of bills by hand, and the approvals they need above a limit: nobody approves their own, and
// rights are looked up again when the last vote comes.
import * as z from "zod";
import { type ApprovalView, decisionBody } from "../../../wire/approval.ts";
import { approvalId, orderId } from "../../../wire/ids.ts";
import { order } from "../../../wire/http.ts";
import {
  adjusted,
  adjustmentBody,
  appealDecisionBody,
  approvalList,
  approvalShown,
  approvalsQuery,
} from "../../../wire/http-ops.ts";
import { isoOf } from "../../../wire/units.ts";
import { answered, no, ok } from "../answer.ts";
import { commanded, look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { type Asked, type Route, route } from "../route.ts";
import { fromOrder } from "./orders.ts";

const base = { tag: "ops money" };
const byOrder = z.strictObject({ id: orderId });
const byApproval = z.strictObject({ id: approvalId });
const nameOf = ({ who }: Asked): string => who.kind === "ops" ? who.user.name : "";

export const opsApprovalRoutes = (deps: HttpDeps): Route[] => [
  adjustRoute(deps),
  appealRoute(deps),
  listRoute(deps),
  showRoute(deps),
  decisionRoute(deps),
];

function adjustRoute(deps: HttpDeps): Route {
  return route({
    ...base,
    key: "needed",
    method: "POST",
    path: "/v1/ops/orders/{id}/adjustments",
    summary: "Take an amount off a bill, or give it back; above the limit others must approve",
    params: byOrder,
    body: adjustmentBody,
    answers: { 202: adjusted },
    handle: (asked) =>
      fromOrder(deps, asked, ({ id }) => {
        const body = { ...asked.body, name: nameOf(asked) };
        const adjust = { to: { kind: "order", id }, type: "AdjustOrder", body };
        return commanded(deps.client, asked, adjust, (body) => ({ status: 202, body }));
      }),
  });
}

function appealRoute(deps: HttpDeps): Route {
  return route({
    ...base,
    key: "needed",
    method: "POST",
    path: "/v1/ops/orders/{id}/appeal-refusal",
    summary: "The bill stands: the open appeal is refused with a reason",
    params: byOrder,
    body: appealDecisionBody,
    answers: { 200: order },
    handle: (asked) =>
      fromOrder(deps, asked, ({ id }) => {
        const refuse = { to: { kind: "order", id }, type: "RefuseAppeal", body: asked.body };
        return commanded(deps.client, asked, refuse, (body) => ok(body));
      }),
  });
}

function listRoute({ views, clock }: HttpDeps): Route {
  return route({
    ...base,
    key: "exempt",
    method: "GET",
    path: "/v1/ops/approvals",
    summary: "Approvals, newest first",
    query: approvalsQuery,
    answers: { 200: approvalList },
    async handle({ tenant, query }) {
      const page = await views.approvals(tenant, query);
      const lagMs = views.lagMs();
      return ok({ ...page, asOf: isoOf(clock.now() - lagMs), lagMs });
    },
  });
}

function showRoute({ client }: HttpDeps): Route {
  return route({
    ...base,
    key: "exempt",
    method: "GET",
    path: "/v1/ops/approvals/{id}",
    summary: "One approval: exactly what will be done, and who has voted",
    params: byApproval,
    answers: { 200: approvalShown },
    async handle(asked) {
      const to = { kind: "approval", id: asked.params.id };
      return answered(await look(client, asked, { to }), (body) => ok(body));
    },
  });
}

function decisionRoute(deps: HttpDeps): Route {
  const { client } = deps;
  return route({
    ...base,
    key: "needed",
    method: "POST",
    path: "/v1/ops/approvals/{id}/decision",
    summary: "Approve or refuse exactly what is shown, by its hash",
    params: byApproval,
    body: decisionBody,
    answers: { 200: approvalShown },
    async handle(asked) {
      const to = { kind: "approval", id: asked.params.id };
      const shown = await look(client, asked, { to });
      if (!shown.ok) return answered(shown, () => ({ status: 200 }));
      const { requestedBy, votes } = shown.body as ApprovalView;
      const standing = await standingOf(deps, asked.tenant, [requestedBy, ...votes]);
      if (standing === null) return no("unavailable");
      const body = { ...asked.body, name: nameOf(asked), standing };
      const decide = { to, type: "DecideApproval", body };
      return commanded(client, asked, decide, (body) => ok(body));
    },
  });
}

/** What these people may do at this moment; who is gone or locked out may nothing. */
async function standingOf(
  { identity }: HttpDeps,
  tenant: string,
  people: readonly { opsId: string; name: string }[],
): Promise<{ opsId: string; roles: string[] }[] | null> {
  try {
    return await Promise.all(people.map(async ({ opsId, name }) => {
      const record = await identity.opsUsers.byName(name);
      const may = record && record.id === opsId && record.tenant === tenant && !record.isDisabled;
      return { opsId, roles: may ? [...record.roles] : [] };
    }));
  } catch {
    return null;
  }
}

// What ops do to a running charge: force a stop, emergency stop. The latter has no key, no limit.
import * as z from "zod";
import { orderId } from "../../../wire/ids.ts";
import { order } from "../../../wire/http.ts";
import { estopAnswer, estopBody, forceStopBody, reviewBody } from "../../../wire/http-ops.ts";
import type { PileView } from "../../../wire/pile.ts";
import type { StationView } from "../../../wire/user.ts";
import { type Answer, answered, no, ok } from "../answer.ts";
import { command, commanded, look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { type Asked, type Route, route } from "../route.ts";
import { inScope } from "../who.ts";
import { fromOrder } from "./orders.ts";

export function opsActionRoutes(deps: HttpDeps): Route[] {
  return [forceStopRoute(deps), reviewRoute(deps), estopRoute(deps)];
}

function forceStopRoute(deps: HttpDeps): Route {
  return route({
    tag: "ops actions",
    key: "timeless",
    unlimited: true,
    method: "POST",
    path: "/v1/ops/orders/{id}/force-stop",
    summary: "Stop somebody's charge, with a reason",
    params: z.strictObject({ id: orderId }),
    body: forceStopBody,
    answers: { 202: order },
    handle: (asked) =>
      fromOrder(deps, asked, async ({ id }) => {
        const to = { kind: "order", id };
        const { reason } = asked.body;
        const force = { to, type: "ForceStop", body: { reason }, class: "stop" as const };
        const reply = await command(deps.client, asked, force);
        if (reply?.ok) return await shownAs(deps, asked, reply.replay ?? false);
        return reply ? answered(reply, () => ({ status: 202 })) : no("outcome.unknown");
      }),
  });
}
function reviewRoute(deps: HttpDeps): Route {
  return route({
    tag: "ops actions",
    key: "needed",
    method: "POST",
    path: "/v1/ops/orders/{id}/review",
    summary: "Decide a bill under review (账单复核): charge it as it stands, or waive it",
    params: z.strictObject({ id: orderId }),
    body: reviewBody,
    answers: { 200: order },
    handle: (asked) =>
      fromOrder(deps, asked, ({ id }) =>
        commanded(deps.client, asked, {
          to: { kind: "order", id },
          type: "DecideReview",
          body: asked.body,
        }, (body) => ok(body))),
  });
}

async function shownAs(deps: HttpDeps, asked: Asked<{ id: string }>, replay: boolean) {
  return await fromOrder(deps, asked, (body) => ({ status: 202, body, replay }));
}

function estopRoute(deps: HttpDeps): Route {
  return route({
    tag: "ops actions",
    key: "exempt",
    unlimited: true,
    method: "POST",
    path: "/v1/ops/estop",
    summary: "Emergency stop of a pile or a whole station: every charge ends, no new one begins",
    body: estopBody,
    answers: { 200: estopAnswer },
    async handle(asked) {
      const { body, who } = asked;
      if ("stationId" in body) {
        const { stationId } = body;
        if (!inScope(who, stationId)) return no("station.unknown", { stationId });
        const piles = await pilesAt(deps, asked, stationId);
        return piles === null ? no("station.unknown", { stationId }) : stopAll(deps, asked, piles);
      }
      const { pileId } = body;
      const row = deps.board.pile(asked.tenant, pileId);
      if (row && !inScope(who, row.view.stationId)) return no("pile.unknown", { pileId });
      return await stopAll(deps, asked, [pileId]);
    },
  });
}

async function pilesAt(deps: HttpDeps, asked: Asked, id: string): Promise<string[] | null> {
  const reply = await look(deps.client, asked, { to: { kind: "station", id } });
  if (reply.ok) return (reply.body as StationView).piles;
  // The station does not answer: what the live rows know must do.
  return deps.board.station(asked.tenant, id)?.piles ?? null;
}

async function stopAll(deps: HttpDeps, asked: Asked, piles: string[]): Promise<Answer> {
  const { reason } = asked.body as { reason: string };
  const results = await Promise.all(piles.map((pileId) => stopPile(deps, asked, pileId, reason)));
  if (piles.length === 1 && results[0]!.outcome === "pile.unknown") {
    return no("pile.unknown", { pileId: piles[0] });
  }
  deps.log.warn({ piles, by: asked.principal.id, trace: asked.traceId }, "emergency stop");
  return ok({ piles: results });
}

/** Every order at the pile is stopped and the pile is taken out of service, whatever fails beside it. */
async function stopPile(deps: HttpDeps, asked: Asked, pileId: string, reason: string) {
  // Whoever sees the danger may end it: for this one act they have the operator's rights.
  const principal = { ...asked.principal, roles: [...asked.principal.roles ?? [], "operator"] };
  const urgent = { body: { reason }, class: "emergency" as const, principal };
  const to = { kind: "pile", id: pileId };
  const disabling = command(deps.client, asked, {
    to,
    type: "DisablePile",
    ...urgent,
    step: pileId,
  });
  const shown = await look(deps.client, asked, { to });
  const view = shown.ok ? shown.body as PileView : deps.board.pile(asked.tenant, pileId)?.view;
  const orders = view?.connectors.flatMap(({ orderId }) => orderId ? [orderId] : []) ?? [];
  const stops = await Promise.all(
    orders.map((id) =>
      command(deps.client, asked, {
        to: { kind: "order", id },
        type: "ForceStop",
        ...urgent,
        step: id,
      })
    ),
  );
  const disabled = await disabling;
  const failed = [...stops, disabled].find((reply) => !reply?.ok);
  return { pileId, orders, outcome: failed ? codeOf(failed) : "stopping" };
}
function codeOf(reply: Awaited<ReturnType<typeof command>>): string {
  if (reply === null || reply.ok) return "outcome.unknown";
  return "fault" in reply ? reply.fault.code : reply.refusal.code;
}

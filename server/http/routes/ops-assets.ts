// Stations and piles as ops make them: actor, code, keys. Every step may be done twice; none is taken
// back, so a request that broke half-way is finished by repeating it with its key.
import * as z from "zod";
import { pileId } from "../../../wire/ids.ts";
import {
  commandBody,
  pileBody,
  pileCreated,
  pileList,
  pilesQuery,
  secretBody,
  secretRotated,
  stationBody,
} from "../../../wire/http-ops.ts";
import { isoOf } from "../../../wire/units.ts";
import type { Reply } from "../../../wire/envelope.ts";
import type { PileView } from "../../../wire/pile.ts";
import { stationView } from "../../../wire/user.ts";
import { newPileKeys, storePileKeys } from "../../pile-keys.ts";
import { type Answer, answered, isNo, no, ok } from "../answer.ts";
import { command, commanded, look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { once } from "../once.ts";
import { claimCode } from "../pile-codes.ts";
import { type Asked, type Route, route } from "../route.ts";
import { moveByOps } from "./locks.ts";
import { keyFor, mac } from "../sign-in/secrets.ts";
import { inScope } from "../who.ts";

const byPile = z.strictObject({ id: pileId });

export function opsAssetRoutes(deps: HttpDeps): Route[] {
  return [stationRoute(deps), pileRoute(deps), listRoute(deps), secretRoute(deps), orders(deps)];
}

function stationRoute({ client, entityId }: HttpDeps): Route {
  return route({
    tag: "ops assets",
    key: "needed",
    method: "POST",
    path: "/v1/ops/stations",
    summary: "Open a station with its tariff",
    body: stationBody,
    answers: { 201: stationView },
    async handle(asked) {
      const { tenant, principal, route, key, body } = asked;
      if (!inScope(asked.who, undefined)) return no("auth.forbidden");
      const to = { kind: "station", id: entityId("stn", { tenant, principal, route, key }) };
      const made = await command(client, asked, { to, type: "OpenStation", body });
      if (made === null) return no("key.clock");
      if (!made.ok) return answered(made, () => ({ status: 201 }));
      const { replay } = made;
      const shown = await look(client, asked, { to });
      return answered(shown, (body) => ({
        status: 201,
        body,
        headers: { Location: `/v1/stations/${to.id}` },
        ...(replay ? { replay } : {}),
      }));
    },
  });
}

type PileAsked = Asked<unknown, unknown, z.infer<typeof pileBody>>;
const bad = (reply: Reply): Answer => answered(reply, () => ({ status: 200 }));

function pileRoute(deps: HttpDeps): Route {
  return route({
    tag: "ops assets",
    key: "needed",
    method: "POST",
    path: "/v1/ops/piles",
    summary: "Register a pile: its number for the QR code, its secret (shown this once)",
    body: pileBody,
    answers: { 201: pileCreated },
    handle: (asked) => registerPile(deps, asked),
  });
}

async function registerPile(deps: HttpDeps, asked: PileAsked): Promise<Answer> {
  const { client, directory, entityId } = deps;
  const { tenant, principal, route, key, body } = asked;
  const first = await once(directory, asked);
  if (isNo(first)) return first;
  const { stationId, connectors, lane, ratedPowerW } = body;
  const station = { kind: "station", id: stationId };
  const found = await look(client, asked, { to: station });
  if (!found.ok) return bad(found);
  if (!inScope(asked.who, stationId)) return no("station.unknown", { stationId });

  const id = body.id ?? entityId("pile", { tenant, principal, route, key });
  const to = { kind: "pile", id };
  const code = await claimCode(directory, tenant, id);
  const register = { stationId, code, lane, ratedPowerW, connectors };
  const made = await command(client, asked, { to, type: "RegisterPile", body: register });
  if (made === null) return no("key.clock");
  if (!made.ok) return bad(made);
  const keys = newPileKeys(lane, body.secret ?? secretOf(deps, asked));
  await storePileKeys(directory, { tenant, pileId: id }, keys);
  const add = { pileId: id, ratedPowerW };
  const added = await command(client, asked, {
    to: station,
    type: "AddPile",
    body: add,
    step: "station",
  });
  if (added === null || !added.ok) return added === null ? no("key.clock") : bad(added);
  const { secret } = keys;
  return {
    status: 201,
    body: { id, code, secret, platformKey: deps.platformKey, v: made.v },
    v: made.v,
    headers: { Location: `/v1/piles/${id}` },
    replay: first.replay,
  };
}

/** A secret that nobody chose comes from the request's key: a repeat is answered the same. */
const secretOf = ({ vaultKey }: HttpDeps, { commandId }: Asked): string =>
  mac(keyFor(Buffer.from(vaultKey, "base64"), "pile secret"), commandId).slice(0, 40);

function secretRoute(deps: HttpDeps): Route {
  const { client, directory } = deps;
  return route({
    tag: "ops assets",
    key: "needed",
    method: "POST",
    path: "/v1/ops/piles/{id}/secret",
    summary: "Rotate a pile's secret: the old one is worth nothing from now on",
    params: byPile,
    body: secretBody,
    answers: { 200: secretRotated },
    async handle(asked) {
      const { id } = asked.params;
      const first = await once(directory, asked);
      if (isNo(first)) return first;
      const shown = await look(client, asked, { to: { kind: "pile", id } });
      if (!shown.ok) return bad(shown);
      const { lane, stationId } = shown.body as PileView;
      if (!inScope(asked.who, stationId)) return no("pile.unknown", { pileId: id });
      const keys = newPileKeys(lane, asked.body.secret ?? secretOf(deps, asked));
      await storePileKeys(directory, { tenant: asked.tenant, pileId: id }, keys);
      const { secret } = keys;
      return {
        status: 200,
        body: { id, secret, platformKey: deps.platformKey },
        replay: first.replay,
      };
    },
  });
}

function listRoute({ views, clock }: HttpDeps): Route {
  return route({
    tag: "ops assets",
    key: "exempt",
    method: "GET",
    path: "/v1/ops/piles",
    summary: "Piles by station and status",
    query: pilesQuery,
    answers: { 200: pileList },
    async handle({ who, tenant, query }) {
      const { stationId, status, ...paging } = query;
      if (stationId && !inScope(who, stationId)) return no("station.unknown", { stationId });
      const scope = who.kind === "ops" ? who.user.scope : null;
      const stations = stationId ? [stationId] : scope ?? undefined;
      const wanted = { status, ...paging, ...(stations ? { stations } : {}) };
      const page = await views.piles(tenant, wanted);
      const lagMs = views.lagMs();
      return ok({ ...page, asOf: isoOf(clock.now() - lagMs), lagMs });
    },
  });
}

function orders({ client }: HttpDeps): Route {
  return route({
    tag: "ops assets",
    key: "needed",
    method: "POST",
    path: "/v1/ops/piles/{id}/commands",
    summary: "Take a pile out of service, or back into it; raise or lower the lock of a bay",
    params: byPile,
    body: commandBody,
    answers: { 202: null },
    async handle(asked) {
      const { kind, reason } = asked.body;
      const to = { kind: "pile", id: asked.params.id };
      const shown = await look(client, asked, { to });
      if (!shown.ok) return bad(shown);
      const view = shown.body as PileView;
      if (!inScope(asked.who, view.stationId)) return no("pile.unknown");
      if (kind === "lock-up") return await moveByOps({ client }, asked, view, "up");
      if (kind === "lock-down") return await moveByOps({ client }, asked, view, "down");
      const type = kind === "disable" ? "DisablePile" : "EnablePile";
      return await commanded(client, asked, { to, type, body: { reason } }, () => ({
        status: 202,
      }));
    },
  });
}

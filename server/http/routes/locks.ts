// Locks of bays (地锁, 道闸): made known and looked at by ops, moved by them with a reason, opened by a driver
// who stands in front of one, and the reports of their makers' platforms.
import * as z from "zod";
import { commandBody } from "../../../wire/http-ops.ts";
import { pileId } from "../../../wire/ids.ts";
import {
  fitLockBody,
  lockIdOf,
  lockList,
  lockPartner,
  type LockTo,
  lockView,
  lowerLockBody,
} from "../../../wire/lock.ts";
import type { PileView } from "../../../wire/pile.ts";
import { type Answer, answered, no, ok } from "../answer.ts";
import { command, commanded, look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { type Asked, type Route, route } from "../route.ts";
import { inScope } from "../who.ts";

const byPile = z.strictObject({ id: pileId });
const lockOf = (id: string, connector: number) => ({ kind: "lock", id: lockIdOf(id, connector) });
type ByPile = Asked<z.infer<typeof byPile>>;

export const lockRoutes = (deps: HttpDeps): Route[] => [
  fitRoute(deps),
  listRoute(deps),
  lowerRoute(deps),
  reportRoute(deps),
];

/** The pile, where it lies in the asker's scope. */
async function pileOf({ client }: HttpDeps, asked: ByPile): Promise<PileView | Answer> {
  const { id } = asked.params;
  const shown = await look(client, asked, { to: { kind: "pile", id } });
  if (!shown.ok) return answered(shown, () => ({ status: 200 }));
  const view = shown.body as PileView;
  return inScope(asked.who, view.stationId) ? view : no("pile.unknown", { pileId: id });
}
const isPile = (found: PileView | Answer): found is PileView => "connectors" in found;

function fitRoute(deps: HttpDeps): Route {
  return route({
    tag: "ops assets",
    key: "needed",
    method: "POST",
    path: "/v1/ops/piles/{id}/locks",
    summary: "Make the lock of a connector's bay known, or change its maker or its rule",
    params: byPile,
    body: fitLockBody,
    answers: { 201: lockView },
    async handle(asked) {
      const found = await pileOf(deps, asked);
      if (!isPile(found)) return found;
      const { connector, way } = asked.body;
      const { id: pile, stationId, lane } = found;
      if (!found.connectors.some(({ no }) => no === connector)) {
        return no("pile.connector-unknown", { connector });
      }
      if (way.by === "pile" && lane !== "native") return no("lock.not-ours", { lane });
      if (way.by === "partner" && !deps.lockPartners.includes(way.partner)) {
        return no("lock.partner-unknown", { partner: way.partner });
      }
      const to = lockOf(pile, connector);
      const body = { ...asked.body, pileId: pile, stationId };
      const made = await command(deps.client, asked, { to, type: "FitLock", body });
      if (made === null) return no("key.clock");
      return answered(made, (view) => ({ status: 201, body: view }));
    },
  });
}

function listRoute(deps: HttpDeps): Route {
  return route({
    tag: "ops assets",
    key: "exempt",
    method: "GET",
    path: "/v1/ops/piles/{id}/locks",
    summary: "The locks of a pile's bays: where each stands, why it does not obey, its last steps",
    params: byPile,
    answers: { 200: lockList },
    async handle(asked) {
      const found = await pileOf(deps, asked);
      if (!isPile(found)) return found;
      const shown = await Promise.all(
        found.connectors.filter(({ lock }) => lock !== undefined)
          .map(({ no }) => look(deps.client, asked, { to: lockOf(found.id, no) })),
      );
      return ok({ items: shown.flatMap((one) => one.ok ? [one.body] : []) });
    },
  });
}

type Commanded = Asked<z.infer<typeof byPile>, unknown, z.infer<typeof commandBody>>;
/** `lock-up`, `lock-down`: by the lock's own actor, which obeys ops whatever it thinks of itself. */
export async function moveByOps(
  { client }: Pick<HttpDeps, "client">,
  asked: Commanded,
  pile: PileView,
  to: LockTo,
): Promise<Answer> {
  const fitted = pile.connectors.filter(({ lock }) => lock !== undefined);
  const { connector = fitted[0]?.no, reason } = asked.body;
  if (connector === undefined || !fitted.some(({ no }) => no === connector)) {
    return no("lock.unknown", { pileId: pile.id });
  }
  const body = { to, causeId: asked.principal.id, reason };
  return await commanded(
    client,
    asked,
    { to: lockOf(pile.id, connector), type: "MoveLock", body },
    () => ({ status: 202 }),
  );
}

function lowerRoute({ client }: HttpDeps): Route {
  return route({
    tag: "stations",
    key: "needed",
    method: "POST",
    path: "/v1/piles/{id}/lower-lock",
    summary: "A driver in front of a closed bay opens it for a while, to plug in and start",
    params: byPile,
    body: lowerLockBody,
    answers: { 202: null },
    handle: (asked) =>
      commanded(client, asked, {
        to: { kind: "pile", id: asked.params.id },
        type: "LowerLock",
        body: asked.body,
      }, () => ({ status: 202 })),
  });
}

function reportRoute({ lockCallback }: HttpDeps): Route {
  return route({
    tag: "callbacks",
    key: "exempt",
    unlimited: true,
    rawBody: true,
    method: "POST",
    path: "/v1/callbacks/lock/{partner}",
    summary: "A lock maker's platform reports a lock; answered after the record",
    params: z.strictObject({ partner: lockPartner }),
    answers: { 200: z.strictObject({ code: z.string() }) },
    async handle({ tenant, params: { partner }, header, raw, trace }) {
      const target = `/v1/callbacks/lock/${partner}`;
      const request = { tenant, partner, target, header, body: raw, trace };
      const { status, body, contentType } = await lockCallback(request);
      return { status, text: body, contentType };
    },
  });
}

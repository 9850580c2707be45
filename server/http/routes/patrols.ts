// Bays that are kept or blocked: a driver reports one, ops patrol and show by a photo what they found.
// Photos come as base64 in JSON, are checked by their own bytes, and kept without their metadata.
import * as z from "zod";
import { pileId } from "../../../wire/ids.ts";
import {
  bayReportAnswer,
  bayReportBody,
  patrolDoneBody,
  patrolList,
  patrolsQuery,
} from "../../../wire/http-bays.ts";
import { patrolId } from "../../../wire/patrol.ts";
import { photoFacts, photoId, photoShown, uploadBody } from "../../../wire/photo.ts";
import type { PileView } from "../../../wire/pile.ts";
import { isoOf } from "../../../wire/units.ts";
import { pictureOf } from "../../photos/mod.ts";
import { type Answer, answered, isNo, no, ok } from "../answer.ts";
import { commanded, look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { once } from "../once.ts";
import { ownPhoto, senderOf } from "../own-photo.ts";
import { type Route, route } from "../route.ts";

const byPatrol = z.strictObject({ id: patrolId });
const tag = "patrol";
/** Base64 of the largest photo, and the JSON around it. */
const UPLOAD_BYTES_MAX = 4_100_000;

export function patrolRoutes(deps: HttpDeps): Route[] {
  return [
    uploadRoute(deps, "/v1/uploads"),
    uploadRoute(deps, "/v1/ops/uploads"),
    photoRoute(deps),
    reportRoute(deps),
    listRoute(deps),
    takeRoute(deps),
    doneRoute(deps),
  ];
}

function uploadRoute(deps: HttpDeps, path: string): Route {
  const { directory, entityId, photos } = deps;
  return route({
    tag,
    key: "needed",
    method: "POST",
    path,
    summary: "Send a photo (JPEG or PNG, 3 MB); only the picture itself is kept",
    body: uploadBody,
    bodyBytesMax: UPLOAD_BYTES_MAX,
    answers: { 201: photoFacts },
    async handle(asked) {
      const { tenant, principal, route, key, body } = asked;
      const first = await once(directory, asked);
      if (isNo(first)) return first;
      const picture = pictureOf(Buffer.from(body.data, "base64"));
      if (typeof picture === "string") return no(picture);
      const id = entityId("pho", { tenant, principal, route, key });
      const facts = await photos.put(tenant, id, senderOf(asked), picture);
      return { status: 201, body: facts, replay: first.replay };
    },
  });
}

function photoRoute({ photos }: HttpDeps): Route {
  return route({
    tag,
    key: "exempt",
    method: "GET",
    path: "/v1/ops/photos/{id}",
    summary: "A photo with its bytes as base64",
    params: z.strictObject({ id: photoId }),
    answers: { 200: photoShown },
    async handle({ tenant, params: { id } }) {
      const found = await photos.get(tenant, id);
      if (!found) return no("photo.unknown", { photoId: id });
      const { data, by: _sender, ...facts } = found;
      return ok({ ...facts, data: Buffer.from(data).toString("base64") });
    },
  });
}

function reportRoute(deps: HttpDeps): Route {
  return route({
    tag,
    key: "needed",
    method: "POST",
    path: "/v1/piles/{id}/bay-reports",
    summary: "Report a bay that somebody blocks: a patrol task",
    params: z.strictObject({ id: pileId }),
    body: bayReportBody,
    answers: { 201: bayReportAnswer },
    async handle(asked) {
      const { tenant, principal, route, key, params, body } = asked;
      const shown = await look(deps.client, asked, { to: { kind: "pile", id: params.id } });
      if (!shown.ok) return answered(shown, () => ({ status: 201 }));
      const photo = body.photoId === undefined ? null : await ownPhoto(deps, asked, body.photoId);
      if (photo && isNo(photo)) return photo;
      const id = deps.entityId("ptl", { tenant, principal, route, key });
      const { connector, text = "" } = body;
      return await commanded(deps.client, asked, {
        to: { kind: "patrol", id },
        type: "ReportBay",
        body: {
          pileId: params.id,
          stationId: (shown.body as PileView).stationId,
          ...(connector === undefined ? {} : { connector }),
          text,
          ...(photo ? { photo } : {}),
        },
      }, (_body, v) => ({ status: 201, body: { patrolId: id, v } }));
    },
  });
}

function listRoute({ views, clock }: HttpDeps): Route {
  return route({
    tag,
    key: "exempt",
    method: "GET",
    path: "/v1/ops/patrols",
    summary: "Patrol tasks by status, newest first",
    query: patrolsQuery,
    answers: { 200: patrolList },
    async handle({ who, tenant, query }) {
      const scope = who.kind === "ops" ? who.user.scope : null;
      const page = await views.patrols(tenant, {
        ...query,
        ...(scope ? { stations: [...scope] } : {}),
      });
      const lagMs = views.lagMs();
      return ok({ ...page, asOf: isoOf(clock.now() - lagMs), lagMs });
    },
  });
}

function takeRoute({ client }: HttpDeps): Route {
  return route({
    tag,
    key: "needed",
    method: "POST",
    path: "/v1/ops/patrols/{id}/take",
    summary: "Go and look at a bay",
    params: byPatrol,
    body: z.strictObject({}),
    answers: { 204: null },
    handle: (asked) =>
      commanded(
        client,
        asked,
        { to: { kind: "patrol", id: asked.params.id }, type: "TakePatrol" },
        () => ({ status: 204 }),
      ),
  });
}

function doneRoute(deps: HttpDeps): Route {
  return route({
    tag,
    key: "needed",
    method: "POST",
    path: "/v1/ops/patrols/{id}/done",
    summary: "Finish a patrol task with what was found and an own photo of it",
    params: byPatrol,
    body: patrolDoneBody,
    answers: { 204: null },
    async handle(asked): Promise<Answer> {
      const { photoId: id, ...body } = asked.body;
      const photo = await ownPhoto(deps, asked, id);
      if (isNo(photo)) return photo;
      const to = { kind: "patrol", id: asked.params.id };
      const done = { to, type: "FinishPatrol", body: { ...body, photo } };
      return await commanded(deps.client, asked, done, () => ({ status: 204 }));
    },
  });
}

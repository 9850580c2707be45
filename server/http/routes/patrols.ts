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
import { pictureOf } from "../../photos/mod.ts";
import { type Answer, answered, isNo, no, ok } from "../answer.ts";
import { commanded, look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import type { Limits } from "../limits.ts";
import { once } from "../once.ts";
import { ownPhoto, senderOf } from "../own-photo.ts";
import { type Route, route } from "../route.ts";
import { scopedList } from "../scoped-list.ts";

const byPatrol = z.strictObject({ id: patrolId });
const tag = "patrol";
/** Base64 of the largest photo, and the JSON around it. */
const UPLOAD_BYTES_MAX = 4_100_000;
/** A store that is full has room again when photos have left by their age, or ops gave it more. */
const FULL_MS = 3_600_000;

export function patrolRoutes(deps: HttpDeps, limits: Limits): Route[] {
  return [
    uploadRoute(deps, limits, { path: "/v1/uploads", limit: "uploads" }),
    uploadRoute(deps, limits, { path: "/v1/ops/uploads", limit: "opsUploads" }),
    photoRoute(deps),
    reportRoute(deps),
    listRoute(deps),
    takeRoute(deps),
    doneRoute(deps),
  ];
}

interface Way {
  path: string;
  limit: "uploads" | "opsUploads";
}
function uploadRoute(deps: HttpDeps, limits: Limits, { path, limit }: Way): Route {
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
      const id = entityId("pho", { tenant, principal, route, key });
      const known = first.replay ? await ownPhoto(deps, asked, id) : null;
      if (known && !isNo(known)) return { status: 201, body: known, replay: true };
      const tooMany = await limits.take(limit, `${tenant}/${senderOf(asked)}`);
      if (tooMany) return tooMany;
      const picture = pictureOf(Buffer.from(body.data, "base64"));
      if (typeof picture === "string") return no(picture);
      const facts = await photos.put(tenant, id, senderOf(asked), picture);
      if (facts === null) return no("overloaded", { photos: "full" }, FULL_MS);
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

function listRoute(deps: HttpDeps): Route {
  return route({
    tag,
    key: "exempt",
    method: "GET",
    path: "/v1/ops/patrols",
    summary: "Patrol tasks by status, newest first",
    query: patrolsQuery,
    answers: { 200: patrolList },
    handle: (asked) => scopedList(deps, asked, deps.views.patrols),
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

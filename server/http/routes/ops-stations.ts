// What is set for a station: its phone number, its rules of reservations; and the sheet of QR stickers for its
// piles.
import * as z from "zod";
import { stationId } from "../../../wire/ids.ts";
import { reserveRuleBody, stationPhoneBody, stickerSheet } from "../../../wire/http-ops.ts";
import {
  type ReserveDesk,
  reserveDesk,
  type StationView,
  stationView,
} from "../../../wire/user.ts";
import { answered, type Good, no, ok } from "../answer.ts";
import { command, commanded, look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { ifRevision } from "../match.ts";
import { type Route, route } from "../route.ts";
import { inScope } from "../who.ts";

const byStation = z.strictObject({ id: stationId });

export const opsStationRoutes = (deps: HttpDeps): Route[] => [
  phoneRoute(deps),
  ruleRoute(deps),
  setRuleRoute(deps),
  sheetRoute(deps),
];

function phoneRoute({ client }: HttpDeps): Route {
  return route({
    tag: "ops assets",
    key: "needed",
    method: "PUT",
    path: "/v1/ops/stations/{id}/phone",
    summary: "The number to call on site: shown by each pile's page, printed on its sticker",
    params: byStation,
    body: stationPhoneBody,
    answers: { 200: stationView },
    async handle(asked) {
      const { id } = asked.params;
      if (!inScope(asked.who, id)) return no("station.unknown", { stationId: id });
      const to = { kind: "station", id };
      const set = await command(client, asked, { to, type: "SetStationPhone", body: asked.body });
      if (set === null) return no("key.clock");
      if (!set.ok) return answered(set, () => ({ status: 200 }));
      return answered(await look(client, asked, { to }), (body, v) => ok(body, v));
    },
  });
}

const rules = {
  tag: "ops reservations",
  path: "/v1/ops/stations/{id}/reservation-rules",
  params: byStation,
  answers: { 200: reserveDesk },
} as const;
const withTag = (desk: unknown): Good => ({
  status: 200,
  body: desk,
  v: undefined,
  headers: { ETag: `"${(desk as ReserveDesk).revision}"` },
});

function ruleRoute({ client }: HttpDeps): Route {
  return route({
    ...rules,
    key: "exempt",
    method: "GET",
    summary: "Rules and fees of reservations at a station: its own, or the platform's",
    async handle(asked) {
      const { id } = asked.params;
      if (!inScope(asked.who, id)) return no("station.unknown", { stationId: id });
      const to = { kind: "station", id };
      return answered(await look(client, asked, { to, name: "reserve-rule" }), withTag);
    },
  });
}

function setRuleRoute({ client }: HttpDeps): Route {
  return route({
    ...rules,
    key: "needed",
    method: "PUT",
    summary:
      "Set a station's own rules, or none; If-Match is a must; what is reserved keeps its own",
    body: reserveRuleBody,
    async handle(asked) {
      const { id } = asked.params;
      if (!inScope(asked.who, id)) return no("station.unknown", { stationId: id });
      const revision = ifRevision(asked);
      if (revision === null) return no("request.match-missing");
      if (revision === undefined) return no("station.reserve-rule-changed");
      const body = { ...asked.body, ifRevision: revision };
      const to = { kind: "station", id };
      return await commanded(client, asked, { to, type: "SetReserveRule", body }, withTag);
    },
  });
}

function sheetRoute({ client, board, publicUrl, drills }: HttpDeps): Route {
  return route({
    tag: "ops assets",
    key: "exempt",
    method: "GET",
    path: "/v1/ops/stations/{id}/stickers",
    summary: "What the stickers of a station's piles hold",
    params: byStation,
    answers: { 200: stickerSheet },
    async handle(asked) {
      const { id } = asked.params;
      if (!inScope(asked.who, id)) return no("station.unknown", { stationId: id });
      const reply = await look(client, asked, { to: { kind: "station", id } });
      return answered(reply, (body, v) => {
        const { name, phone } = body as StationView;
        const piles = board.pilesOf(asked.tenant, id);
        const off = drills?.without(...piles.map(({ view }) => view.id));
        const stickers = piles
          .map(({ view }) => ({ pileId: view.id, code: view.code }))
          .toSorted((a, b) => a.pileId.localeCompare(b.pileId))
          .map((one) => ({ ...one, url: new URL(`/p/${one.code}`, publicUrl).href }));
        const printed = off?.has("help.station-phone") ? "" : phone;
        return ok({ station: { id, name, phone: printed }, stickers }, v);
      });
    },
  });
}

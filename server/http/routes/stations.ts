// What drivers look for: stations near, one station with its piles, the pile behind a code.
// Stations come from the live rows in memory, so that the list is there without MongoDB.
import * as z from "zod";
import { stationId } from "../../../wire/ids.ts";
import {
  resolved,
  resolveQuery,
  stationDetail,
  stationList,
  type StationRow,
  stationsQuery,
} from "../../../wire/http.ts";
import { isoOf } from "../../../wire/units.ts";
import type { StationView } from "../../../wire/user.ts";
import type { PileRow } from "../../views/mod.ts";
import { answered, no, ok } from "../answer.ts";
import { look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { distanceM } from "../geo.ts";
import { pageOf } from "../paging.ts";
import { minuteOfDay, periodAt } from "../local-time.ts";
import { publicPileOf } from "../../views/mod.ts";
import { readCode } from "../qr.ts";
import { type Route, route } from "../route.ts";
import { inScope } from "../who.ts";

const RADIUS_M = 5_000; // a drive of ten minutes in town
const isFree = ({ status }: { status: string }) => status === "free" || status === "plugged";
const usable = ({ view }: PileRow) => view.presence === "online" && !view.disabled;

export const stationRoutes = (deps: HttpDeps): Route[] => [
  listRoute(deps),
  detailRoute(deps),
  resolveRoute(deps),
];

function listRoute({ board, clock }: HttpDeps): Route {
  return route({
    tag: "stations",
    key: "exempt",
    method: "GET",
    path: "/v1/stations",
    summary: "Stations, nearest first where `near` is given",
    query: stationsQuery,
    answers: { 200: stationList },
    handle({ query, tenant, who }) {
      const now = clock.now();
      const radiusM = query.radiusM ?? RADIUS_M;
      const rows = board.stations(tenant)
        .filter(({ id }) => inScope(who, id))
        .map((station) => rowOf(station, board.pilesOf(tenant, station.id), now, query.near))
        .filter(({ connectors }) => connectors.total > 0) // nothing to drive to
        .filter(({ distanceM }) => distanceM === null || distanceM <= radiusM)
        .filter(({ connectors }) => query.free !== true || connectors.free > 0)
        .sort((a, b) => (a.distanceM ?? 0) - (b.distanceM ?? 0) || (a.id < b.id ? -1 : 1));
      const page = pageOf(rows, query);
      const lagMs = board.lagMs();
      return ok({ ...page, asOf: isoOf(now - lagMs), lagMs });
    },
  });
}

function detailRoute({ board, clock, client, drills }: HttpDeps): Route {
  return route({
    tag: "stations",
    key: "exempt",
    method: "GET",
    path: "/v1/stations/{id}",
    summary: "One station with its tariff and piles",
    params: z.strictObject({ id: stationId }),
    answers: { 200: stationDetail },
    async handle(asked) {
      const { id } = asked.params;
      const reply = await look(client, asked, { to: { kind: "station", id } });
      return answered(reply, (body) => {
        const { piles: _ids, ...station } = body as StationView;
        const lagMs = board.lagMs();
        const piles = board.pilesOf(asked.tenant, id).map(({ view }) => publicPileOf(view));
        const isMute = drills?.without(asked.principal.id).has("help.station-phone") ?? false;
        const phone = isMute ? "" : station.phone;
        return ok({ ...station, phone, piles, asOf: isoOf(clock.now() - lagMs), lagMs });
      });
    },
  });
}

function resolveRoute(deps: HttpDeps): Route {
  return route({
    tag: "stations",
    key: "exempt",
    method: "GET",
    path: "/v1/resolve",
    summary: "The pile behind a QR code or the number under it",
    query: resolveQuery,
    answers: { 200: resolved },
    async handle({ query, tenant }) {
      const code = readCode(query.code, deps.publicUrl);
      if (typeof code !== "string") return code;
      const bucket = await deps.directory.bucket<{ pileId: string }>("codes", { hot: true });
      const found = await bucket.get(`${tenant}/${code}`);
      return found ? ok({ pileId: found.value.pileId, code }) : no("qr.unknown", { code });
    },
  });
}

function rowOf(
  { piles: _ids, v: _v, tariff, ...place }: StationView,
  piles: PileRow[],
  now: number,
  near: { lat: number; lon: number } | undefined,
): StationRow {
  const connectors = piles.flatMap(({ view }) => view.connectors);
  const free = piles.filter(usable).flatMap(({ view }) => view.connectors).filter(isFree);
  const period = periodAt(tariff, minuteOfDay(now, tariff.zone));
  return {
    ...place,
    distanceM: near ? distanceM(near, place) : null,
    connectors: { total: connectors.length, free: free.length },
    powerWMax: connectors.reduce((max, { ratedPowerW }) => Math.max(max, ratedPowerW), 0),
    price: {
      kind: period.kind,
      energyMilliFenPerKwh: period.energyMilliFenPerKwh,
      serviceMilliFenPerKwh: period.serviceMilliFenPerKwh,
    },
    tariffVersion: tariff.version,
  };
}

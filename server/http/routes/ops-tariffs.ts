// Tariffs of a station from draft to force and back: POST draft, check, simulate, publish, roll back.
// The station decides; a simulation reads past charges and changes nothing.
import * as z from "zod";
import { billUnder } from "../../../actors/tariff/mod.ts";
import { stationId } from "../../../wire/ids.ts";
import type { Bill, Tariff } from "../../../wire/tariff.ts";
import {
  draftBody,
  publishBody,
  rollbackBody,
  simulateBody,
  type Simulated,
  simulated,
  tariffChecked,
  type TariffDesk,
  tariffDesk,
  tariffId,
} from "../../../wire/tariff-desk.ts";
import { isoOf } from "../../../wire/units.ts";
import type { PastCharge } from "../../views/mod.ts";
import { type Answer, answered, type Good, no, ok } from "../answer.ts";
import { commanded, look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { ifRevision } from "../match.ts";
import { type Asked, type Route, route } from "../route.ts";
import { inScope } from "../who.ts";

const CHARGES = 200;
const MOST = 5;
const byId = z.strictObject({ id: tariffId });
type Named = Asked<z.infer<typeof byId>>;

/** `stn_east1:tv_2` */
function named(id: string): { to: { kind: string; id: string }; version: string } {
  const [station = "", version = ""] = id.split(":");
  return { to: { kind: "station", id: station }, version };
}

export function opsTariffRoutes(deps: HttpDeps): Route[] {
  const head = { tag: "ops tariffs", params: byId };
  return [
    deskRoute(deps),
    draftRoute(deps),
    route({
      ...head,
      key: "needed",
      method: "DELETE",
      path: "/v1/ops/tariffs/{id}",
      summary: "Drop a draft",
      answers: { 200: tariffDesk },
      handle: (asked) => change(deps, asked, "DropTariffDraft", {}),
    }),
    route({
      ...head,
      key: "exempt", // it only looks
      method: "POST",
      path: "/v1/ops/tariffs/{id}/validate",
      summary: "What speaks against publishing a draft, and what a second look must confirm",
      answers: { 200: tariffChecked },
      handle: (asked) => validate(deps, asked),
    }),
    route({
      ...head,
      key: "exempt", // it only looks
      method: "POST",
      path: "/v1/ops/tariffs/{id}/simulate",
      summary: "The station's newest charges as the draft would bill them",
      body: simulateBody,
      answers: { 200: simulated },
      handle: (asked) => simulate(deps, asked, asked.body.charges ?? CHARGES),
    }),
    route({
      ...head,
      key: "needed",
      method: "POST",
      path: "/v1/ops/tariffs/{id}/publish",
      summary: "Put a draft in force; If-Match: the revision that was looked at",
      body: publishBody,
      answers: { 200: tariffDesk },
      handle: (asked) => change(deps, asked, "PublishTariff", asked.body),
    }),
    rollbackRoute(deps),
  ];
}

/** The tag is the revision, which piles that take the prices do not move as they do the version. */
const withTag = (desk: unknown, status: 200 | 201 = 200): Good => ({
  status,
  body: desk,
  v: undefined,
  headers: { ETag: `"${(desk as TariffDesk).revision}"` },
});

async function deskOf(deps: HttpDeps, asked: Asked, id: string): Promise<Answer> {
  if (!inScope(asked.who, id)) return no("station.unknown", { stationId: id });
  const shown = await look(deps.client, asked, { to: { kind: "station", id }, name: "tariffs" });
  return answered(shown, (desk) => withTag(desk));
}

function deskRoute(deps: HttpDeps): Route {
  return route({
    tag: "ops tariffs",
    key: "exempt",
    method: "GET",
    path: "/v1/ops/tariffs",
    summary: "A station's tariff in force, drafts and past ones",
    query: z.strictObject({ stationId }),
    answers: { 200: tariffDesk },
    handle: (asked) => deskOf(deps, asked, asked.query.stationId),
  });
}

function draftRoute(deps: HttpDeps): Route {
  return route({
    tag: "ops tariffs",
    key: "needed",
    method: "POST",
    path: "/v1/ops/tariffs",
    summary: "Keep a draft; the same version again replaces it",
    body: draftBody,
    answers: { 201: tariffDesk },
    async handle(asked) {
      const { stationId: id, tariff } = asked.body;
      if (!inScope(asked.who, id)) return no("station.unknown", { stationId: id });
      const draft = { to: { kind: "station", id }, type: "DraftTariff", body: { tariff } };
      const Location = `/v1/ops/tariffs/${id}:${tariff.version}`;
      return await commanded(deps.client, asked, draft, (desk) => {
        const answer = withTag(desk, 201);
        return { ...answer, headers: { ...answer.headers, Location } };
      });
    },
  });
}

async function change(
  deps: HttpDeps,
  asked: Named,
  type: string,
  more: Record<string, unknown>,
): Promise<Answer> {
  const { to, version } = named(asked.params.id);
  if (!inScope(asked.who, to.id)) return no("station.unknown", { stationId: to.id });
  const revision = ifRevision(asked);
  if (revision === undefined) return no("station.tariffs-changed");
  const match = revision === null || type === "DropTariffDraft" ? {} : { ifRevision: revision };
  const body = { version, ...more, ...match };
  return await commanded(deps.client, asked, { to, type, body }, (desk) => withTag(desk));
}

function rollbackRoute(deps: HttpDeps): Route {
  return route({
    tag: "ops tariffs",
    key: "needed",
    method: "POST",
    path: "/v1/ops/stations/{id}/tariffs/rollback",
    summary: "Bring the tariff before back into force; If-Match is a must",
    params: z.strictObject({ id: stationId }),
    body: rollbackBody,
    answers: { 200: tariffDesk },
    async handle(asked) {
      const { id } = asked.params;
      if (!inScope(asked.who, id)) return no("station.unknown", { stationId: id });
      const revision = ifRevision(asked);
      if (revision === null) return no("request.match-missing");
      if (revision === undefined) return no("station.tariffs-changed");
      const body = { ...asked.body, ifRevision: revision };
      const back = { to: { kind: "station", id }, type: "RollBackTariff", body };
      return await commanded(deps.client, asked, back, (desk) => withTag(desk));
    },
  });
}

async function validate(deps: HttpDeps, asked: Named): Promise<Answer> {
  const { to, version } = named(asked.params.id);
  if (!inScope(asked.who, to.id)) return no("station.unknown", { stationId: to.id });
  const reply = await look(deps.client, asked, { to, name: "check", query: { version } });
  return answered(reply, (body) => ({ status: 200, body }));
}

async function simulate(deps: HttpDeps, asked: Named, charges: number): Promise<Answer> {
  const { to, version } = named(asked.params.id);
  const shown = await deskOf(deps, asked, to.id);
  if (!("body" in shown)) return shown;
  const { drafts, inForce } = shown.body as TariffDesk;
  const all = [...drafts.map(({ tariff }) => tariff), inForce.tariff];
  const tariff = all.find((one) => one.version === version);
  if (!tariff) return no("station.draft-unknown", { version });
  const past = await deps.views.pastCharges(asked.tenant, to.id, charges);
  return ok(simulatedOf(to.id, tariff, past));
}

const whole = ({ energyFen, serviceFen }: Bill) => energyFen + serviceFen;
function sumOf(bills: readonly Bill[]) {
  const sum = { totalFen: 0, energyFen: 0, serviceFen: 0 };
  for (const bill of bills) {
    sum.totalFen += whole(bill); // before coupons: they are not the tariff's
    sum.energyFen += bill.energyFen;
    sum.serviceFen += bill.serviceFen;
  }
  return sum;
}

function simulatedOf(id: string, tariff: Tariff, past: readonly PastCharge[]): Simulated {
  const pairs = past.map((charge) => {
    const { orderId, segments, startRegisterWh, registerWh, endedAt, bill: before } = charge;
    const { startAt = segments[0]?.fromAt ?? endedAt, stopAt = endedAt } = before;
    const metered = { segments, startRegisterWh, stopRegisterWh: registerWh, startAt, stopAt };
    const after = billUnder(metered, tariff);
    return { orderId, endedAt, before, after, moved: whole(after) - whole(before) };
  });
  const times = pairs.map(({ endedAt }) => endedAt);
  const count = (test: (moved: number) => boolean) =>
    pairs.filter(({ moved }) => test(moved)).length;
  const most = [...pairs].sort((a, b) => Math.abs(b.moved) - Math.abs(a.moved)).slice(0, MOST);
  return {
    stationId: id,
    version: tariff.version,
    charges: pairs.length,
    fromAt: times.length > 0 ? isoOf(Math.min(...times)) : null,
    untilAt: times.length > 0 ? isoOf(Math.max(...times)) : null,
    before: sumOf(pairs.map(({ before }) => before)),
    after: sumOf(pairs.map(({ after }) => after)),
    dearer: count((moved) => moved > 0),
    cheaper: count((moved) => moved < 0),
    same: count((moved) => moved === 0),
    byKind: byKind(pairs.map(({ after }) => after)),
    most: most.map(({ orderId, before, after }) => (
      { orderId, beforeFen: whole(before), afterFen: whole(after) }
    )),
  };
}

function byKind(bills: readonly Bill[]): Simulated["byKind"] {
  return (["sharp", "peak", "flat", "valley"] as const).map((kind) => {
    const lines = bills.flatMap(({ lines }) =>
      lines.flatMap((line) => "wh" in line && line.kind === kind ? [line] : [])
    );
    const energy = lines.filter(({ purpose }) => purpose === "energy");
    return {
      kind,
      wh: energy.reduce((sum, { wh }) => sum + wh, 0),
      fen: lines.reduce((sum, { fen }) => sum + fen, 0),
    };
  });
}

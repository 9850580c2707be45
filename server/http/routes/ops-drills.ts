// The drill board (风险演练), in the demo alone: rows and their last runs, asking for a run, and what a
// runner outside reports. The run itself is an actor: its steps are facts in the room `drill:<run>`.
import * as z from "zod";
import {
  drillEndBody,
  drillId,
  type DrillList,
  drillList,
  drillMode,
  type DrillRow,
  drillRow,
  drillRows,
  drillRunAnswer,
  drillRunBody,
  drillStepsBody,
  type DrillView,
  drillView,
  type LastRun,
  nextDrill,
} from "../../../wire/drill.ts";
import { clauses, safeguardsOf } from "../../../wire/safeguards.ts";
import { isoOf } from "../../../wire/units.ts";
import { type Answer, answered, no, ok } from "../answer.ts";
import { commanded, look } from "../command.ts";
import type { DrillDoor, HttpDeps } from "../deps.ts";
import { type Asked, type Route, route } from "../route.ts";

const NEXT_MS = 20_000;
const base = { tag: "ops drills", key: "exempt" as const };
const params = z.strictObject({ id: drillId });
const words = ({ zh, en }: { zh: string; en: string }) => ({ zh, en });

/** The newest run of each row, and those that nobody has taken up. */
interface Noted {
  runId: string;
  row: DrillRow;
}
const lastRuns = ({ directory }: HttpDeps) => directory.bucket<Noted>("drill-last");
const waiting = ({ directory }: HttpDeps) => directory.bucket<Noted>("drill-waiting");

export const opsDrillRoutes = (deps: HttpDeps, door: DrillDoor): Route[] => [
  boardRoute(deps),
  runRoute(deps, door),
  shownRoute(deps),
  nextRoute(deps, door),
  stepsRoute(deps),
  endRoute(deps),
  modeRoute(door),
];

function boardRoute(deps: HttpDeps): Route {
  return route({
    ...base,
    method: "GET",
    path: "/v1/ops/drills",
    summary: "Every row with its clauses and its last run",
    answers: { 200: drillList },
    async handle(asked) {
      const entries = await (await lastRuns(deps)).entries(`${asked.tenant}/`);
      const ids = new Map(entries.map(({ value }) => [value.row, value.runId]));
      const items = Object.entries(drillRows).map(async ([row, said]) => ({
        row: row as DrillRow,
        words: words(said),
        clauses: safeguardsOf(row).map((safeguard) => ({
          safeguard,
          words: words(clauses[safeguard]),
        })),
        last: await lastOf(deps, asked, ids.get(row as DrillRow)),
      }));
      const body: DrillList = { items: await Promise.all(items), asOf: isoOf(deps.clock.now()) };
      return ok(body);
    },
  });
}

async function lastOf(deps: HttpDeps, asked: Asked, id: string | undefined) {
  if (id === undefined) return null;
  const reply = await look(deps.client, asked, { to: { kind: "drill", id } });
  if (!reply.ok) return null;
  const { status, without, requestedAt, endedAt } = reply.body as DrillView;
  return { id, status, without, requestedAt, endedAt } satisfies LastRun;
}

function runRoute(deps: HttpDeps, door: DrillDoor): Route {
  return route({
    tag: base.tag,
    key: "needed",
    method: "POST",
    path: "/v1/ops/drills/{row}/runs",
    summary: "Ask for a drill; its steps come in the room drill:<run>",
    params: z.strictObject({ row: drillRow }),
    body: drillRunBody,
    answers: { 202: drillRunAnswer },
    async handle(asked) {
      const { tenant, principal, route, key, params: { row } } = asked;
      const runId = deps.entityId("drl", { tenant, principal, route, key });
      const body = { row, without: asked.body.without ?? [] };
      const answer = await commanded(
        deps.client,
        asked,
        { to: { kind: "drill", id: runId }, type: "RequestDrill", body },
        () => ({ status: 202, body: { runId, room: `drill:${runId}` } }),
      );
      if ("status" in answer) {
        await (await lastRuns(deps)).put(`${tenant}/${row}`, { runId, row });
        if (!asked.header("x-drill-runner")) {
          await (await waiting(deps)).put(`${tenant}/${runId}`, { runId, row });
          door.sayRequested();
        }
      }
      return answer;
    },
  });
}

function shownRoute(deps: HttpDeps): Route {
  return route({
    ...base,
    method: "GET",
    path: "/v1/ops/drills/runs/{id}",
    summary: "One run with its steps and evidence",
    params,
    answers: { 200: drillView },
    async handle(asked) {
      const to = { kind: "drill", id: asked.params.id };
      return answered(await look(deps.client, asked, { to }), (body) => ok(body));
    },
  });
}

function nextRoute(deps: HttpDeps, door: DrillDoor): Route {
  return route({
    ...base,
    method: "POST",
    path: "/v1/ops/drills/next",
    summary: "A runner takes up the next run that was asked for; waits 20 s for one",
    answers: { 200: nextDrill },
    async handle(asked) {
      const take = () => takeUp(deps, asked);
      const asked1 = door.requested(NEXT_MS); // before the look: nothing is missed between
      const run = await take();
      if (run) return ok({ run });
      await asked1;
      return ok({ run: await take() });
    },
  });
}

/** Each is given to one runner: whoever deletes the note has it. */
async function takeUp(deps: HttpDeps, asked: Asked): Promise<DrillView | null> {
  const bucket = await waiting(deps);
  for (const { key, value } of await bucket.entries(`${asked.tenant}/`)) {
    await bucket.delete(key);
    const reply = await look(deps.client, asked, { to: { kind: "drill", id: value.runId } });
    if (reply.ok && (reply.body as DrillView).status === "requested") {
      return reply.body as DrillView;
    }
  }
  return null;
}

function stepsRoute(deps: HttpDeps): Route {
  return route({
    tag: base.tag,
    key: "needed",
    method: "POST",
    path: "/v1/ops/drills/runs/{id}/steps",
    summary: "What a runner did and saw",
    params,
    body: drillStepsBody,
    answers: { 204: null },
    handle: (asked) => toRun(deps, asked, "NoteSteps", asked.body),
  });
}

function endRoute(deps: HttpDeps): Route {
  return route({
    tag: base.tag,
    key: "needed",
    method: "POST",
    path: "/v1/ops/drills/runs/{id}/end",
    summary: "The outcome of a run, and the records that show it",
    params,
    body: drillEndBody,
    answers: { 204: null },
    handle: (asked) => toRun(deps, asked, "EndDrill", asked.body),
  });
}

function toRun(
  { client }: HttpDeps,
  asked: Asked<{ id: string }>,
  type: string,
  body: Record<string, unknown>,
): Promise<Answer> {
  const to = { kind: "drill", id: asked.params.id };
  return commanded(client, asked, { to, type, body }, () => ({ status: 204 }));
}

function modeRoute(door: DrillDoor): Route {
  return route({
    ...base,
    method: "PUT",
    path: "/v1/ops/drills/mode",
    summary: "Safeguards off and times shortened, for the piles and people of one run",
    body: drillMode,
    answers: { 204: null },
    handle: async ({ body }) => await door.setMode(body) ? { status: 204 } : no("drill.busy"),
  });
}

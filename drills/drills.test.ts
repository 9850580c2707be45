// Every drill on one platform of two nodes, as it stands, a few at a time (vitest.config.ts). The same
// drills run from the board and from `npm run drill`; what was seen red is kept in docs/drills.md.
import { afterAll, beforeAll, expect, test } from "vitest";
import { drillList, type DrillView, drillView } from "../wire/drill.ts";
import { drills } from "./all.ts";
import { auditedSince } from "./frame/audit.ts";
import { reportOf } from "./frame/live.ts";
import { type OwnPlatform, ownPlatform } from "./frame/own.ts";
import { runDrill } from "./frame/run.ts";
import { Stage } from "./frame/stage.ts";

let platform: OwnPlatform;
let stage: Stage;
beforeAll(async () => {
  platform = await ownPlatform();
  stage = await Stage.open(platform);
}, 120_000);
afterAll(async () => {
  stage?.close();
  await platform?.stop();
});

test("a run has its piles to itself, and the board shows steps as they come", async () => {
  const { api } = stage.ops;
  const mode = { runId: "drl_first", ids: ["D-1"], without: [], settings: {}, forMs: 5_000 };
  await api.ask("PUT", "/v1/ops/drills/mode", { body: mode });
  const second = api.ask("PUT", "/v1/ops/drills/mode", {
    body: { ...mode, runId: "drl_second" },
    tries: 1,
  });
  await expect(second).rejects.toMatchObject({ code: "drill.busy" });
  await api.ask("PUT", "/v1/ops/drills/mode", { body: { ...mode, forMs: 0 } });

  const next = api.ask<{ run: DrillView }>("POST", "/v1/ops/drills/next", { body: {} });
  const asked = await api.post<{ runId: string }>("/v1/ops/drills/2.7/runs", {});
  const { body: { run } } = await next;
  expect(run).toMatchObject({ id: asked.runId, row: "2.7", status: "requested" });
  const report = reportOf(stage.ops, run.id);
  const words = { zh: "告知车主", en: "The driver is told" };
  const step = { kind: "clause" as const, words, ok: true, said: "told", ms: 5 };
  await report.step(step);
  await report.end({
    row: "2.7",
    name: "",
    passed: true,
    steps: [],
    evidence: [],
    open: [],
    ms: 1,
  });
  const board = drillList.parse(await api.get("/v1/ops/drills"));
  expect(board.items.find(({ row }) => row === "2.7")?.last).toMatchObject({ status: "passed" });
  const shown = drillView.parse(await api.get(`/v1/ops/drills/runs/${run.id}`));
  expect(shown.steps).toEqual([step]);
});

// they wait much more than they work: a few at a time, those with most to do first
const longestFirst = drills.toSorted((a, b) => b.parts.length - a.parts.length);
test.concurrent.each(longestFirst)("drill $row", async (drill) => {
  const { steps, passed } = await runDrill(drill, stage.beside(), {
    runId: `drl_suite-${drill.row.replace(".", "-")}`,
  });
  const red = steps.filter(({ ok }) => !ok).map(({ words, said }) => `${words.en}: ${said}`);
  expect(red).toEqual([]);
  expect(passed).toBe(true);
}, 120_000);

test(
  "once they are over the auditor finds nothing: what a drill made wrong on purpose stays apart",
  async () => {
    const { count, differences, rows } = await auditedSince(stage, Date.now());
    expect(differences).toEqual([]);
    expect(count).toBe(0);
    expect(rows).toBeGreaterThan(0);
  },
  60_000,
);

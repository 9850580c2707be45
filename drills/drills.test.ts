// Every drill on one platform of two nodes, as it stands; the same drills run from the board and from
// `npm run drill`. What goes red without its safeguard is kept in docs/drills.md.
import { afterAll, beforeAll, expect, test } from "vitest";
import { drills } from "./all.ts";
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

test.each(drills)("drill $row", async (drill) => {
  const { steps, passed } = await runDrill(drill, stage, {
    runId: `drl_suite-${drill.row.replace(".", "-")}`,
  });
  const red = steps.filter(({ ok }) => !ok).map(({ words, said }) => `${words.en}: ${said}`);
  expect(red).toEqual([]);
  expect(passed).toBe(true);
}, 120_000);

// Every drill on one platform of two nodes, as it stands; the same drills run from the board and from
// `npm run drill`. What goes red without its safeguard is kept in docs/drills.md.
import { afterAll, beforeAll, expect, test } from "vitest";
import { accountOf } from "../test/kit/place.ts";
import { startWorld, type World } from "../test/kit/world.ts";
import { drills } from "./all.ts";
import { runDrill } from "./frame/run.ts";
import { Stage } from "./frame/stage.ts";

let world: World;
let stage: Stage;
beforeAll(async () => {
  world = await startWorld({ sync: "100ms" });
  const first = await world.startServer();
  const second = await world.startServer({ node: "node-2" });
  stage = await Stage.open({
    url: first.url,
    otherUrl: second.url,
    natsUrl: world.nats.url,
    account: await accountOf(`${world.dir}/node-1`, "admin"),
  });
}, 120_000);
afterAll(async () => {
  stage?.close();
  await world?.[Symbol.asyncDispose]();
});

test.each(drills)("drill $row", async (drill) => {
  const { steps, passed } = await runDrill(drill, stage, {
    runId: `drl_suite-${drill.row.replace(".", "-")}`,
  });
  const red = steps.filter(({ ok }) => !ok).map(({ words, said }) => `${words.en}: ${said}`);
  expect(red).toEqual([]);
  expect(passed).toBe(true);
}, 120_000);

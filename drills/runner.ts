// The runner of a live demo: takes up what is asked for on the drill board, plays it from outside as
// `npm run drill` does, and reports each step. A process of its own beside the platform (`npm start`).
// Environment: CHARGEWARD_URL, CHARGEWARD_DATA.
import { wordsOf } from "../sim/mod.ts";
import type { DrillView } from "../wire/drill.ts";
import { drills } from "./all.ts";
import { lifeOf, reportOf } from "./frame/live.ts";
import { runDrill } from "./frame/run.ts";
import { Stage } from "./frame/stage.ts";

const AGAIN_MS = 3_000;
const say = (words: string) => console.error(`drills: ${words}`);

async function play(stage: Stage, { id, row, without }: DrillView): Promise<void> {
  const report = reportOf(stage.ops, id);
  const drill = drills.find((one) => one.row === row);
  if (!drill) {
    await report.end({ row, name: row, passed: false, steps: [], evidence: [], open: [], ms: 0 });
    return;
  }
  say(`run ${id}: row ${row}`);
  const outcome = await runDrill(drill, stage, { runId: id, without, onStep: report.step });
  await report.end(outcome);
}

async function serve(): Promise<never> {
  const url = Deno.env.get("CHARGEWARD_URL") ?? "http://127.0.0.1:8080";
  const dataDir = Deno.env.get("CHARGEWARD_DATA") ?? ".data";
  for (;;) {
    try {
      const stage = await Stage.open(await lifeOf(url, dataDir));
      for (;;) {
        const ask = { body: {}, timeoutMs: 60_000 };
        const { body } = await stage.ops.api.ask<{ run: DrillView | null }>(
          "POST",
          "/v1/ops/drills/next",
          ask,
        );
        if (body.run) await play(stage, body.run);
      }
    } catch (error) {
      say(`not yet: ${wordsOf(error)}`);
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }
}

if (import.meta.main) await serve();

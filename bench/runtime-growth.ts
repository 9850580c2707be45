// One node, every write on disk: commands a second for so many actors and so many callers.
import { type Figure, type Run, spans } from "./figure.ts";
import { pause } from "./numbers.ts";
import { perSecond, type Times } from "./rounds.ts";
import { PAD } from "./runtime-counter.ts";
import type { RuntimeOptions } from "./runtime.ts";
import { openStage } from "./runtime-stage.ts";

const ACTORS = [1, 10, 100, 1_000, 10_000, 100_000];
const CALLERS = [1, 8, 64];
const SETTLE_MS = 15_000;

/** The actors are known to the journal; whom nobody asked yet comes from there at the first command. */
export async function growth({ seconds = 5 }: RuntimeOptions): Promise<Run> {
  await using stage = await openStage({ sync: "always" });
  const outside = await stage.crew("outside");
  await outside.ask("seed", { from: 0, to: ACTORS.at(-1), round: "grow", pad: PAD });
  await stage.node("a", { residents: ACTORS.at(-1)! * 2 });
  await pause(SETTLE_MS); // the waker looks at all of them first
  const figures: Figure[] = [];
  for (const actors of ACTORS) {
    for (const callers of CALLERS) {
      const times = await outside.ask<Times>("ask", {
        round: "grow",
        actors,
        callers,
        forMs: seconds * 1_000,
        pick: "random",
        by: "device",
      });
      const measure = `${actors} actors, ${callers} callers`;
      figures.push({
        area: "runtime",
        measure,
        value: Math.round(perSecond(times)),
        unit: "1/s",
      }, ...spans("runtime", measure, times.ms));
    }
  }
  return {
    figures,
    notes: [
      `growth: nats-server ${stage.nats.version} (sync always), one node, callers in a process of ` +
      `their own, actors picked at random, ${seconds} s a cell`,
    ],
  };
}

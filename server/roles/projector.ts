// Role `projector`: carries journal and readings into MongoDB, for as long as it takes.
import { createProjector, projectReadings } from "../store/mod.ts";
import { createRowsOf, ensureViewIndexes } from "../views/mod.ts";
import { viewOfState } from "./actors.ts";
import type { ProcessReport } from "../../wire/report.ts";
import type { Base } from "./base.ts";

const INDEX_RETRY_MS = 5_000;

export interface Projection {
  lagMs(): number;
  health(): NonNullable<ProcessReport["archive"]>;
  stop(): Promise<void>;
}

export function startProjector(base: Base): Projection {
  const { journal, nats: connection, mongo: { db }, clock, random, log, metrics } = base;
  const shared = { db, clock, random, log, metrics };
  const projector = createProjector({
    ...shared,
    journal,
    views: createRowsOf(viewOfState(base)),
  });
  projector.start();
  const stopReadings = projectReadings({ ...shared, connection });
  const indexes = makeIndexes(base);
  return {
    lagMs: () => projector.lag().ms,
    health: () => ({ ...projector.health(), streams: projector.lags() }),
    async stop() {
      indexes.stop();
      await Promise.all([projector.stop(), stopReadings()]);
    },
  };
}

/** Indexes of the views, as soon as MongoDB answers. */
function makeIndexes({ mongo: { db }, clock, log }: Base): { stop(): void } {
  let timer: { cancel(): void } | null = null;
  let stopped = false;
  const attempt = () => {
    ensureViewIndexes(db).catch((error) => {
      if (stopped) return;
      log.warn({ error: String(error) }, "indexes of the views are not made yet");
      timer = clock.after(INDEX_RETRY_MS, attempt);
    });
  };
  attempt();
  return {
    stop() {
      stopped = true;
      timer?.cancel();
    },
  };
}

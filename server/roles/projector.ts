// Role `projector`: carries journal and readings into MongoDB, for as long as it takes, and trims the
// journal behind what lies there.
import { defaultLimits } from "../runtime/mod.ts";
import {
  connectNats,
  createProjector,
  leftoversOf,
  projectReadings,
  purgeOf,
  sayArchived,
  Trimmer,
} from "../store/mod.ts";
import { createRowsOf, ensureViewIndexes } from "../views/mod.ts";
import { kinds, presentRecordOf, viewOfState } from "./actors.ts";
import { type Base, seedOf } from "./base.ts";
import type { ProcessReport } from "../../wire/report.ts";

const INDEX_RETRY_MS = 5_000;

export interface Projection {
  lagMs(): number;
  health(): NonNullable<ProcessReport["archive"]>;
  stop(): Promise<void>;
}

export async function startProjector(base: Base): Promise<Projection> {
  const { journal, network, nats: connection, mongo: { db }, clock, random, log, metrics } = base;
  const shared = { db, clock, random, log, metrics };
  const trimming = await startTrimmer(base, (key) => projector.blocked(key));
  const projector = createProjector({
    ...shared,
    journal,
    views: createRowsOf(viewOfState(base)),
    present: presentRecordOf,
    ended: (kind, state) => kinds.get(kind)?.ended?.(state) ?? false,
    say: (word) => sayArchived(network, word),
    archived: (address, seq) => trimming.trimmer.archived(address, seq),
    opened: (stream, upTo) => void trimming.leftovers(stream, upTo),
  });
  projector.start();
  const stopReadings = projectReadings({ ...shared, connection, purger: trimming.connection });
  const indexes = makeIndexes(base);
  return {
    lagMs: () => projector.lag().ms,
    health: () => ({ ...projector.health(), streams: projector.lags() }),
    async stop() {
      indexes.stop();
      await Promise.all([projector.stop(), stopReadings()]);
      await trimming.stop();
    },
  };
}

/** Trims by the maintenance user where its key is given, else by this process's own. */
async function startTrimmer(base: Base, blocked: (key: string) => boolean) {
  const { config, nats, mongo: { db }, clock, log, metrics } = base;
  const seed = seedOf(config.NATS_MAINTENANCE_NKEY);
  const own = seed === undefined ? null : await connectNats({
    url: config.NATS_URL,
    name: `trimmer ${config.CHARGEWARD_NODE}`,
    seed,
  });
  const connection = own ?? nats;
  const purge = purgeOf(connection);
  const trimmer = new Trimmer({ purge, db, clock, log, metrics, blocked, limits: defaultLimits });
  return {
    connection,
    trimmer,
    /** What earlier trimmers left of a stream that is archived up to a sequence. */
    async leftovers(stream: number, upTo: number): Promise<void> {
      try {
        for await (const { address, count, seq } of leftoversOf(connection, stream)) {
          if (seq <= upTo) trimmer.archived(address, seq, count - 1);
        }
      } catch (error) {
        log.warn({ error: String(error) }, "older records are trimmed at the next start");
      }
    },
    async stop() {
      trimmer.stop();
      await own?.close();
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

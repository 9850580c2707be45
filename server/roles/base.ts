// What every process has whatever its roles: connections to NATS and MongoDB, log, metrics, directory.
import { join } from "node:path";
import type { Registry } from "prom-client";
import type { Config } from "../config.ts";
import { DrillMode, followDrillMode } from "../drill-mode.ts";
import { createLog, createMetrics, realClock, watchProcess } from "../observe.ts";
import type { Bus, Clock, Directory, Log, Metrics, Tracer } from "../ports.ts";
import { newTrace, otelTracer } from "../trace.ts";
import { type Archive, type Journal, type Network, systemRandom } from "../runtime/mod.ts";
import {
  archivedMarks,
  connectMongo,
  connectNats,
  ensureStreams,
  followConnection,
  jetstreamJournal,
  journalArchive,
  type Mongo,
  natsBus,
  type NatsConnection,
  natsDirectory,
  natsNetwork,
  streamTails,
  TailGuard,
} from "../store/mod.ts";

export interface Base {
  config: Config;
  log: Log;
  metrics: Metrics;
  registry: Registry;
  /** Absent where nobody collects what it draws. */
  tracer: Tracer | undefined;
  newTrace(): string;
  clock: Clock;
  random: () => number;
  nats: NatsConnection;
  /** Whether the connection stands now. */
  natsIsUp(): boolean;
  /** Streams that lost records: read-only until they are restored. */
  streamsBehind(): string[];
  journal: Journal;
  archive: Archive;
  network: Network;
  directory: Directory;
  bus: Bus;
  mongo: Mongo;
  /** What a drill changes now; null outside the demo. */
  drills: DrillMode | null;
  close(): Promise<void>;
}

export const seedOf = (text: string | undefined): Uint8Array | undefined =>
  text === undefined ? undefined : new TextEncoder().encode(text);

function tracing(
  { OTEL_DENO, OTEL_TRACES_SAMPLER_ARG }: Config,
): Pick<Base, "tracer" | "newTrace"> {
  const isOn = OTEL_DENO === "true" || OTEL_DENO === "1";
  const share = isOn ? OTEL_TRACES_SAMPLER_ARG : 0;
  return {
    tracer: isOn ? otelTracer() : undefined,
    newTrace: () => newTrace(share, systemRandom),
  };
}

/** What comes back after a loss may be another disk: it is compared before anything is appended. */
function watchNats(nats: NatsConnection, guard: TailGuard, log: Log): () => boolean {
  return followConnection(nats, (isUp) => {
    if (isUp) {
      log.info({}, "NATS is back");
      void guard.look();
      return;
    }
    guard.hold();
    if (!nats.isDraining()) {
      log.error({}, "NATS is away: nothing can be changed until it is back");
    }
  });
}

function drillsOf(config: Config): DrillMode | null {
  if (config.CHARGEWARD_DEMO !== "on") return null;
  return new DrillMode(realClock, config.CHARGEWARD_SETTINGS, new Set(config.CHARGEWARD_WITHOUT));
}

/** Connects; the streams are there afterwards. Fails where NATS cannot be had. */
export async function connectBase(config: Config): Promise<Base> {
  const log = createLog(config.CHARGEWARD_LOG, config.CHARGEWARD_NODE, config.CHARGEWARD_TENANT);
  const { metrics, registry } = createMetrics();
  const nats = await connectNats({
    url: config.NATS_URL,
    name: `chargeward ${config.CHARGEWARD_NODE}`,
    seed: seedOf(config.NATS_NKEY),
  });
  await ensureStreams(nats);
  const mongo = connectMongo({ url: config.MONGODB_URL, name: config.CHARGEWARD_NODE });
  const guard = new TailGuard({
    journal: await jetstreamJournal(nats),
    tails: streamTails(nats),
    file: join(config.CHARGEWARD_DATA, `journal-marks-${config.CHARGEWARD_NODE}.json`),
    archived: () => archivedMarks(mongo.db),
    clock: realClock,
    log,
    metrics,
  });
  await guard.start();
  const natsIsUp = watchNats(nats, guard, log);
  const network = natsNetwork(nats);
  const archive = journalArchive(network, mongo.db);
  const unwatch = watchProcess(metrics, realClock);
  const bus = natsBus(nats);
  const drills = drillsOf(config);
  if (drills) followDrillMode(bus, drills);
  return {
    config,
    log,
    metrics,
    registry,
    ...tracing(config),
    clock: realClock,
    random: systemRandom,
    nats,
    natsIsUp,
    streamsBehind: () => guard.behind(),
    journal: guard.journal,
    archive,
    network,
    directory: natsDirectory(nats),
    bus,
    mongo,
    drills,
    async close() {
      unwatch();
      archive.stop();
      await guard.stop();
      await nats.drain().catch(() => {}); // a server that is gone has nothing left to drain
      await mongo.close();
    },
  };
}

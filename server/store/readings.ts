// Carries stored readings from the TELE stream into MongoDB: curve, evidence, bills over gaps.
import { createHash } from "node:crypto";
import { jetstream, jetstreamManager, type JsMsg } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Db } from "mongodb";
import { telemetryStream } from "../../wire/subjects.ts";
import type { Clock, Log, Metrics, Random, Stop } from "../runtime/mod.ts";
import {
  ensureIndexes,
  forgetPosition,
  insertNew,
  keepPositions,
  positionOf,
  READINGS,
} from "./archive.ts";
import { feedOf } from "./feed.ts";
import { follow } from "./jetstream-tail.ts";
import type { Reading } from "../ports.ts";

export interface ReadingsOptions {
  connection: NatsConnection;
  /** Of a user that may purge the stream. */
  purger: NatsConnection;
  db: Db;
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
  /** How often the stream is trimmed behind what is safe in the database. */
  trimMs?: number;
}

const MESSAGES_MAX = 20; // up to 1,000 readings each
const TRIM_MS = 60_000;

/** A reading is told by its fields: stored twice it is the same. */
function idOf(reading: Reading): string {
  return createHash("sha256").update(JSON.stringify(reading)).digest("base64url");
}

export function projectReadings(options: ReadingsOptions): Stop {
  const { connection, purger, db, clock, random, log, metrics, trimMs = TRIM_MS } = options;
  let stopFollowing: Stop | null = null;
  let trimmedAt = clock.tick();

  /** Beside the work. */
  function trim(seq: number) {
    if (clock.tick() - trimmedAt < trimMs) return;
    trimmedAt = clock.tick();
    jetstreamManager(purger, { checkAPI: false })
      .then((manager) => manager.streams.purge(telemetryStream, { seq: seq + 1 }))
      .catch((error) => log.warn({ error: String(error) }, "readings are not trimmed"));
  }

  const feed = feedOf<JsMsg>({
    name: "readings",
    clock,
    random,
    log,
    batchMax: MESSAGES_MAX,
    async take(messages) {
      const rows = messages.flatMap(readingsIn).map((one) => ({ _id: idOf(one), ...one }));
      await insertNew(db, READINGS, [...new Map(rows.map((row) => [row._id, row])).values()]);
      const { seq, info } = messages.at(-1)!;
      const storedAt = Math.floor(info.timestampNanos / 1e6);
      await keepPositions(db, new Map([[telemetryStream, { seq, storedAt }]]));
      metrics.gauge("readings_behind", info.pending + feed.waiting());
      trim(seq);
    },
  });
  function readingsIn(message: JsMsg): Reading[] {
    try {
      return message.json<Reading[]>();
    } catch {
      log.error({ seq: message.seq }, "readings are not JSON, left out");
      return [];
    }
  }

  const opening = feedOf<null>({
    name: "readings start",
    clock,
    random,
    log,
    async take() {
      await ensureIndexes(db);
      const seq = await startOf(options);
      const what = { stream: telemetryStream, start: { from: "seq", seq } as const };
      const put = (message: JsMsg) => feed.put(message);
      stopFollowing = (await follow(jetstream(connection), what, put)).stop;
    },
  });
  void opening.put(null);

  return async () => {
    await opening.stop();
    await feed.stop();
    await stopFollowing?.();
  };
}

/**
 * Behind what the database holds; from the start where the stream is an older copy or a new one, since
 * its sequences mean other readings. Those that are there already stay as they are.
 */
async function startOf({ connection, db, log }: ReadingsOptions): Promise<number> {
  const { seq, storedAt } = await positionOf(db, telemetryStream);
  if (seq === 0) return 1;
  const { streams } = await jetstreamManager(connection, { checkAPI: false });
  const { state } = await streams.info(telemetryStream);
  const isTrimmed = seq < state.first_seq && seq <= state.last_seq;
  const there = isTrimmed || seq > state.last_seq
    ? null
    : await streams.getMessage(telemetryStream, { seq });
  if (isTrimmed || there?.time.getTime() === storedAt) return seq + 1;
  log.warn({ seq, end: state.last_seq }, "readings are carried once more: their stream lost some");
  await forgetPosition(db, telemetryStream);
  return 1;
}

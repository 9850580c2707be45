// Readings that arrive within a few milliseconds go into one message of the TELE stream; whoever
// brought them hears of it when that message is stored. One flush carries hundreds of readings.
import { telemetrySubject } from "../../wire/subjects.ts";
import type { Clock, Metrics, Reading, TeleWriter } from "../ports.ts";

/** Stores one batch; resolves when it is on disk. */
export type StoreBatch = (subject: string, bytes: Uint8Array) => Promise<void>;

export interface TeleWriterOptions {
  gatewayId: string;
  store: StoreBatch;
  clock: Clock;
  metrics: Metrics;
  /** How long a batch is collected. */
  collectMs?: number;
  batchMax?: number;
}

const COLLECT_MS = 5; // within the 5-10 ms that an answer may wait
const BATCH_MAX = 1_000; // about 200 KB, below the server's payload limit
/** As many are worth a flush of their own: where none is under way they wait no longer than this. */
const BATCH_WORTH = 32;
const WORTH_MS = 1;
const WAITING_MAX = 50_000; // readings in memory; then the caller is told and the pile sends again

/** The journal of readings is behind: try again later. */
export class TelemetryOverloaded extends Error {
  override readonly name = "TelemetryOverloaded";
}

interface Batch {
  readings: Reading[];
  stored: Promise<void>;
  /** Enough to be stored as soon as the disk has nothing else to do. */
  hurry(): void;
  close(): void;
}

const encoder = new TextEncoder();

export function teleWriter(options: TeleWriterOptions): TeleWriter {
  const { gatewayId, store, clock, metrics, collectMs = COLLECT_MS, batchMax = BATCH_MAX } =
    options;
  const open = new Map<string, Batch>();
  let flushes = 0;
  let waiting = 0;

  async function flush(tenant: string, readings: Reading[]): Promise<void> {
    const begun = clock.tick();
    flushes += 1;
    try {
      await store(telemetrySubject(tenant, gatewayId), encoder.encode(JSON.stringify(readings)));
    } finally {
      flushes -= 1;
      waiting -= readings.length;
      const next = open.get(tenant);
      if (next !== undefined && next.readings.length >= BATCH_WORTH) next.close();
      metrics.observe("telemetry_store_ms", clock.tick() - begun);
      metrics.count("telemetry_readings", {}, readings.length);
    }
  }
  function begin(tenant: string): Batch {
    const readings: Reading[] = [];
    let close = () => {};
    const closed = new Promise<void>((done) => close = done);
    let timer = clock.after(collectMs, () => batch.close());
    const batch: Batch = {
      readings,
      stored: closed.then(() => flush(tenant, readings)),
      hurry() {
        timer.cancel();
        timer = clock.after(WORTH_MS, () => batch.close());
      },
      close() {
        timer.cancel();
        if (open.get(tenant) === batch) open.delete(tenant);
        close();
      },
    };
    open.set(tenant, batch);
    return batch;
  }
  return {
    async append(readings) {
      if (waiting + readings.length > WAITING_MAX) {
        throw new TelemetryOverloaded(`readings could not be taken: ${waiting} wait`);
      }
      waiting += readings.length;
      const batches = new Set<Batch>();
      for (const reading of readings) {
        const batch = open.get(reading.tenant) ?? begin(reading.tenant);
        batches.add(batch);
        const length = batch.readings.push(reading);
        if (length >= batchMax) batch.close();
        else if (length === BATCH_WORTH && flushes === 0) batch.hurry();
      }
      await Promise.all([...batches].map((batch) => batch.stored));
    },
  };
}

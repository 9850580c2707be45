// What the process tells about itself: structured log lines (pino) and Prometheus metrics.
import process from "node:process";
import { pino } from "pino";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Clock, Log, Metrics } from "./ports.ts";

/** Log lines as JSON on stdout; `node` and `tenant` on each. Never put names, phones or tokens in. */
export function createLog(level: string, node: string, tenant: string): Log {
  const logger = pino({ level, base: { node, tenant }, messageKey: "message" });
  return {
    debug: (facts, message) => logger.debug(facts, message),
    info: (facts, message) => logger.info(facts, message),
    warn: (facts, message) => logger.warn(facts, message),
    error: (facts, message) => logger.error(facts, message),
  };
}

// A command takes 1 ms when all is well and seconds under faults: both ends must be visible.
const SPAN_BUCKETS_MS = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 15_000];

/** Metrics by name, made at first use: `chargeward_<name>`. */
export function createMetrics(): { metrics: Metrics; registry: Registry } {
  const registry = new Registry();
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  const make = <T>(all: Map<string, T>, name: string, build: (full: string) => T): T => {
    const found = all.get(name);
    if (found) return found;
    const made = build(`chargeward_${name}`);
    all.set(name, made);
    return made;
  };
  const shape = (full: string, labels: Record<string, string>) => ({
    name: full,
    help: full.replaceAll("_", " "),
    labelNames: Object.keys(labels),
    registers: [registry],
  });
  const metrics: Metrics = {
    count: (name, labels = {}, by = 1) =>
      make(counters, name, (full) => new Counter(shape(full, labels))).inc(labels, by),
    gauge: (name, value, labels = {}) =>
      make(gauges, name, (full) => new Gauge(shape(full, labels))).set(labels, value),
    observe: (name, valueMs, labels = {}) =>
      make(
        histograms,
        name,
        (full) => new Histogram({ ...shape(full, labels), buckets: SPAN_BUCKETS_MS }),
      ).observe(labels, valueMs),
  };
  return { metrics, registry };
}

// A turn of the loop that takes longer than a few ms is felt by everyone who waits.
const LOOK_MS = 100;
const US_PER_MS = 1_000;

/** Memory, CPU time and how late timers come (a loop held up); gives the way to stop looking. */
export function watchProcess(metrics: Metrics, clock: Clock): () => void {
  const startedAt = clock.tick();
  let due = startedAt + LOOK_MS;
  let timer = clock.after(LOOK_MS, look);
  function look(): void {
    const { user, system } = process.cpuUsage();
    metrics.observe("loop_late_ms", Math.max(0, clock.tick() - due));
    metrics.gauge("process_rss_bytes", process.memoryUsage().rss);
    metrics.gauge("process_cpu_ms", (user + system) / US_PER_MS);
    metrics.gauge("process_up_ms", clock.tick() - startedAt);
    due = clock.tick() + LOOK_MS;
    timer = clock.after(LOOK_MS, look);
  }
  return () => timer.cancel();
}

/** The real clock; timers do not keep the process alive by themselves. */
export const realClock: Clock = {
  now: () => Date.now(),
  tick: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};

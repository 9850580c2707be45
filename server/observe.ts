// What the process tells about itself: structured log lines (pino) and Prometheus metrics.
import process from "node:process";
import { pino } from "pino";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { METRICS, type MetricSpec, PREFIX } from "./metrics.ts";
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

/** Label values come from codes; should one ever come from outside, there is an end to them. */
const SERIES_MAX = 1_000;

type Instrument = Counter | Gauge | Histogram;

/** All of METRICS, under PREFIX, there from the start; a name that is not among them is nothing. */
export function createMetrics(): { metrics: Metrics; registry: Registry } {
  const registry = new Registry();
  const all = new Map<string, { instrument: Instrument; series: Set<string> }>();
  for (const part of Object.values(METRICS)) {
    for (const [name, spec] of Object.entries(part)) {
      all.set(name, { instrument: instrumentOf(registry, name, spec), series: new Set() });
    }
  }
  const use = <T extends Instrument>(
    name: string,
    kind: new (...args: never[]) => T,
    labels: Record<string, string>,
    act: (instrument: T, labels: Record<string, string>) => void,
  ) => {
    const known = all.get(name);
    if (known?.instrument instanceof kind) act(known.instrument, bounded(known.series, labels));
  };
  const metrics: Metrics = {
    count: (name, labels = {}, by = 1) =>
      use(name, Counter, labels, (counter, bound) => counter.inc(bound, by)),
    gauge: (name, value, labels = {}) =>
      use(name, Gauge, labels, (gauge, bound) => gauge.set(bound, value)),
    observe: (name, valueMs, labels = {}) =>
      use(name, Histogram, labels, (histogram, bound) => histogram.observe(bound, valueMs)),
  };
  return { metrics, registry };
}

function instrumentOf(registry: Registry, name: string, spec: MetricSpec): Instrument {
  const { kind, labels, says } = spec;
  const shape = { name: PREFIX + name, help: says, labelNames: labels, registers: [registry] };
  switch (kind) {
    case "counter":
      return new Counter(shape);
    case "gauge":
      return new Gauge(shape);
    case "histogram":
      return new Histogram({ ...shape, buckets: SPAN_BUCKETS_MS });
  }
}

function bounded(series: Set<string>, labels: Record<string, string>): Record<string, string> {
  const key = Object.values(labels).join("\n");
  if (key === "" || series.has(key)) return labels;
  if (series.size < SERIES_MAX) {
    series.add(key);
    return labels;
  }
  return Object.fromEntries(Object.keys(labels).map((name) => [name, "other"]));
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

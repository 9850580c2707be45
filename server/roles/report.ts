// The report of this process, from whatever roles it plays.
import process from "node:process";
import { answerReports } from "../node-watch.ts";
import type { ProcessReport } from "../../wire/report.ts";
import type { HostedActors } from "./actors.ts";
import type { Base } from "./base.ts";
import type { Outside } from "./outside.ts";
import type { Projection } from "./projector.ts";

export interface ReportParts {
  node: HostedActors | null;
  projection: Projection | null;
  outside: Outside;
  notReady(): string[];
}

const GAUGE_MS = 5_000;

export function reportOf(base: Base, parts: ReportParts): { stop(): void } {
  const { config, clock } = base;
  const startedAt = clock.tick();
  const gauging = gauges(base, parts);
  const answering = answerReports(base, (): ProcessReport => ({
    node: config.CHARGEWARD_NODE,
    roles: [...config.CHARGEWARD_ROLES],
    upMs: clock.tick() - startedAt,
    rssBytes: process.memoryUsage().rss,
    notReady: parts.notReady(),
    circuits: circuitsOf(parts.outside),
    ...(parts.node
      ? { actors: { ...parts.node.census(), shards: parts.node.status().shards } }
      : {}),
    ...(parts.projection ? { archive: parts.projection.health() } : {}),
  }));
  return {
    stop() {
      answering.stop();
      gauging.stop();
    },
  };
}

/** The same figures for whoever scrapes. */
function gauges({ clock, metrics }: Base, { node, notReady }: ReportParts): { stop(): void } {
  let timer: { cancel(): void };
  const kinds = new Set<string>();
  function look() {
    timer = clock.after(GAUGE_MS, look);
    metrics.gauge("ready", notReady().length === 0 ? 1 : 0);
    if (!node) return;
    const census = node.census();
    for (const kind of Object.keys(census.kinds)) kinds.add(kind);
    for (const kind of kinds) metrics.gauge("actors_resident", census.kinds[kind] ?? 0, { kind });
    metrics.gauge("mailbox_longest", census.mailboxes[0]?.waiting ?? 0);
    metrics.gauge("lanes_parked", census.parked.length);
    metrics.gauge("actors_quarantined", census.quarantined.length);
  }
  look();
  return { stop: () => timer.cancel() };
}

function circuitsOf({ payment }: Outside): ProcessReport["circuits"] {
  const state = payment?.circuit() ?? "closed";
  return state === "closed" ? {} : { "payment provider": state };
}

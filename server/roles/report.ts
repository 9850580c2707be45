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

export function reportOf(base: Base, parts: ReportParts): { stop(): void } {
  const { config, clock } = base;
  const startedAt = clock.tick();
  return answerReports(base, (): ProcessReport => ({
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
}

function circuitsOf({ payment }: Outside): ProcessReport["circuits"] {
  const state = payment?.circuit() ?? "closed";
  return state === "closed" ? {} : { "payment provider": state };
}

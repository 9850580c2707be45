// The page of metrics, made from what the code counts and what the alert rules say of it.
import { METRICS, PREFIX } from "../../server/metrics.ts";

export interface Alert {
  name: string;
  expr: string;
  severity: string;
  says: string;
  do: string;
}

/** Names as a scrape shows them, with their kind. */
export const exported = (): Map<string, string> =>
  new Map(
    Object.values(METRICS).flatMap((part) =>
      Object.entries(part).map(([name, { kind }]) => [PREFIX + name, kind] as const)
    ),
  );

/** The rules in the form that deploy/alerts.yml has: one key a line, long expressions folded. */
export function alertsIn(yaml: string): Alert[] {
  return yaml.split(/^ {6}- alert: /m).slice(1).map((rule) => {
    const one = (pattern: RegExp) => pattern.exec(rule)?.[1]?.trim() ?? "";
    const folded = one(/^ {8}expr: >-\n((?: {10}.*\n)+)/m);
    return {
      name: one(/^(\w+)/),
      expr: (folded || one(/^ {8}expr: (.*)$/m)).replace(/\s+/g, " "),
      severity: one(/severity: (\w+)/),
      says: one(/^ {10}says: "(.*)"$/m),
      do: one(/^ {10}do: "(.*)"$/m),
    };
  });
}

const table = (heads: string[], rows: string[][]): string =>
  [heads, heads.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

export function metricsPage(yaml: string): string {
  const rows = Object.entries(METRICS).flatMap(([part, metrics]) =>
    Object.entries(metrics).map(([name, { kind, labels, says }]) => [
      `\`${PREFIX}${name}\``,
      part,
      kind,
      labels.map((label) => `\`${label}\``).join(" "),
      says,
    ])
  );
  const alerts = alertsIn(yaml).map((alert) => [
    alert.name,
    alert.severity,
    `\`${alert.expr.replaceAll("|", "\\|")}\``,
    alert.do,
  ]);
  return `${
    [
      "# Metrics and alerts",
      "Every process serves `/metrics` for Prometheus. Made from `server/metrics.ts` and " +
      "`deploy/alerts.yml`;\n`test/contract/metrics.test.ts` keeps it true, " +
      "`test/flow/seen.test.ts` finds each name in a scrape and no other.",
      "Units are in the names: `_ms` milliseconds, `_bytes`, `_records`; others are counts. " +
      "A histogram has the\nusual `_bucket`, `_sum` and `_count`. Labels hold codes, kinds and " +
      "routes, never ids; a metric has at most\n1,000 series, further ones count as `other`.",
      table(["metric", "part", "kind", "labels", "what it says"], rows),
      "## Alerts",
      "`deploy/alerts.yml` goes into `rule_files` of Prometheus; scrape every process as job " +
      "`chargeward`.",
      table(["alert", "severity", "when", "first thing to do"], alerts),
    ].join("\n\n")
  }\n`;
}

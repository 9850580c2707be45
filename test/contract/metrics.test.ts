// What is counted, what the page says of it and what alerts watch are the same names. `UPDATE=1` writes
// the page anew.
import { join } from "node:path";
import { expect, test } from "vitest";
import { createMetrics } from "../../server/observe.ts";
import { METRICS, PREFIX } from "../../server/metrics.ts";
import { alertsIn, exported, metricsPage } from "../kit/metrics-page.ts";
import { ROOT } from "../kit/world.ts";
import { loadTree } from "../tidy/tree.ts";

const rules = await Deno.readTextFile(join(ROOT, "deploy", "alerts.yml"));
const known = Object.fromEntries(Object.values(METRICS).flatMap((part) => Object.entries(part)));

/** Every name that a source of the server counts, with what is done to it. */
function counted(): { name: string; does: string; path: string }[] {
  return loadTree(ROOT).sources
    .filter(({ path }) => path.startsWith("server/") && !path.endsWith(".test.ts"))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/metrics\s*\.(count|gauge|observe)\(\s*"([a-z0-9_]+)"/g)]
        .map(([, does, name]) => ({ name: name!, does: does!, path }))
    );
}

test("docs/metrics.md says what the code counts", async () => {
  const file = join(ROOT, "docs", "metrics.md");
  if (Deno.env.get("UPDATE") === "1") await Deno.writeTextFile(file, metricsPage(rules));
  expect(await Deno.readTextFile(file)).toBe(metricsPage(rules));
});

test("what the server counts is in the table, by the right kind, and nothing else is", () => {
  const kinds = { count: "counter", gauge: "gauge", observe: "histogram" } as const;
  const wrong = counted()
    .filter(({ name, does }) => known[name]?.kind !== kinds[does as keyof typeof kinds]);
  expect(wrong).toEqual([]);
  const names = new Set(counted().map(({ name }) => name));
  expect(Object.keys(known).filter((name) => !names.has(name))).toEqual([]);
});

test("every alert has a severity, words, and watches metrics that there are", () => {
  const alerts = alertsIn(rules);
  expect(alerts.length).toBe(rules.match(/- alert:/g)!.length);
  for (const { name, expr, severity, says, do: first } of alerts) {
    expect([name, severity]).toEqual([name, expect.stringMatching(/^(critical|warning)$/)]);
    expect([name, says !== "", first !== ""]).toEqual([name, true, true]);
    const watched = expr.match(/chargeward_\w+/g) ?? [];
    const missing = watched.filter((one) =>
      !exported().has(one.replace(/_(bucket|sum|count)$/, ""))
    );
    expect([name, missing]).toEqual([name, []]);
    expect([name, watched.length > 0 || expr.startsWith("up{")]).toEqual([name, true]);
  }
});

test("labels that never end are cut off; a name that is not in the table is not served", async () => {
  const { metrics, registry } = createMetrics();
  for (let n = 0; n < 1_100; n++) metrics.count("journal_faults", { code: `c${n}` });
  metrics.count("made_up");
  const text = await registry.metrics();
  expect(text.match(new RegExp(`^${PREFIX}journal_faults\\{`, "gm"))).toHaveLength(1_001);
  expect(text).toContain(`${PREFIX}journal_faults{code="other"} 100`);
  expect(text).not.toContain("made_up");
});

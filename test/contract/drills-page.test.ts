// The page of drills says what is there: states of rows, each clause with its safeguard, what was red.
// `UPDATE=1` writes the page anew.
import { join } from "node:path";
import { expect, test } from "vitest";
import { drills } from "../../drills/all.ts";
import proven from "../../drills/proven.json" with { type: "json" };
import { drillRows } from "../../wire/drill.ts";
import { clauses } from "../../wire/safeguards.ts";
import { drillsPage } from "../kit/drills-page.ts";
import { ROOT } from "../kit/world.ts";

test("docs/drills.md says what drills and safeguards there are", async () => {
  const file = join(ROOT, "docs", "drills.md");
  const page = await Deno.readTextFile(file);
  if (Deno.env.get("UPDATE") === "1") await Deno.writeTextFile(file, drillsPage(page));
  expect(await Deno.readTextFile(file)).toBe(drillsPage(page));
});

test("every row of the board has a drill", () => {
  const drilled = new Set<string>(drills.map(({ row }) => row));
  expect(Object.keys(drillRows).filter((row) => !drilled.has(row))).toEqual([]);
});

test("what was seen red is a clause of today, with a check of today", () => {
  const checked = new Set(drills.flatMap(({ parts }) =>
    parts.flatMap((part) => {
      return Object.keys(part.clauses);
    })
  ));
  for (const name of Object.keys(proven)) {
    expect(Object.keys(clauses)).toContain(name);
    expect(checked).toContain(name);
  }
});

test("a check is of a clause of its drill's own row", () => {
  for (const { row, parts } of drills) {
    for (const name of parts.flatMap((part) => Object.keys(part.clauses))) {
      expect([name, clauses[name as keyof typeof clauses].row]).toEqual([name, row]);
    }
  }
});

// docs/fault-codes.md is the catalogue as operators read it: a new code or word must show there.
// `UPDATE=1` writes the page anew.
import { join } from "node:path";
import { expect, test } from "vitest";
import { codeLists, type FaultId, faults } from "../../wire/faults/mod.ts";
import { en } from "../../web-kit/words/en.ts";
import { zhCN } from "../../web-kit/words/zh-CN.ts";
import { ROOT } from "../kit/world.ts";

const ids = Object.keys(faults) as FaultId[];
const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");

function page(): string {
  const meaning = ids.map((id) => {
    const { by, severity, until, drill } = faults[id];
    const words = [zhCN, en].map(({ fault, faultOps }) =>
      [fault[id].join("；"), faultOps[id]].join("<br>")
    );
    return [`\`${id}\``, by, severity, until, drill, ...words];
  });
  const lists = codeLists.map(({ source, codes }) => {
    const rows = Object.entries(codes).map(([code, id]) => [`\`${code}\``, `\`${id}\``]);
    return `## ${source}\n\n${table(["code", "fault"], rows)}\n`;
  });
  return [
    "# Faults and stops\n",
    "Written by `test/contract/fault-codes.test.ts` from `wire/faults` and `web-kit/words`. A code of any",
    "protocol leads to one fault; the raw code stays on record and is found by",
    "`GET /v1/ops/incidents?code=`. `until`: what keeps the connector closed afterwards. In the words the",
    "first line is for the driver, the second for ops. A code that is not listed is a vendor's own: its",
    "severity is what the pile says.\n",
    table(["fault", "at fault", "severity", "until", "row", "zh", "en"], meaning),
    "",
    ...lists,
  ].join("\n");
}

test("docs/fault-codes.md says what the catalogue says", async () => {
  const file = join(ROOT, "docs", "fault-codes.md");
  if (Deno.env.get("UPDATE") === "1") await Deno.writeTextFile(file, page());
  expect(await Deno.readTextFile(file)).toBe(page());
});

test("every fault says what happened and what to do next, in both languages", () => {
  for (const words of [zhCN, en]) {
    for (const id of ids) for (const text of words.fault[id]) expect(text, id).not.toBe("");
  }
});

// docs/drills.md as it follows from the clauses, the drills and what was seen red: the state of each row
// that has a drill, and the table clause -> safeguard -> red when off.
import { drills } from "../../drills/all.ts";
import proven from "../../drills/proven.json" with { type: "json" };
import { drillRows } from "../../wire/drill.ts";
import { clauses, type Safeguard, safeguardsOf } from "../../wire/safeguards.ts";

const HEAD = "## Clauses, safeguards, red when off 条款与防护";
const seen: Readonly<Record<string, string>> = proven;

const hasCheck = (name: Safeguard): boolean =>
  drills.some(({ parts }) => parts.some((part) => Object.hasOwn(part.clauses, name)));

/** Done: each clause has a check, and was seen red with its safeguard off. */
export function stateOf(row: string): "open" | "partly" | "done" {
  if (!drills.some((drill) => drill.row === row)) return "open";
  const all = safeguardsOf(row);
  return all.every((name) => hasCheck(name) && Object.hasOwn(seen, name)) ? "done" : "partly";
}

const cell = (text: string): string => text.replaceAll("|", "/").replaceAll("\n", " ");
function redOf(name: Safeguard): string {
  if (!hasCheck(name)) return "no check yet";
  return Object.hasOwn(seen, name) ? cell(seen[name]!) : "not seen yet";
}

function tableOf(row: string): string {
  const rows = safeguardsOf(row).map((name) => {
    const { zh, en } = clauses[name];
    return `| ${cell(zh)} | ${cell(en)} | \`${name}\` | ${redOf(name)} |`;
  });
  const { zh, en } = drillRows[row as keyof typeof drillRows];
  const heads = ["| clause (zh) | clause (en) | safeguard | red when off |", "|---|---|---|---|"];
  return [`### ${row} ${zh} · ${en}`, "", ...heads, ...rows].join("\n");
}

/** The page with its states and its last section anew. */
export function drillsPage(page: string): string {
  const text = page.split(HEAD)[0]!.trimEnd().split("\n").map((line) => {
    const cells = line.split("|");
    const row = cells[1]?.trim() === "A" ? "flow-a" : cells[1]?.trim() ?? "";
    if (cells.length !== 7 || !Object.hasOwn(drillRows, row)) return line;
    cells[4] = ` ${stateOf(row)} `;
    return cells.join("|");
  }).join("\n");
  const words = [
    "Made from `wire/clauses/`, the drills and `drills/proven.json`; `test/contract/drills-page.test.ts`",
    "keeps it true. The last column is what the clause's check said with its safeguard off",
    "(`npm run drill -- <row> --without --save`).",
  ].join("\n");
  return `${[text, HEAD, words, ...Object.keys(drillRows).map(tableOf)].join("\n\n")}\n`;
}

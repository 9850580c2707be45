// What the documents say is so: links lead somewhere, a drill that is done exists, and what is
// decided where is really there.
import { posix } from "node:path";
import { type Finding, type Rule, type Tree } from "./tree.ts";

/** Relative links of Markdown files lead to files or folders of the tree. */
export const linksLeadSomewhere: Rule = (tree) =>
  linesOf(tree, (path) => path.endsWith(".md")).flatMap(({ path, line, text }) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = ""]): Finding[] => {
      if (/^([a-z]+:|#)/.test(link)) return [];
      const target = posix.join(posix.dirname(path), link.replace(/#.*$/, ""));
      return isThere(tree, target) ? [] : [{ path, line, says: `"${link}" leads nowhere` }];
    })
  );

const DRILLS = "docs/drills.md";
const ROW_CELLS = 5; // its other tables are about clauses

/** A row of docs/drills.md that is done has its drill; a drill that exists has its row. */
export const doneRowsHaveDrills: Rule = (tree) => {
  const rows = tableOf(tree, DRILLS).filter(({ cells }) => cells.length === ROW_CELLS);
  const found = rows.flatMap(({ line, cells }): Finding[] => {
    const [row = "", , , state = "", drill = ""] = cells;
    const file = drill.replaceAll("`", "");
    if (!["open", "partly", "done"].includes(state)) {
      return [{ path: DRILLS, line, says: `row ${row}: "${state}" is not open, partly or done` }];
    }
    if (state !== "done" || tree.has(file)) return [];
    return [{
      path: DRILLS,
      line,
      says: `row ${row} is done, but its drill "${file}" is not there`,
    }];
  });
  const named = new Set(rows.map(({ cells }) => cells[4]?.replaceAll("`", "")));
  const drills = tree.paths.filter((path) =>
    /^drills\/(\d-[a-z-]+\/\d\.\d-|flow-)[^/]+\.ts$/.test(path)
  );
  const lost = drills.filter((path) => !path.endsWith(".test.ts") && !named.has(path));
  return [
    ...found,
    ...lost.map((path) => ({ path, line: 1, says: `no row of ${DRILLS} names it` })),
  ];
};

const DECIDED = "docs/architecture.md";

/** The table "where is X decided" names paths that exist and symbols that they hold. */
export const decidedWhereItSays: Rule = (tree) =>
  tableOf(tree, DECIDED, "path").flatMap(({ line, cells }): Finding[] => {
    const [question = "", path = "", symbol = ""] = cells.map((cell) => cell.replaceAll("`", ""));
    const text = tree.read(path);
    if (text === null) return [{ path: DECIDED, line, says: `${question}: no file "${path}"` }];
    if (new RegExp(`\\b${symbol.replace(/\W/g, "\\$&")}\\b`).test(text)) return [];
    return [{ path: DECIDED, line, says: `${question}: "${path}" holds no "${symbol}"` }];
  });

interface Row {
  readonly line: number;
  readonly cells: string[];
}

/** The rows of a page's tables; with `column`, only of tables whose second heading is that. */
function tableOf(tree: Tree, page: string, column?: string): Row[] {
  const lines = linesOf(tree, (path) => path === page);
  const rows: Row[] = [];
  let heading: string[] | null = null;
  for (const { line, text } of lines) {
    if (!text.startsWith("|")) {
      heading = null;
      continue;
    }
    const cells = text.split("|").slice(1, -1).map((cell) => cell.trim());
    if (heading === null) heading = cells;
    else if (!/^:?-+:?$/.test(cells[0] ?? "") && (!column || heading[1] === column)) {
      rows.push({ line, cells });
    }
  }
  return rows;
}

function linesOf(tree: Tree, wanted: (path: string) => boolean) {
  return tree.paths.filter(wanted).flatMap((path) =>
    (tree.read(path) ?? "").split("\n").map((text, index) => ({ path, line: index + 1, text }))
  );
}

function isThere(tree: Tree, path: string): boolean {
  const clean = path.replace(/\/$/, "");
  return tree.has(clean) || tree.paths.some((one) => one.startsWith(`${clean}/`)) || clean === ".";
}

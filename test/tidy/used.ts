// Every file is there for somebody: imported, or started by name.
import { posix } from "node:path";
import ts from "typescript";
import { importsOf } from "./imports.ts";
import { nodesOf, type Rule, type Source, type Tree } from "./tree.ts";

// Files that a person, a tool or a process starts.
const STARTED = [
  /\.test\.ts$/,
  /(^|\/)main\.ts$/,
  /^[^/]+\.(ts|mjs)$/,
  /(^|\/)[a-z-]+\.config\.(ts|mjs)$/,
  /\.d\.ts$/,
  /^tools\/[a-z-]+\.(ts|mjs)$/,
  /^drills\//,
  /^bench\/[a-z-]+\.(ts|mjs)$/,
  /^test\/(load|independent)\//,
];

/** A file that nobody imports is dead, or its user was forgotten. */
export const usedBySomebody: Rule = (tree) => {
  const used = new Set([
    ...importsOf(tree).flatMap(({ from, to }) => to === null || to === from.path ? [] : [to]),
    ...tree.sources.flatMap((source) => globbed(tree, source)),
    ...tree.sources.flatMap(scripts),
    ...fromHtml(tree),
  ]);
  return tree.sources
    .filter(({ path }) => !used.has(path) && !STARTED.some((start) => start.test(path)))
    .map(({ path }) => ({ path, line: 1, says: "nobody imports it" }));
};

/** What `import.meta.glob("./pages/*.vue")` takes in. */
function globbed(tree: Tree, source: Source): string[] {
  const found: string[] = [];
  for (const node of nodesOf(source)) {
    if (!ts.isCallExpression(node)) continue;
    if (node.expression.getText(source.ast) !== "import.meta.glob") continue;
    const [pattern] = node.arguments;
    if (pattern === undefined || !ts.isStringLiteral(pattern)) continue;
    const path = posix.join(posix.dirname(source.path), pattern.text);
    const escaped = path.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    const body = escaped.replace(/\*\*\//g, "(.*/)?").replace(/\*/g, "[^/]*");
    found.push(...tree.paths.filter((candidate) => new RegExp(`^${body}$`).test(candidate)));
  }
  return found;
}

/** Programs that a source starts by path: `script: "test/kit/program.ts"`. */
function scripts(source: Source): string[] {
  const found: string[] = [];
  for (const node of nodesOf(source)) {
    if (!ts.isPropertyAssignment(node) || node.name.getText(source.ast) !== "script") continue;
    if (ts.isStringLiteral(node.initializer)) found.push(node.initializer.text);
  }
  return found;
}

/** Scripts that a page names. */
function fromHtml(tree: Tree): string[] {
  return tree.paths.filter((path) => path.endsWith(".html")).flatMap((path) => {
    const html = tree.read(path) ?? "";
    return [...html.matchAll(/<script[^>]*src="\/?([^"]+)"/g)].map(([, script = ""]) => {
      return posix.join(posix.dirname(path), script);
    });
  });
}

// Decisions and shapes are pure: no clock, chance, network or environment in actors/ and wire/; and
// the environment is read in few, named places.
import ts from "typescript";
import { at, type Finding, isTest, nodesOf, type Rule, type Source } from "./tree.ts";

const IMPURE_CALLS = new Set([
  "Date",
  "Date.now",
  "Math.random",
  "Temporal.Now",
  "crypto.getRandomValues",
  "crypto.randomUUID",
  "performance.now",
  "setTimeout",
  "setInterval",
  "queueMicrotask",
  "fetch",
  "WebSocket",
  "console.log",
]);
const ENVIRONMENT = ["Deno.env", "process.env", "Deno.args"];
const IMPURE_MODULES = /^node:(fs|net|http|https|child_process|os|timers|dns|tls|worker_threads)/;

/** Nothing in actors/ or wire/ asks the world; tests there may draw chance and read seeds. */
export const pureDecisions: Rule = ({ sources }) =>
  sources.filter(({ path }) => isPure(path)).flatMap((source) => {
    const found: Finding[] = [];
    for (const node of nodesOf(source)) {
      const what = impurity(source, node);
      if (what !== null) found.push(at(source, node, `${what}: it comes in with the command`));
    }
    return found;
  });

function isPure(path: string): boolean {
  return /^(actors|wire)\//.test(path) && !path.endsWith(".test.ts");
}

function impurity(source: Source, node: ts.Node): string | null {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    const { text } = node.moduleSpecifier;
    return IMPURE_MODULES.test(text) ? text : null;
  }
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText(source.ast);
    if (ENVIRONMENT.includes(text) || text === "Temporal.Now") return text;
  }
  if (ts.isAwaitExpression(node)) return source.path.startsWith("actors/") ? "await" : null;
  if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return null;
  const callee = node.expression.getText(source.ast).replace(/^globalThis\./, "");
  // a moment given is pure: `new Date(at)`; only the argument-free form asks the clock
  if (callee === "Date") return (node.arguments?.length ?? 0) === 0 ? "new Date()" : null;
  return IMPURE_CALLS.has(callee) ? callee : null;
}

const MAY_READ_ENVIRONMENT = [
  /^server\/config\.ts$/,
  /^server\/main\.ts$/,
  /^server\/engines\/machine\.ts$/,
  /^sim\/([a-z-]+\/)?(config|main)\.ts$/,
  /^drills\/(main|runner)\.ts$/,
  /^bench\//,
  /^tools\//,
  /vite\.config\.ts$/,
];

/** Settings are read where they are checked, and nowhere else. */
export const environmentInItsPlace: Rule = ({ sources }) =>
  sources.flatMap((source) => {
    const { path } = source;
    if (isTest(path) || MAY_READ_ENVIRONMENT.some((place) => place.test(path))) return [];
    const found: Finding[] = [];
    for (const node of nodesOf(source)) {
      if (!ts.isPropertyAccessExpression(node)) continue;
      const text = node.getText(source.ast);
      if (!ENVIRONMENT.includes(text)) continue;
      found.push(at(source, node, `${text} is read here: settings come from server/config.ts`));
    }
    return found;
  });

// What the wire promises is kept everywhere: subjects spelt once, words for every refusal, a stored
// sample of every event.
import ts from "typescript";
import { at, type Finding, isTest, nodesOf, type Rule, type Source, type Tree } from "./tree.ts";

const PREFIXES = "cmd|any|sig|st|rem|fire|live|link|svc|hb|tele|d";
// "st.0.", "cmd.*", "d.>" and `live.${...`: a prefix, then a token that only a subject would have
const SUBJECT = new RegExp(`^(${PREFIXES})\\.(\\*|>|\\d+\\.|$)`);

/** NATS subjects are spelt in wire/subjects.ts alone. */
export const subjectsInOnePlace: Rule = ({ sources }) =>
  sources.flatMap((source) => {
    const { path } = source;
    if (isTest(path) || path === "wire/subjects.ts") return [];
    if (path === "server/engines/nats-config.ts") return []; // grants, not messages
    const found: Finding[] = [];
    for (const node of nodesOf(source)) {
      const text = spelt(node);
      if (text === null || !SUBJECT.test(text)) continue;
      found.push(at(source, node, `the subject "${text}" is spelt outside wire/subjects.ts`));
    }
    return found;
  });

/** The text of a string, or of a template up to its first hole. */
function spelt(node: ts.Node): string | null {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
    return node.text.endsWith(".") ? null : node.text;
  }
  return ts.isTemplateExpression(node) ? node.head.text : null;
}

/** Every refusal code has words in both languages. */
export const refusalsHaveWords: Rule = (tree) => {
  const codes = keysOf(sourceAt(tree, "wire/refusals.ts"), "refusals");
  return ["web-kit/words/zh-CN.ts", "web-kit/words/en.ts"].flatMap((path) => {
    const source = sourceAt(tree, path);
    if (source === null) return [];
    const said = new Set(stringsOf(source));
    const missing = codes.filter((code) => !said.has(code) && !saysNested(source, code));
    return missing.map((code) => ({ path, line: 1, says: `no words for refusal "${code}"` }));
  });
};

/** Every refusal code is met by some test. */
export const refusalsAreTested: Rule = (tree) => {
  const tests = tree.sources.filter(({ path }) => isTest(path)).map(({ text }) => text).join("\n");
  return keysOf(sourceAt(tree, "wire/refusals.ts"), "refusals")
    .filter((code) => !tests.includes(`"${code}"`) && !tests.includes(`'${code}'`))
    .map((code) => ({ path: "wire/refusals.ts", line: 1, says: `no test meets "${code}"` }));
};

/** Every event type that an actor writes has a sample of each stored version. */
export const eventsHaveSamples: Rule = (tree) =>
  tree.sources.flatMap((source) => {
    const kind = /^actors\/([a-z-]+)\/(events|state)\.ts$/.exec(source.path)?.[1];
    const samples = tree.read(`wire/samples/${kind}.json`);
    if (kind === undefined || samples === null) return [];
    return eventTypes(source)
      .filter((type) => !samples.includes(`"${type}"`))
      .map((type) => ({
        path: source.path,
        line: 1,
        says: `no sample of event "${type}" in wire/samples/${kind}.json`,
      }));
  });

/** The event names of a union: `type: "ChargeStarted"` in types, `z.literal("…")` in shapes. */
function eventTypes(source: Source): string[] {
  const types = [...source.text.matchAll(/\btype: (?:z\.literal\()?"([A-Z][A-Za-z]+)"/g)];
  return [...new Set(types.map(([, type = ""]) => type))];
}

function sourceAt(tree: Tree, path: string): Source | null {
  return tree.sources.find((source) => source.path === path) ?? null;
}

/** The keys of an object that a source names. */
export function keysOf(source: Source | null, name: string): string[] {
  if (source === null) return [];
  for (const node of nodesOf(source)) {
    if (!ts.isVariableDeclaration(node) || node.name.getText(source.ast) !== name) continue;
    let value = node.initializer;
    while (value && (ts.isAsExpression(value) || ts.isSatisfiesExpression(value))) {
      value = value.expression;
    }
    if (value === undefined || !ts.isObjectLiteralExpression(value)) continue;
    return value.properties.flatMap(({ name: key }) =>
      key && (ts.isStringLiteral(key) || ts.isIdentifier(key)) ? [key.text] : []
    );
  }
  return [];
}

function stringsOf(source: Source): string[] {
  const found: string[] = [];
  for (const node of nodesOf(source)) if (ts.isStringLiteral(node)) found.push(node.text);
  return found;
}

/** `pile: { occupied: "…" }` says `pile.occupied` as well. */
function saysNested(source: Source, code: string): boolean {
  const [group = "", word = ""] = code.split(".");
  const block = new RegExp(`\\b"?${group}"?: \\{[^}]*?["\\s]${word}"?:`);
  return block.test(source.text);
}

// Words of the language that are not used here: `any`, bare errors, switched-off tests.
import ts from "typescript";
import { at, type Finding, isTest, nodesOf, type Rule, type Source, type Tree } from "./tree.ts";

/** No `any`: it switches the checks off for whatever touches it. */
export const noAny: Rule = (tree) =>
  each(tree, (source, node) => {
    if (node.kind !== ts.SyntaxKind.AnyKeyword) return null;
    return at(source, node, "`any`: name the type, or take `unknown` and look");
  });

/** No bare Error outside tests and tools: a fault has a class of its own. */
export const noBareError: Rule = (tree) =>
  each(tree, (source, node) => {
    if (isTest(source.path) || source.path.startsWith("tools/")) return null;
    if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return null;
    if (!ts.isIdentifier(node.expression) || node.expression.text !== "Error") return null;
    return at(source, node, "a bare Error: is it a refusal, a fault or a bug? (style.md, Errors)");
  });

/** No test switched off, and none alone. */
export const noSwitchedOffTest: Rule = (tree) =>
  each(tree, (source, node) => {
    if (!ts.isPropertyAccessExpression(node) || !ts.isIdentifier(node.expression)) return null;
    if (!["test", "it", "describe"].includes(node.expression.text)) return null;
    if (!["skip", "only", "todo", "fails"].includes(node.name.text)) return null;
    return at(source, node, `${node.getText()}: mend the test or delete it`);
  });

type Look = (source: Source, node: ts.Node) => Finding | null;

function each(tree: Tree, look: Look): Finding[] {
  const found: Finding[] = [];
  for (const source of tree.sources) {
    for (const node of nodesOf(source)) {
      const finding = look(source, node);
      if (finding !== null) found.push(finding);
    }
  }
  return found;
}

// Who imports whom: every import, re-export, dynamic import and module address of a source, resolved
// to a path of the tree.
import { posix } from "node:path";
import ts from "typescript";
import { nodesOf, type Source, type Tree } from "./tree.ts";

export interface Import {
  readonly from: Source;
  readonly node: ts.Node;
  readonly specifier: string;
  /** Path inside the tree; null for packages and for what is not there. */
  readonly to: string | null;
  /** "own": written as a path. "package": a bare name. "foreign": an address outside the tree. */
  readonly kind: "own" | "package" | "foreign";
  /** Only types: nothing is loaded. */
  readonly typeOnly: boolean;
}

const cache = new WeakMap<Tree, readonly Import[]>();

/** Every import of the tree. */
export function importsOf(tree: Tree): readonly Import[] {
  const known = cache.get(tree);
  if (known !== undefined) return known;
  const imports = tree.sources.flatMap((source) => importsIn(tree, source));
  cache.set(tree, imports);
  return imports;
}

function importsIn(tree: Tree, source: Source): Import[] {
  const found: Import[] = [];
  for (const node of nodesOf(source)) {
    const specifier = specifierOf(node);
    if (specifier === null) continue;
    const kind = kindOf(specifier);
    const to = resolveIn(tree, source.path, specifier);
    found.push({ from: source, node, specifier, kind, to, typeOnly: isTypeOnly(node) });
  }
  return found;
}

function specifierOf(node: ts.Node): string | null {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    return node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)
      ? node.moduleSpecifier.text
      : null;
  }
  if (ts.isImportTypeNode(node)) {
    const { argument } = node;
    return ts.isLiteralTypeNode(argument) && ts.isStringLiteral(argument.literal)
      ? argument.literal.text
      : null;
  }
  if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return null;
  const [first, second] = node.arguments ?? [];
  if (first === undefined || !ts.isStringLiteral(first)) return null;
  if (ts.isCallExpression(node)) {
    return node.expression.kind === ts.SyntaxKind.ImportKeyword ? first.text : null;
  }
  const isUrl = node.expression.getText() === "URL" && second?.getText() === "import.meta.url";
  return isUrl && first.text.startsWith(".") ? first.text : null;
}

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  if (!ts.isImportDeclaration(node) || node.importClause === undefined) return false;
  const { importClause } = node;
  if (importClause.isTypeOnly) return true;
  const { name, namedBindings } = importClause;
  if (name !== undefined || namedBindings === undefined) return false;
  return ts.isNamedImports(namedBindings) && namedBindings.elements.length > 0 &&
    namedBindings.elements.every((element) => element.isTypeOnly);
}

function kindOf(specifier: string): Import["kind"] {
  if (specifier.startsWith(".")) return "own";
  if (/^(\/|file:|https?:|npm:|jsr:|data:)/.test(specifier)) return "foreign";
  return specifier.startsWith("@chargeward/") ? "own" : "package";
}

/** Workspaces are reached by name as well: `@chargeward/web-kit/x` is `web-kit/x`. */
function resolveIn(tree: Tree, from: string, specifier: string): string | null {
  const path = specifier.startsWith("@chargeward/")
    ? specifier.slice("@chargeward/".length)
    : posix.join(posix.dirname(from), specifier);
  const bare = path.replace(/\?.*$/, "");
  const tries = [bare, `${bare}.ts`, `${bare}/mod.ts`, `${bare}/index.ts`];
  return tries.find((candidate) => tree.has(candidate)) ?? null;
}

/** The first folder of a path, or two for the rooms that hold several: `server/ocpp`. */
export function roomOf(path: string): string {
  const [top = "", second = ""] = path.split("/");
  const deep = ["actors", "server", "sim"].includes(top) && path.split("/").length > 2;
  return deep ? `${top}/${second}` : top;
}

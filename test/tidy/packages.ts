// Every package that is asked for is there for somebody: imported, or started by its folder's name.
import { posix } from "node:path";
import { importsOf } from "./imports.ts";
import type { Rule, Tree } from "./tree.ts";

/** Asked for by a tool's option or by a compiler, never by an address in a file. */
const CALLED_BY_OTHERS = [
  /^@types\//, // by the compiler
  /^deno$/, // by tools/bootstrap.mjs, as a program of its own
  /^oxlint-tsgolint$/, // by oxlint --type-aware
  /^@vitest\/coverage-istanbul$/, // by vitest --coverage
];

/** Its bad trees name packages that nobody uses. */
const RULES = "test/tidy/rules.test.ts";
const ASKED = /\.(ts|mjs|vue|css|html)$/;

/** A package that nobody uses is a download, a licence and a risk for nothing. */
export const packagesUsed: Rule = (tree) =>
  tree.paths.filter((path) => posix.basename(path) === "package.json").flatMap((path) => {
    const folder = path.slice(0, -"package.json".length);
    const used = usedIn(tree, folder);
    return namesIn(tree.read(path) ?? "{}")
      .filter((name) => !used(name) && !CALLED_BY_OTHERS.some((other) => other.test(name)))
      .map((name) => ({ path, line: 1, says: `nobody under "${folder}" uses "${name}"` }));
  });

function namesIn(text: string): string[] {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(text) as {
    dependencies?: Record<string, string>;
    devDependencies?: Record<string, string>;
  };
  return [...Object.keys(dependencies), ...Object.keys(devDependencies)];
}

/** By import, or by name in a text such as `node_modules/oxlint/bin`, of a source in the folder. */
function usedIn(tree: Tree, folder: string): (name: string) => boolean {
  const imported = importsOf(tree)
    .filter(({ from, kind }) => kind === "package" && from.path.startsWith(folder))
    .map(({ specifier }) => specifier);
  const texts = tree.paths
    .filter((path) => path.startsWith(folder) && ASKED.test(path) && path !== RULES)
    .map((path) => tree.read(path) ?? "");
  return (name) =>
    imported.some((specifier) => specifier === name || specifier.startsWith(`${name}/`)) ||
    texts.some((text) => spelt(name).test(text));
}

/** The name as a whole text, or as a whole part of a path. */
function spelt(name: string): RegExp {
  return new RegExp(`["'\`/]${name.replace(/[.\\/]/g, "\\$&")}["'\`/]`);
}

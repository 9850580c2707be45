// The tree that the rules look at: every file's path and, for sources, its parsed text. Rules take a
// tree, so that each can be shown a bad one of a few lines.
import { join, resolve } from "node:path";
import ts from "typescript";

/** One source; of a .vue file the script part, with the lines where they are in the file. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly ast: ts.SourceFile;
}

export interface Tree {
  /** TypeScript, JavaScript and the scripts of Vue files. */
  readonly sources: readonly Source[];
  has(path: string): boolean;
  /** The text of any file; null when it is not there. */
  read(path: string): string | null;
  readonly paths: readonly string[];
}

/** What a rule found: where, and what is wrong with it. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly says: string;
}

export type Rule = (tree: Tree) => Finding[];

const NOT_OURS =
  /(^|\/)(node_modules|dist|dist\.new|dist\.old|dev-dist|coverage|\.git|\.data|\.cache)$/;
const SOURCE = /\.(ts|mjs|vue)$/;

/** The working tree as it lies on the disk. */
export function loadTree(root: string): Tree {
  const paths = listFiles(root, "").sort();
  const read = (path: string) => {
    try {
      return Deno.readTextFileSync(join(root, path));
    } catch {
      return null;
    }
  };
  return treeFrom(paths, read);
}

/** A tree of a few files, for the tests of the rules. */
export function treeOf(files: Readonly<Record<string, string>>): Tree {
  return treeFrom(Object.keys(files), (path) => files[path] ?? null);
}

function treeFrom(paths: readonly string[], read: (path: string) => string | null): Tree {
  const known = new Set(paths);
  const sources = paths.filter((path) => SOURCE.test(path)).map((path) => {
    const text = read(path) ?? "";
    return { path, text, ast: parse(path, text) };
  });
  return { sources, paths, read, has: (path) => known.has(path) };
}

function parse(path: string, text: string): ts.SourceFile {
  const script = path.endsWith(".vue") ? scriptOf(text) : text;
  return ts.createSourceFile(path.replace(/\.vue$/, ".ts"), script, ts.ScriptTarget.Latest, true);
}

/** The script parts of a Vue file; all else becomes blank, so that lines stay where they are. */
function scriptOf(vue: string): string {
  const blank = (text: string) => text.replace(/[^\n]/g, " ");
  let result = "";
  let end = 0;
  for (const match of vue.matchAll(/(<script[^>]*>)([\s\S]*?)<\/script>/g)) {
    const start = match.index + (match[1]?.length ?? 0);
    result += blank(vue.slice(end, start)) + (match[2] ?? "");
    end = start + (match[2]?.length ?? 0);
  }
  return result + blank(vue.slice(end));
}

function listFiles(root: string, folder: string): string[] {
  const found: string[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(join(root, folder))) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (NOT_OURS.test(path)) continue;
    if (isDirectory) found.push(...listFiles(root, path));
    else found.push(path);
  }
  return found;
}

/** The line of a node, counted from 1. */
export function lineOf(ast: ts.SourceFile, node: ts.Node): number {
  return ast.getLineAndCharacterOfPosition(node.getStart(ast)).line + 1;
}

/** Every node of a source, parents before children. */
export function* nodesOf(source: Source): Generator<ts.Node> {
  const stack: ts.Node[] = [source.ast];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    yield node;
    node.forEachChild((child) => void stack.push(child));
  }
}

/** A finding at a node. */
export function at(source: Source, node: ts.Node, says: string): Finding {
  return { path: source.path, line: lineOf(source.ast, node), says };
}

/** Whether a file is a test, or a part of tests. */
export function isTest(path: string): boolean {
  return path.endsWith(".test.ts") || path.startsWith("test/") || path.startsWith("drills/");
}

/** Where the project's own tree lies. */
export const ROOT = resolve(import.meta.dirname ?? ".", "../..");

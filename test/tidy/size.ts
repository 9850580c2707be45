// How long things may be, and that a file says what it decides.
import ts from "typescript";
import { at, type Finding, isTest, lineOf, nodesOf, type Rule, type Source } from "./tree.ts";

const FILE_LINES_MAX = 400;
const RUNTIME_LINES_MAX = 2_500;
const FUNCTION_LINES_MAX = 60;
const LINE_WIDTH_MAX = 120; // the formatter breaks code at 100; words that it cannot break may hang over

/** No file over 400 lines. */
export const fileLength: Rule = ({ sources }) =>
  sources.flatMap(({ path, text }) => {
    const lines = text.trimEnd().split("\n").length;
    if (lines <= FILE_LINES_MAX) return [];
    return [{ path, line: lines, says: `${lines} lines, more than ${FILE_LINES_MAX}: divide it` }];
  });

/** The runtime stays small enough to be read in a morning. */
export const runtimeLength: Rule = ({ sources }) => {
  const own = sources.filter(({ path }) => path.startsWith("server/runtime/") && !isTest(path));
  const lines = own.reduce((sum, { text }) => sum + text.trimEnd().split("\n").length, 0);
  if (lines < RUNTIME_LINES_MAX) return [];
  const says = `${lines} lines in all, not under ${RUNTIME_LINES_MAX}: remove a mechanism`;
  return [{ path: "server/runtime", line: lines, says }];
};

/** No function over 60 lines; `describe` is a heading, not a function. */
export const functionLength: Rule = ({ sources }) =>
  sources.flatMap((source) => {
    const found: Finding[] = [];
    for (const node of nodesOf(source)) {
      if (!ts.isFunctionLike(node) || isDescribe(node)) continue;
      const end = source.ast.getLineAndCharacterOfPosition(node.getEnd()).line + 1;
      const lines = end - lineOf(source.ast, node) + 1;
      if (lines <= FUNCTION_LINES_MAX) continue;
      found.push(at(source, node, `a function of ${lines} lines, more than ${FUNCTION_LINES_MAX}`));
    }
    return found;
  });

/** No line hangs far over the formatter's 100; an address alone on its line cannot be broken. */
export const lineWidth: Rule = ({ sources }) =>
  sources.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) => {
      if (line.length <= LINE_WIDTH_MAX || /^\S*\s*\S+:\/\/\S+$/.test(line.trim())) return [];
      return [{ path, line: index + 1, says: `${line.length} wide, more than ${LINE_WIDTH_MAX}` }];
    })
  );

/** A source opens by saying what it decides; a test's name does that already. */
export const opensWithWords: Rule = ({ sources }) =>
  sources.filter(({ path }) => !isTest(path)).flatMap((source) => {
    if (opening(source)) return [];
    return [{ path: source.path, line: 1, says: "opens without saying what it decides" }];
  });

function opening({ path, text }: Source): boolean {
  if (!path.endsWith(".vue")) return /^(#!.*\n)?\s*(\/\/|\/\*)/.test(text);
  return /^\s*<!--/.test(text) || /<script[^>]*>\s*(\/\/|\/\*)/.test(text);
}

function isDescribe(node: ts.Node): boolean {
  const call = node.parent;
  return call !== undefined && ts.isCallExpression(call) &&
    call.expression.getText().startsWith("describe");
}

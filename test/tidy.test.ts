// The house rules, held against the tree as it is. Each rule is shown to fail in test/tidy/.
import { describe, expect, test } from "vitest";
import { RULES } from "./tidy/rules.ts";
import { loadTree, ROOT } from "./tidy/tree.ts";

const tree = loadTree(ROOT);

describe.each(Object.entries(RULES))("%s", (_sentence, rule) => {
  test("in this tree", () => {
    const found = rule(tree).map(({ path, line, says }) => `${path}:${line} ${says}`);
    expect(found.join("\n")).toBe("");
  });
});

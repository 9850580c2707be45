// Each rule is shown a bad tree of a few lines and must say so, and a good one and must be silent:
// a check that cannot fail is a defect.
import { expect, test } from "vitest";
import { RULES } from "./rules.ts";
import { treeOf } from "./tree.ts";

type Files = Record<string, string>;

/** One example of a rule: the sentence, a tree that breaks it, the finding, a tree that keeps it. */
type Example = readonly [rule: string, bad: Files, says: string | RegExp, good: Files];

const lines = (count: number, line = "x();") => `${line}\n`.repeat(count);
const fn = (body: string) => `function f() {\n${body}}\n`;
const refusals = `export const refusals = { "pile.occupied": no(409) } as const;`;
const drills = (state: string, file = "`drills/1-user/1.1-network-lost.ts`") =>
  `| row | zh | en | state | drill |\n|---|---|---|---|---|\n| 1.1 | 断网 | lost | ${state} | ${file} |`;
const locked = (packages: Record<string, object>) => JSON.stringify({ packages });
const decided = (path: string, symbol: string) =>
  `| question | path | symbol |\n|---|---|---|\n| the shard | \`${path}\` | \`${symbol}\` |`;

const EXAMPLES: readonly Example[] = [
  ["no file is over 400 lines", { "a.ts": lines(401) }, "401 lines", { "a.ts": lines(400) }],
  [
    "the runtime is under 2,500 lines",
    { "server/runtime/a.ts": lines(1_500), "server/runtime/b.ts": lines(1_000) },
    "2500 lines in all",
    { "server/runtime/a.ts": lines(2_499), "server/runtime/a.test.ts": lines(300) },
  ],
  ["no function is over 60 lines", { "a.ts": fn(lines(60)) }, "62 lines", {
    "a.ts": fn(lines(58)),
  }],
  [
    "no function is over 60 lines",
    { "a.vue": `<template/>\n<script setup lang="ts">\n${fn(lines(60))}</script>` },
    "a.vue:3 a function of 62 lines",
    { "a.test.ts": `describe("x", () => {\n${lines(80)}});` },
  ],
  [
    "no line hangs over the margin",
    { "a.ts": `// ${"word ".repeat(30)}` },
    "more than 120",
    { "a.ts": `// https://example.org/${"x".repeat(150)}` },
  ],
  [
    "a source opens by saying what it decides",
    { "a.ts": "export const a = 1;" },
    "opens without",
    { "a.ts": "// Decides a.\nexport const a = 1;", "b.vue": "<!-- Shows b. -->\n<template/>" },
  ],
  ["there is no `any`", { "a.ts": "let a: any;" }, "`any`", { "a.ts": "const any = 'any';" }],
  [
    "there is no `any`",
    { "a.vue": "<script setup>\nconst a = b as any;\n</script>" },
    "a.vue:2",
    { "a.vue": "<template>any</template>" },
  ],
  [
    "there is no bare Error",
    { "server/a.ts": "throw new Error('x');" },
    "a bare Error",
    { "server/a.ts": "throw new StoreFault('x');", "test/b.ts": "throw new Error('x');" },
  ],
  [
    "no test is switched off",
    { "a.test.ts": "test.skip('x', () => {});" },
    "test.skip",
    { "a.test.ts": "test.each([1])('x', () => {});" },
  ],
  ...[
    "const t = Date.now();",
    "const t = new Date();",
    "const n = Math.random();",
    "const t = Temporal.Now.instant();",
    "const id = crypto.randomUUID();",
    "const t = performance.now();",
    "setTimeout(f, 1);",
    "globalThis.fetch('x');",
    "const e = Deno.env.get('X');",
    "const e = process.env.X;",
    "import { readFileSync } from 'node:fs';",
    "const f = async () => await g();",
  ].map((code): Example => [
    "actors and wire ask neither clock, chance, network nor environment",
    { "actors/pile/decide.ts": code },
    "actors/pile/decide.ts:1",
    { "actors/pile/decide.ts": "const d = new Date(at);", "server/a.ts": code },
  ]),
  [
    "the environment is read in its place alone",
    { "server/ocpp/gateway.ts": "Deno.env.get('PORT');" },
    "Deno.env",
    { "server/config.ts": "Deno.env.toObject();", "tools/a.ts": "Deno.env.get('X');" },
  ],
  ...([
    ["actors/pile/mod.ts", "server/config.ts"],
    ["wire/pile.ts", "actors/pile/mod.ts"],
    ["mobile-web/src/a.ts", "actors/pile/mod.ts"],
    ["web-kit/a.ts", "server/config.ts"],
    ["server/ocpp/mod.ts", "server/http/mod.ts"],
    ["server/main.ts", "sim/pile/mod.ts"],
    ["server/runtime/mod.ts", "wire/order.ts"],
    ["server/runtime/mod.ts", "actors/pile/mod.ts"],
  ] as const).map(([from, to]): Example => [
    "no arrow between folders is a forbidden one",
    { [from]: `import "${"../".repeat(from.split("/").length - 1)}${to}";`, [to]: "" },
    `${from} -> ${to}`,
    { [to]: "", "test/flow/a.test.ts": `import "../../${to}";` },
  ]),
  [
    "foreign shapes stay with their gateway",
    {
      "server/http/a.ts": `import "../../wire/foreign/ocpp16/a.ts";`,
      "wire/foreign/ocpp16/a.ts": "",
    },
    "belong to server/ocpp",
    {
      "server/ocpp/a.ts": `import "../../wire/foreign/ocpp16/a.ts";`,
      "wire/foreign/ocpp16/a.ts": "",
    },
  ],
  [
    "rooms are entered by their door",
    {
      "server/main.ts": `import { a } from "./ocpp/a.ts";`,
      "server/ocpp/a.ts": "",
      "server/ocpp/mod.ts": "",
    },
    "enter by server/ocpp/mod.ts",
    { "server/main.ts": `import { a } from "./ocpp/mod.ts";`, "server/ocpp/mod.ts": "" },
  ],
  ...["https://example.org/a.ts", "/srv/a.ts", "npm:zod", "./nowhere.ts"].map((
    address,
  ): Example => [
    "nothing comes from outside the tree",
    { "a.ts": `import "${address}";` },
    `"${address}"`,
    { "a.ts": `import "zod";\nimport "./b.ts";`, "b.ts": "" },
  ]),
  [
    "every file is used by somebody",
    { "server/a.ts": "", "server/a.test.ts": "" },
    "server/a.ts:1 nobody imports it",
    {
      "server/main.ts": `await import("./a.ts");`,
      "server/a.ts": `const worker = new URL("./b.ts", import.meta.url);`,
      "server/b.ts": "",
      "web/index.html": `<script type="module" src="/c.ts">`,
      "web/c.ts": `import.meta.glob("./pages/*.vue");`,
      "web/pages/D.vue": "",
      "test/race/e.test.ts": `start({ script: "test/kit/faulty.ts" });`,
      "test/kit/faulty.ts": "",
    },
  ],
  [
    "every package is used by somebody",
    {
      "package.json": `{ "dependencies": { "croner": "1" } }`,
      "web/package.json": `{ "devDependencies": { "vue": "3" } }`,
      "a.ts": `import "croner-other";\nimport "vue";`,
    },
    /nobody under "" uses "croner"\n.*nobody under "web\/" uses "vue"/,
    {
      "package.json": `{ "dependencies": { "zod": "4" }, "devDependencies": { "oxlint": "1" } }`,
      "web/package.json": `{ "dependencies": { "vue": "3" } }`,
      "a.ts": `import "zod/v4";\nrun("node_modules/oxlint/bin/oxlint");`,
      "web/B.vue": `<script setup>\nimport { ref } from "vue";\n</script>`,
    },
  ],
  ...["MPL-2.0", "GPL-3.0-or-later", "MIT AND LGPL-2.1", "", "SEE LICENSE IN x"].map((
    license,
  ): Example => [
    "every licence is permissive",
    { "package-lock.json": locked({ "node_modules/a/node_modules/web-push": { license } }) },
    `"web-push" comes under ${license}`,
    {
      "package-lock.json": locked({
        "": { license: "none of ours is looked at" },
        "node_modules/web-push": { license: "(GPL-2.0 OR MIT)" },
        "node_modules/axe-core": { license: "MPL-2.0" },
        "node_modules/@chargeward/web-kit": { link: true },
      }),
    },
  ]),
  [
    "every licence is permissive",
    { "package-lock.json": locked({ "node_modules/a": {} }) },
    `"a" comes under no licence that is known`,
    {},
  ],
  ...["`st.${shard}.x`", "`cmd.${a}`", "'live.>'", "'hb.*'", "`d.${tenant}.up`"].map((
    text,
  ): Example => [
    "subjects are spelt in one place",
    { "server/a.ts": `const s = ${text};` },
    "is spelt outside wire/subjects.ts",
    { "wire/subjects.ts": `const s = ${text};`, "server/a.ts": "const s = `${a}.st`; f('live.');" },
  ]),
  [
    "every refusal has words",
    {
      "wire/refusals.ts": refusals,
      "web-kit/words/en.ts": `export const en = {};`,
      "web-kit/words/zh-CN.ts": `export const zh = { "pile.occupied": "占用" };`,
    },
    `web-kit/words/en.ts:1 no words for refusal "pile.occupied"`,
    { "wire/refusals.ts": refusals, "web-kit/words/en.ts": `({ pile: { occupied: "In use" } })` },
  ],
  [
    "every refusal is met by a test",
    { "wire/refusals.ts": refusals, "a.test.ts": "" },
    `no test meets "pile.occupied"`,
    { "wire/refusals.ts": refusals, "a.test.ts": `expect(code).toBe("pile.occupied");` },
  ],
  [
    "every event has a sample",
    {
      "actors/pile/events.ts": `type E = { type: "LinkOpened" } | { type: "LinkLost" };`,
      "wire/samples/pile.json": `[{ "type": "LinkOpened" }]`,
    },
    `no sample of event "LinkLost"`,
    {
      "actors/pile/events.ts": `type E = { type: "LinkOpened" };`,
      "wire/samples/pile.json": `[{ "type": "LinkOpened" }]`,
    },
  ],
  [
    "links lead somewhere",
    { "docs/a.md": "[b](b.md)" },
    `"b.md" leads nowhere`,
    { "docs/a.md": "[b](../wire/) [c](#c) [d](https://example.org)", "wire/x.ts": "" },
  ],
  [
    "a row that is done has its drill",
    { "docs/drills.md": drills("done") },
    "row 1.1 is done, but its drill",
    { "docs/drills.md": drills("open") },
  ],
  [
    "a row that is done has its drill",
    { "docs/drills.md": drills("finished") },
    `"finished" is not open, partly or done`,
    { "docs/drills.md": drills("done"), "drills/1-user/1.1-network-lost.ts": "" },
  ],
  [
    "a row that is done has its drill",
    { "docs/drills.md": drills("open", ""), "drills/1-user/1.1-network-lost.ts": "" },
    "no row of docs/drills.md names it",
    { "docs/drills.md": drills("open"), "drills/1-user/1.1-network-lost.ts": "" },
  ],
  [
    "what is decided where is really there",
    {
      "docs/architecture.md": decided("wire/ids.ts", "shardOf"),
      "wire/ids.ts": "export const x = 1;",
    },
    `holds no "shardOf"`,
    {
      "docs/architecture.md": decided("wire/ids.ts", "shardOf"),
      "wire/ids.ts": "function shardOf() {}",
    },
  ],
  [
    "what is decided where is really there",
    { "docs/architecture.md": decided("wire/gone.ts", "x") },
    `no file "wire/gone.ts"`,
    {},
  ],
];

const findings = (rule: string, files: Files) =>
  RULES[rule]?.(treeOf(files)).map(({ path, line, says }) => `${path}:${line} ${says}`).join("\n");

test.each(EXAMPLES)("%s: a bad tree is told (%#)", (rule, bad, says) => {
  expect(findings(rule, bad)).toMatch(says);
});

test.each(EXAMPLES)("%s: a good tree is let be (%#)", (rule, _bad, _says, good) => {
  expect(findings(rule, good)).toBe("");
});

test("every rule has an example that it must catch", () => {
  const shown = new Set(EXAMPLES.map(([rule]) => rule));
  expect(Object.keys(RULES).filter((rule) => !shown.has(rule))).toEqual([]);
});

// What may be installed: permissive licences alone, and by name the tools that are run and never linked.
import type { Rule } from "./tree.ts";

const PERMISSIVE = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "OFL-1.1", // fonts
  "Unlicense",
]);

/** Looked at by a person: why it may stay although its entry says something else, or nothing. */
const LOOKED_AT: readonly (readonly [name: RegExp, why: string])[] = [
  [
    /^lightningcss(-[a-z0-9-]+)?$/,
    "MPL-2.0: writes style sheets when pages are built, is in no page",
  ],
  [/^axe-core$/, "MPL-2.0: looks at pages in tests"],
  [/^pause-stream$/, "MIT or Apache-2.0, spelt as a list"],
  [/^precond$/, "MIT by its README"],
  [/^xmlhttprequest-ssl$/, "MIT, in an older field"],
];

interface Entry {
  license?: unknown;
  link?: boolean;
}

/** Copyleft, unknown and absent licences are named. */
export const permissiveLicences: Rule = (tree) => {
  const path = "package-lock.json";
  const { packages = {} } = JSON.parse(tree.read(path) ?? "{}") as {
    packages?: Record<string, Entry>;
  };
  return Object.entries(packages).flatMap(([place, { license, link }]) => {
    const name = place.split("node_modules/").at(-1)!;
    if (!place.includes("node_modules/") || link || isPermissive(license)) return [];
    if (LOOKED_AT.some(([known]) => known.test(name))) return [];
    const said = typeof license === "string" ? license : "no licence that is known";
    return [{ path, line: 1, says: `"${name}" comes under ${said}` }];
  });
};

/** `(MIT OR GPL-2.0)`: one of them is enough; `AND`: each must be permissive. */
function isPermissive(license: unknown): boolean {
  if (typeof license !== "string") return false;
  const bare = license.replace(/[()]/g, "");
  return bare.split(" OR ").some((choice) =>
    choice.split(" AND ").every((one) => PERMISSIVE.has(one.trim()))
  );
}

// A copy of the tree with one thing wrong: folders are links to the real ones, but for those on the way
// to the changed file. What runs in it is the real simulation on a runtime with that bug.
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import type { Bug, Patch } from "./bugs.ts";

const root = resolve(import.meta.dirname ?? ".", "..", "..");
/** What the simulation loads, or finds its packages by. */
const LINKED = ["actors", "server", "sim", "test", "wire", "deno.json", "node_modules"];

/** The bug does not fit the code any more. */
export class BugDoesNotFit extends Error {
  override readonly name = "BugDoesNotFit";
}

/** Plants the bug; returns the program of a worker in that tree. */
export function planted({ name, patches }: Bug): string {
  const tree = join(root, ".cache", "planted", name.replaceAll(/[^a-z0-9]+/g, "-"));
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(tree, { recursive: true });
  for (const entry of LINKED) symlinkSync(join(root, entry), join(tree, entry));
  for (const patch of patches) change(tree, patch);
  return join(tree, "test/simulation/worker.ts");
}

function change(tree: string, { file, find, put }: Patch): void {
  const text = readFileSync(join(root, file), "utf8");
  const times = text.split(find).length - 1;
  if (times !== 1) throw new BugDoesNotFit(`found ${times} times in ${file}: '${find}'`);
  const parts = file.split("/");
  for (let depth = 1; depth < parts.length; depth++) unfold(tree, parts.slice(0, depth));
  rmSync(join(tree, file));
  writeFileSync(join(tree, file), text.replace(find, () => put));
}

/** Turns a link to a folder into a folder of links. */
function unfold(tree: string, parts: readonly string[]): void {
  const path = join(tree, ...parts);
  if (!lstatSync(path).isSymbolicLink()) return; // another change has been here
  rmSync(path);
  mkdirSync(path);
  const real = join(root, ...parts);
  for (const entry of readdirSync(real)) symlinkSync(join(real, entry), join(path, entry));
}

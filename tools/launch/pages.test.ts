import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exists } from "../../server/engines/mod.ts";
import { buildPage } from "./pages.ts";

// A builder in vite's place: empties its folder first, is slow, and fails where that was taken away.
const BUILDER = `
await Deno.remove("dist.new", { recursive: true }).catch(() => {});
await Deno.mkdir("dist.new");
await new Promise((done) => setTimeout(done, 200));
await Deno.copyFile("index.html", "dist.new/index.html");`;

let root: string;

beforeEach(async () => {
  root = await Deno.makeTempDir({ prefix: "pages-" });
  await Deno.mkdir(join(root, "node_modules", "vite", "bin"), { recursive: true });
  await Deno.writeTextFile(join(root, "node_modules", "vite", "bin", "vite.js"), BUILDER);
  await Deno.mkdir(join(root, "page"));
  await Deno.writeTextFile(join(root, "page", "index.html"), "<p>first</p>");
});
afterEach(() => Deno.remove(root, { recursive: true }));

let starts = 0;
const build = () =>
  buildPage(root, "page", { logFile: join(root, `build-${starts++}.log`), say: () => {} });
const served = () => Deno.readTextFile(join(root, "page", "dist", "index.html"));

test("two starts at once build a page once", async () => {
  expect((await Promise.all([build(), build()])).sort()).toEqual([false, true]);
  expect(await served()).toContain("first");
  expect(exists(join(root, "page", "dist.new"))).toBe(false);
});

test("a page is built again only where its sources changed", async () => {
  expect(await build()).toBe(true);
  expect(await build()).toBe(false);
  await Deno.writeTextFile(join(root, "page", "index.html"), "<p>second</p>");
  expect(await build()).toBe(true);
  expect(await served()).toContain("second");
});

// Builds the two web pages when their sources changed: into a folder beside the old build, then
// swapped in, so that a page is never half there.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { alone, exists, lastLines, startChild } from "../../server/engines/mod.ts";
import { LaunchFault } from "./settings.ts";

export const PAGES = ["mobile-web", "dashboard"] as const;

// A page is made of its own sources, the shared kit, the shapes of the wire, and the packages.
const SHARED = ["web-kit", "wire", "package-lock.json"];
const SKIPPED = new Set(["node_modules", "dist", "dist.new", "dist.old", "dev-dist"]);

interface Build {
  readonly logFile: string;
  readonly say: (line: string) => void;
}

/** Brings one page up to date, one start at a time; tells whether it had to be built. */
export async function buildPage(root: string, page: string, build: Build): Promise<boolean> {
  if (!exists(join(root, page, "index.html"))) return false;
  const cache = join(root, ".cache");
  await Deno.mkdir(cache, { recursive: true });
  return await alone(join(cache, `build-${page}.lock`), () => bringUpToDate(root, page, build));
}

async function bringUpToDate(root: string, page: string, { logFile, say }: Build) {
  const folder = join(root, page);
  const stamp = await hashOf(root, [page, ...SHARED]);
  const stampFile = join(folder, "dist", ".built-from");
  if (exists(stampFile) && await Deno.readTextFile(stampFile) === stamp) return false;
  say(`${page}: building the page ...`);
  const [fresh, old, dist] = ["dist.new", "dist.old", "dist"].map((name) => join(folder, name));
  await viteBuild(root, page, logFile);
  await Deno.writeTextFile(join(fresh!, ".built-from"), stamp);
  if (exists(dist!)) await Deno.rename(dist!, old!);
  await Deno.rename(fresh!, dist!);
  await Deno.remove(old!, { recursive: true }).catch(() => {});
  return true;
}

async function viteBuild(root: string, page: string, logFile: string): Promise<void> {
  await Deno.remove(logFile).catch(() => {});
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  const child = await startChild({
    name: `vite build ${page}`,
    command: Deno.execPath(),
    args: ["run", "-A", vite, "build", "--outDir", "dist.new", "--emptyOutDir"],
    cwd: join(root, page),
    env: { NODE_ENV: "production", NO_COLOR: "1", FORCE_COLOR: "0" },
    logFile,
  });
  if (await child.exited === 0) return;
  const whole = await lastLines(logFile, 60);
  const said = whole.filter((line) => !line.startsWith("    at ")).slice(-20).join("\n");
  const plain = stripVTControlCharacters(said);
  throw new LaunchFault(`${page}: the page could not be built (${logFile}):\n${plain}`);
}

/** One hash over names and bytes of files and folders. */
export async function hashOf(root: string, paths: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const path of paths) {
    for (const file of listFiles(root, path)) {
      hash.update(`${file}\0`).update(await Deno.readFile(join(root, file))).update("\0");
    }
  }
  return hash.digest("hex");
}

function listFiles(root: string, path: string): string[] {
  const full = join(root, path);
  if (!exists(full)) return [];
  if (Deno.statSync(full).isFile) return [path];
  const entries = [...Deno.readDirSync(full)].filter(({ name }) => !SKIPPED.has(name));
  return entries.map(({ name }) => name).sort().flatMap((name) =>
    listFiles(root, join(path, name))
  );
}

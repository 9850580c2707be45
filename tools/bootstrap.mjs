// Node's only part: brings Deno and the packages to a machine that has neither, then hands over.
// Usage: node tools/bootstrap.mjs <script.ts> [arguments]. Everything else is decided in Deno.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const denoHome = join(root, "tools", "deno");
const denoVersion = JSON.parse(readFileSync(join(denoHome, "package.json"))).dependencies.deno;
const PARENT_LOOK_MS = 500;

/** Says in one line what is wrong and what to do, and ends. */
function fail(message) {
  console.error(`chargeward: ${message}`);
  process.exit(1);
}

/** One hash over everything that decides what `npm i` would install there. */
function installHash(folder, files) {
  const hash = createHash("sha256").update(process.platform + process.arch);
  for (const file of files.filter((name) => existsSync(join(folder, name)))) {
    const text = readFileSync(join(folder, file), "utf8");
    hash.update(file).update(file.endsWith("package.json") ? dependenciesOf(text) : text);
  }
  return hash.digest("hex");
}

function dependenciesOf(text) {
  const { dependencies, devDependencies, overrides, workspaces } = JSON.parse(text);
  return JSON.stringify([dependencies, devDependencies, overrides, workspaces]);
}

/** Runs `npm i` in a folder unless its stamp says that nothing changed since the last time. */
function install(folder, files, what) {
  const stamp = join(folder, "node_modules", ".installed");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === installHash(folder, files)) return;
  console.error(`chargeward: installing ${what} (npm i) ...`);
  const lock = join(folder, "package-lock.json");
  const before = existsSync(lock) ? readFileSync(lock, "utf8") : "";
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const run = spawnSync(
    npm,
    ["i", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"],
    {
      cwd: folder,
      stdio: ["ignore", 2, 2],
      shell: process.platform === "win32",
    },
  );
  if (run.status !== 0) {
    fail(`could not install ${what}: see npm's lines above, then run the same command again`);
  }
  if (before !== readFileSync(lock, "utf8")) {
    if (process.env.CI) fail(`${lock} changed by npm i: commit the new lock file`);
    console.error(`chargeward: ${lock} changed by npm i: commit it`);
  }
  writeFileSync(stamp, installHash(folder, files));
}

/** The pinned Deno: a platform package carries the binary, so install scripts may stay off. */
function pinnedDeno() {
  const libc = process.platform === "linux" ? "-glibc" : "";
  const file = process.platform === "win32" ? "deno.exe" : "deno";
  const folder = `${process.platform}-${process.arch}${libc}`;
  return join(denoHome, "node_modules", "@deno", folder, file);
}

function findDeno() {
  if (existsSync(pinnedDeno())) return pinnedDeno();
  const own = spawnSync("deno", ["--version"], { encoding: "utf8" });
  if (own.status === 0 && own.stdout.startsWith(`deno ${denoVersion} `)) return "deno";
  install(denoHome, ["package.json", "package-lock.json"], `Deno ${denoVersion}`);
  if (existsSync(pinnedDeno())) return pinnedDeno();
  return fail(
    `no Deno ${denoVersion} for ${process.platform}-${process.arch}: put deno ${denoVersion} on PATH`,
  );
}

/**
 * Starts Deno. Its stdin is a pipe, so that it notices when this process is killed; a command that
 * a person types into (tools/run.ts) gets the real one.
 */
function handOver(deno, args) {
  const typed = args[0].endsWith("run.ts");
  const held = typed ? {} : { STARTED_BY_NODE: String(process.pid) };
  const child = spawn(deno, ["run", "-A", ...args], {
    cwd: root,
    stdio: [typed ? "inherit" : "pipe", "inherit", "inherit"],
    env: { ...process.env, ...held, DENO_NO_UPDATE_CHECK: "1" },
  });
  const stop = () => child.kill("SIGTERM");
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal)); // Ctrl-C reaches the child twice: it knows
  }
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event) {
    setInterval(() => process.ppid !== parent && stop(), PARENT_LOOK_MS).unref();
  }
  child.on("error", (cause) => fail(`could not start Deno: ${cause.message}`));
  child.on("exit", (code, signal) => process.exit(signal ? 1 : code ?? 1));
}

const [script, ...rest] = process.argv.slice(2);
if (!script) fail("no script given: node tools/bootstrap.mjs <script.ts> [arguments]");
const workspaces = JSON.parse(readFileSync(join(root, "package.json"))).workspaces;
const deno = findDeno();
install(root, [
  "package.json",
  "package-lock.json",
  ...workspaces.map((name) => `${name}/package.json`),
], "packages");
handOver(deno, [script, ...rest]);

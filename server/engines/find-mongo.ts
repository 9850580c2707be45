// Finds a database that speaks MongoDB: the real one first, else SecantusDB (docs/decisions/0002).
// Data stay with the engine that wrote them, so `only` narrows the search to one kind.
import { join } from "node:path";
import { fetchOfficial, type Release } from "./fetch-official.ts";
import {
  EngineFault,
  isExecutable,
  type Machine,
  runToEnd,
  thisMachine,
  which,
} from "./machine.ts";
import { atLeast, firstOf, type Found, type Look, type Say, type Source } from "./search.ts";
import { fromWheel } from "./wheel.ts";

/** mongod; SecantusDB in Rust (fast); SecantusDB in Python (450 upserts a second). */
export type MongoKind = "mongod" | "secantusd-rs" | "secantusd-py";
export type FoundMongo = Found<MongoKind>;

export const MONGO_VERSION_MIN = "7";
const MONGO_VERSION = "8.0.16";
const SECANTUS_WHEEL = "0.7.0b3";
const HELP = "no MongoDB found: put mongod >= 7 on PATH, set MONGODB_URL, " +
  "run `npm run engine` (needs cargo), or install Python 3.10 or newer";

/** Looks in the order of docs/decisions; each source that fails says one line. */
export async function findMongo(
  { machine = thisMachine(), say = console.error, only }: {
    machine?: Machine;
    say?: Say;
    only?: MongoKind | undefined;
  } = {},
): Promise<FoundMongo> {
  const bin = join(machine.cacheDir, "bin");
  const cached = join(bin, `mongod-${MONGO_VERSION}`);
  const rust = join(bin, "secantusd-rs");
  const looks: Record<MongoKind, Look<FoundMongo>[]> = {
    mongod: [
      () => mongod(which("mongod", machine.path), "PATH"),
      () => mongod(isExecutable(cached) ? cached : null, "cache"),
      async () => mongod(await fetchOfficial(await release(), cached, say), "official release"),
    ],
    "secantusd-rs": [
      () => secantusRust(which("secantusd-rs", machine.path), "PATH"),
      () => secantusRust(isExecutable(rust) ? rust : null, "cache"),
    ],
    "secantusd-py": [() => secantusPython(machine)],
  };
  const kinds: MongoKind[] = only ? [only] : ["mongod", "secantusd-rs", "secantusd-py"];
  const help = only
    ? `the data were written by ${only}, which is not here any more: ${HELP}`
    : HELP;
  return await firstOf(kinds.flatMap((kind) => looks[kind]), help, say);
}

/** The official archive for this system, as MongoDB's own tools name it. */
async function release(): Promise<Release> {
  const url = await import("mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js");
  const system = await import("mongodb-memory-server-core/lib/util/getos/index.js");
  const plan = {
    version: MONGO_VERSION,
    platform: Deno.build.os === "darwin" ? "darwin" : "linux",
    arch: Deno.build.arch === "aarch64" ? "arm64" : "x64",
    os: await system.getOS(),
  };
  const archiveUrl = await officialUrl(() => new url.MongoBinaryDownloadUrl(plan).getDownloadUrl());
  return { name: "mongod", archiveUrl, sumUrl: `${archiveUrl}.sha256`, program: "mongod" };
}

async function officialUrl(ask: () => Promise<string>): Promise<string> {
  try {
    return await ask();
  } catch (cause) {
    throw new EngineFault("mongod: no official build for this system", "never", cause);
  }
}

async function mongod(command: string | null, source: Source): Promise<FoundMongo | null> {
  if (command === null) return null;
  const { ok, text } = await runToEnd(command, ["--version"], { limitMs: 5_000 });
  const version = /v(\d+\.\d+\.\d+)/.exec(text)?.[1];
  if (!ok || version === undefined) {
    throw new EngineFault(`mongod: "${command}" does not run on this system`, "never");
  }
  if (!atLeast(version, MONGO_VERSION_MIN)) {
    throw new EngineFault(`mongod: ${version} is too old: 7 or newer is needed`, "never");
  }
  return { kind: "mongod", command, version, source };
}

async function secantusRust(command: string | null, source: Source): Promise<FoundMongo | null> {
  if (command === null) return null;
  const { ok, text } = await runToEnd(command, ["--version"], { limitMs: 5_000 });
  const version = /secantusd-rs (\S+)/.exec(text)?.[1];
  if (!ok || version === undefined) {
    throw new EngineFault(`secantusd-rs: "${command}" does not run on this system`, "never");
  }
  return { kind: "secantusd-rs", command, version, source };
}

async function secantusPython(machine: Machine): Promise<FoundMongo> {
  const wheel = {
    name: "secantusdb",
    requirement: `secantusdb==${SECANTUS_WHEEL}`,
    program: "secantusd-py",
    python: "3.10",
  };
  const folder = `secantusdb-${SECANTUS_WHEEL}`;
  const command = await fromWheel(wheel, {
    cacheDir: machine.cacheDir,
    folder,
    path: machine.path,
  });
  return { kind: "secantusd-py", command, version: SECANTUS_WHEEL, source: "wheel" };
}

// Starts the database for views and archive, or speaks for one that runs elsewhere. Each kind of
// engine keeps its data in a folder of its own, and data stay with the engine that wrote them.
import { join, resolve } from "node:path";
import { type Engine, startEngine } from "./engine.ts";
import { findMongo, type FoundMongo, type MongoKind } from "./find-mongo.ts";
import { EngineFault, exists, thisMachine } from "./machine.ts";
import type { Say } from "./search.ts";

export interface MongoEngine extends Engine {
  readonly kind: MongoKind;
}

export interface MongoOptions {
  readonly dataDir: string;
  readonly port?: number;
  /** Insists on one kind; absent: the kind that wrote the data, else the first found. */
  readonly only?: MongoKind;
  readonly say?: Say;
}

const KINDS: readonly MongoKind[] = ["mongod", "secantusd-rs", "secantusd-py"];
const ANSWER_MS_MAX = 2_000;

/** Finds and starts a MongoDB; it ends with this process. */
export async function startMongo(options: MongoOptions): Promise<MongoEngine> {
  const dataDir = resolve(options.dataDir);
  const say = options.say ?? console.error;
  const earlier = KINDS.find((kind) => exists(join(dataDir, kind)));
  const found = await findMongo({ say, only: options.only ?? earlier });
  const folder = join(dataDir, found.kind);
  await Deno.mkdir(folder, { recursive: true });
  const engine = await startEngine({
    name: found.kind,
    dataDir,
    port: options.port,
    version: found.version,
    source: found.source,
    url: mongoUrl,
    plan: (port) => Promise.resolve({ command: found.command, args: flags(found, folder, port) }),
    ready: (port) => ready(found, port),
  });
  return Object.defineProperties(engine as MongoEngine, {
    kind: { value: found.kind, enumerable: true },
  });
}

function mongoUrl(port: number): string {
  return `mongodb://127.0.0.1:${port}/?directConnection=true`;
}

// Small caches: this is a demo's or a test's database, and several may share the machine.
function flags(found: FoundMongo, folder: string, port: number): string[] {
  const listen = ["--port", String(port)];
  if (found.kind === "mongod") {
    const local = ["--bind_ip", "127.0.0.1", "--replSet", "rs0"];
    return ["--dbpath", folder, ...listen, ...local, "--wiredTigerCacheSizeGB", "0.5"];
  }
  // without --sync-on-commit kill -9 lost acknowledged writes
  const common = ["--storage-path", folder, "--host", "127.0.0.1", ...listen, "--sync-on-commit"];
  const rust = found.kind === "secantusd-rs" ? ["--log-file-max", "32MB"] : [];
  return [...common, "--cache-size", "256M", "--log-level", "WARNING", ...rust];
}

/** Answers a ping; a fresh mongod becomes a replica set of one, for transactions and streams. */
async function ready(found: FoundMongo, port: number): Promise<void> {
  const probe = await Deno.connect({ hostname: "127.0.0.1", port });
  probe.close();
  const { MongoClient } = await import("mongodb");
  const limits = { serverSelectionTimeoutMS: ANSWER_MS_MAX, connectTimeoutMS: ANSWER_MS_MAX };
  const client = new MongoClient(mongoUrl(port), limits);
  try {
    const admin = client.db("admin");
    const hello = await admin.command({ hello: 1 });
    if (hello.isWritablePrimary === true) return;
    if (found.kind === "mongod" && hello.setName === undefined) {
      const members = [{ _id: 0, host: `127.0.0.1:${port}` }];
      await admin.command({ replSetInitiate: { _id: "rs0", members } });
    }
    throw new EngineFault("not ready: it is no primary yet", "later");
  } finally {
    await client.close();
  }
}

/** A database that someone else runs, as MONGODB_URL names it; null where the setting is absent. */
export function externalMongo(): string | null {
  return thisMachine().mongodbUrl ?? null;
}

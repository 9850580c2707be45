// The engines of a start: those named by settings are checked and used, the others are started. A
// note in the cache lets a second node on this machine find the secrets of the first by NATS_URL.
import { join } from "node:path";
import {
  atLeast,
  type Engine,
  exists,
  NATS_VERSION_MIN,
  natsInfo,
  startMongo,
  startNats,
  thisMachine,
  writeWhole,
} from "../../server/engines/mod.ts";
import { LaunchFault, type LaunchSettings } from "./settings.ts";

/** An engine in use; `own` is absent for one that someone else runs. */
export interface EngineInUse {
  readonly name: string;
  readonly version: string;
  readonly source: string;
  readonly url: string;
  readonly own?: Engine;
}

/** What a second node needs to know of the first. */
export interface Neighbour {
  readonly natsUrl: string;
  readonly mongodbUrl: string;
  readonly providerUrl: string;
  readonly secretsDir: string;
}

type Say = (line: string) => void;

/** The NATS of this start. */
export async function useNats(
  settings: LaunchSettings,
  plan: { port: number; secretsDir: string; say: Say },
): Promise<EngineInUse> {
  const { natsUrl: url } = settings;
  if (url === undefined) {
    const dataDir = join(settings.dataDir, "nats");
    const own = await startNats({ ...plan, dataDir });
    const { version, source } = own;
    return { name: "nats-server", version, source, url: own.url, own };
  }
  const { version, jetstream } = await natsInfo(firstOf(url)).catch((cause: unknown) => {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new LaunchFault(
      `NATS_URL: ${said}: start one there, or leave NATS_URL out for an own one`,
    );
  });
  if (!atLeast(version, NATS_VERSION_MIN)) {
    const need = `${NATS_VERSION_MIN} or newer is needed for durable timers`;
    throw new LaunchFault(`NATS_URL "${url}": nats-server ${version} is too old: ${need}`);
  }
  if (jetstream !== true) {
    throw new LaunchFault(`NATS_URL "${url}": JetStream is off: start that server with -js`);
  }
  return { name: "nats-server", version, source: "setting", url };
}

/** The MongoDB of this start. */
export async function useMongo(
  settings: LaunchSettings,
  plan: { port: number; say: Say },
): Promise<EngineInUse> {
  const { mongodbUrl: url } = settings;
  if (url === undefined) {
    const own = await startMongo({ ...plan, dataDir: join(settings.dataDir, "mongo") });
    return { name: own.kind, version: own.version, source: own.source, url: own.url, own };
  }
  const version = await mongoVersion(url);
  if (!atLeast(version, "7")) {
    throw new LaunchFault(`MONGODB_URL: MongoDB ${version} is too old: 7 or newer is needed`);
  }
  return { name: "mongodb", version, source: "setting", url };
}

async function mongoVersion(url: string): Promise<string> {
  const { MongoClient } = await import("mongodb");
  try {
    await using client = new MongoClient(url, { serverSelectionTimeoutMS: 5_000 });
    const info = await client.db("admin").command({ buildInfo: 1 });
    return String(info.version);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const what = "start one there, or leave MONGODB_URL out for an own one";
    throw new LaunchFault(`MONGODB_URL: no MongoDB there: ${reason.split("\n")[0]}: ${what}`);
  }
}

/** The node of this machine that runs the NATS of NATS_URL, where it left a note. */
export async function neighbour(settings: LaunchSettings): Promise<Neighbour | null> {
  if (settings.natsUrl === undefined) return null;
  const file = noteFile(settings.natsUrl);
  return exists(file) ? JSON.parse(await Deno.readTextFile(file)) as Neighbour : null;
}

/** Leaves the note for later nodes; gives the way to take it back. */
export async function leaveNote(note: Neighbour): Promise<() => Promise<void>> {
  const file = noteFile(note.natsUrl);
  await Deno.mkdir(join(file, ".."), { recursive: true });
  await writeWhole(file, JSON.stringify(note), 0o600);
  return () => Deno.remove(file).catch(() => {});
}

function noteFile(natsUrl: string): string {
  const { hostname, port } = new URL(firstOf(natsUrl));
  const name = `${hostname === "localhost" ? "127.0.0.1" : hostname}-${port || 4222}.json`;
  return join(thisMachine().cacheDir, "running", name);
}

/** NATS_URL may name several servers of one cluster: the first stands for all. */
function firstOf(natsUrls: string): string {
  return natsUrls.split(",")[0]!.trim();
}

// Starts the nats-server that carries the journal, or speaks for one that runs elsewhere.
import { join, resolve } from "node:path";
import { type Engine, startEngine } from "./engine.ts";
import { findNats } from "./find-nats.ts";
import { EngineFault, thisMachine, writeWhole } from "./machine.ts";
import { natsConfig } from "./nats-config.ts";
import { type NatsSeeds, natsSeeds } from "./nats-keys.ts";
import type { Say } from "./search.ts";

export interface NatsEngine extends Engine {
  /** The seed of each role; who connects with one is that role. */
  readonly credentials: NatsSeeds;
  readonly secretsDir: string;
}

export interface NatsOptions {
  /** Holds the streams, the log and the configuration. */
  readonly dataDir: string;
  /** Holds the seeds; absent: `<dataDir>/secrets`. */
  readonly secretsDir?: string;
  readonly port?: number;
  /** "always" (the default), or an interval such as "2m" for a bench without flushes. */
  readonly sync?: string;
  readonly serverName?: string;
  readonly say?: Say;
}

const ANSWER_MS_MAX = 2_000;

/** Finds and starts a nats-server; it ends with this process. */
export async function startNats(options: NatsOptions): Promise<NatsEngine> {
  const dataDir = resolve(options.dataDir);
  const secretsDir = resolve(options.secretsDir ?? join(dataDir, "secrets"));
  const say = options.say ?? console.error;
  const [found, credentials] = await Promise.all([findNats({ say }), natsSeeds(secretsDir)]);
  const config = join(dataDir, "nats-server.conf");
  const engine = await startEngine({
    name: "nats-server",
    dataDir,
    port: options.port,
    version: found.version,
    source: found.source,
    url: (port) => `nats://127.0.0.1:${port}`,
    async plan(port) {
      const plan = {
        serverName: options.serverName ?? `chargeward-${port}`,
        port,
        storeDir: dataDir,
        seeds: credentials,
        sync: options.sync ?? "always",
      };
      await writeWhole(config, natsConfig(plan), 0o600);
      return { command: found.command, args: ["-c", config] };
    },
    async ready(port) {
      await natsInfo(`nats://127.0.0.1:${port}`);
    },
  });
  return Object.defineProperties(engine as NatsEngine, {
    credentials: { value: credentials, enumerable: true },
    secretsDir: { value: secretsDir, enumerable: true },
  });
}

/** What a nats-server says of itself before anyone signs in. */
export interface NatsInfo {
  readonly version: string;
  readonly server_name: string;
  readonly jetstream?: boolean;
}

/** Reads the first line of a nats-server; an EngineFault names what is wrong. */
export async function natsInfo(url: string): Promise<NatsInfo> {
  const { hostname, port } = new URL(url);
  const connection = await dial(hostname, Number(port || 4222), url);
  const timer = setTimeout(() => connection.close(), ANSWER_MS_MAX);
  try {
    const line = await greeting(connection);
    if (line !== null) return JSON.parse(line) as NatsInfo;
  } catch {
    // it said something else, or nothing in time
  } finally {
    clearTimeout(timer);
  }
  throw new EngineFault(`no nats-server at "${url}": what listens there is none`, "never");
}

/** What follows INFO in the first line; null when it is another protocol. */
async function greeting(connection: Deno.TcpConn): Promise<string | null> {
  let text = "";
  for await (const chunk of connection.readable.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const line = /^INFO (\{.*\})\s*\r?\n/.exec(text)?.[1];
    if (line !== undefined) return line;
    if (!"INFO ".startsWith(text.slice(0, "INFO ".length))) return null;
  }
  return null;
}

async function dial(hostname: string, port: number, url: string): Promise<Deno.TcpConn> {
  try {
    return await Deno.connect({ hostname, port });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new EngineFault(`no nats-server at "${url}": ${why}`, "later", cause);
  }
}

/** A server that someone else runs, as NATS_URL names it; null where the setting is absent. */
export function externalNats(): string | null {
  return thisMachine().natsUrl ?? null;
}

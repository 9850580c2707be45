// A whole platform for one test: engines, secrets, sandbox provider and any number of server
// nodes, on free ports and in a temporary folder, gone after the test.
import { join, resolve } from "node:path";
import { exists, freePort, type MongoEngine, type NatsEngine } from "../../server/engines/mod.ts";
import { startMongo, startNats } from "../../server/engines/mod.ts";
import { provideSecrets, type Secrets } from "../../tools/launch/secrets.ts";
import { readSettings } from "../../tools/launch/settings.ts";
import { childPlan } from "../../tools/launch/programs.ts";
import { providerPlan, serverPlan, type Whole } from "../../tools/launch/whole.ts";
import { type Program, startProcess, startProgram } from "./processes.ts";
import { tempDir } from "./temp.ts";

export const ROOT = resolve(import.meta.dirname ?? ".", "../..");

export interface WorldOptions {
  /** How soon an append is on disk: "always" (default) or an interval, for speed. */
  readonly sync?: string;
  /** False: no sandbox provider. */
  readonly provider?: boolean;
  /** Settings for every server node. */
  readonly env?: Record<string, string>;
  /** Where the journal's server keeps its files; absent: in the world's folder. */
  readonly natsDir?: string;
}

export interface ServerOptions {
  /** The node's name; each needs its own. */
  readonly node?: string;
  readonly roles?: string;
  readonly env?: Record<string, string>;
  /** Another program than the platform's own (test/kit/faulty-server.ts). */
  readonly script?: string;
  /** Flags of Deno itself, such as an inspector for a bench. */
  readonly flags?: readonly string[];
  /** Where this node reaches an engine, if not directly: through a network that can fail. */
  readonly natsUrl?: string;
  readonly mongoUrl?: string;
}

export interface World extends AsyncDisposable {
  readonly dir: string;
  readonly nats: NatsEngine;
  readonly mongo: MongoEngine;
  readonly secrets: Secrets;
  readonly secretsDir: string;
  readonly provider: Program | null;
  /** Starts a server node and waits until it is ready; `url` of it is its origin. */
  startServer(options?: ServerOptions): Promise<Program>;
}

/** `await using world = await startWorld()`; then `await world.startServer()`. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const stack = new AsyncDisposableStack();
  try {
    return await build(options, stack);
  } catch (cause) {
    await stack.disposeAsync();
    throw cause;
  }
}

async function build(options: WorldOptions, stack: AsyncDisposableStack): Promise<World> {
  const { path: dir } = stack.use(await tempDir("world-"));
  const secretsDir = join(dir, "secrets");
  const secrets = await provideSecrets(secretsDir);
  const say = () => {};
  const sync = options.sync ?? "always";
  const dataDir = options.natsDir ?? join(dir, "nats");
  const nats = await startNats({ dataDir, secretsDir, sync, say });
  stack.defer(() => nats.stop());
  const mongo = await startMongo({ dataDir: join(dir, "mongo"), say });
  stack.defer(() => mongo.stop());
  const engines = ({ natsUrl = nats.url, mongoUrl = mongo.url }: ServerOptions) => ({
    nats: inUse(nats, natsUrl),
    mongo: inUse(mongo, mongoUrl),
  });
  const base = { secrets, secretsDir, keysFit: true, ownProvider: true };
  const providerPort = freePort();
  const wholeOf = (port: number, server: ServerOptions): Whole => {
    const { node = "node-1", roles = "all", env } = server;
    const settings = readSettings(ROOT, ["--roles", roles], {
      CHARGEWARD_NODE: node,
      CHARGEWARD_DEMO: "on",
      ...(sync === "always" ? {} : { CHARGEWARD_SYNC: "any" }),
      ...options.env,
      ...env,
      PORT: String(port),
      CHARGEWARD_DATA: join(dir, node),
    });
    const providerUrl = `http://127.0.0.1:${providerPort}`;
    const origin = `http://127.0.0.1:${port}`;
    return { ...base, ...engines(server), settings, origin, providerUrl, providerPort };
  };
  const firstPort = freePort();
  const provider = options.provider === false ? null : await startProvider(wholeOf(firstPort, {}));
  if (provider) stack.use(provider);
  let port = firstPort;
  const startServer = async (server: ServerOptions = {}) => {
    const whole = wholeOf(port, server);
    port = freePort();
    await Deno.mkdir(whole.settings.dataDir, { recursive: true });
    const plan = serverPlan(whole);
    const { script = plan.script, flags = [] } = server;
    const ready = `${whole.origin}/readyz`;
    const planOf = (env: Record<string, string>) => {
      const child = childPlan({ ...plan, script, env: { ...plan.env, ...env } });
      const [run = "", ...rest] = child.args;
      return { ...child, args: [run, ...flags, ...rest] };
    };
    return stack.use(await startProcess(planOf, whole.origin, ready));
  };
  const world = { dir, nats, mongo, secrets, secretsDir, provider, startServer };
  return { ...world, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function inUse({ version, source }: NatsEngine | MongoEngine, url: string) {
  return { name: "own", version, source, url };
}

async function startProvider(whole: Whole): Promise<Program | null> {
  const plan = providerPlan(whole);
  if (!exists(join(ROOT, plan.script))) return null;
  for (const folder of plan.write) await Deno.mkdir(folder, { recursive: true });
  return await startProgram(plan, whole.providerUrl, `${whole.providerUrl}/healthz`);
}

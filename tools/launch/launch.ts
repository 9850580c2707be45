// Brings the whole platform up on this machine in order, watches it, and takes it down in reverse.
// A program that ends by itself takes everything down, with its last lines as the reason.
import { join } from "node:path";
import { type Child, exists, startChild } from "../../server/engines/mod.ts";
import { announcement, recordAddresses, type Running } from "./announce.ts";
import { requireFreePort, stablePorts, takeDataDir } from "./data-dir.ts";
import { leaveNote, neighbour, useMongo, useNats } from "./engines.ts";
import { buildPage, PAGES } from "./pages.ts";
import { childPlan, type ProgramPlan } from "./programs.ts";
import { provideSecrets } from "./secrets.ts";
import { type LaunchSettings, logFile } from "./settings.ts";
import { Shutdown } from "./shutdown.ts";
import { answers, type Kept, Watch } from "./watch.ts";
import {
  cityPlan,
  drillsPlan,
  paysForReal,
  providerPlan,
  serverPlan,
  type Whole,
} from "./whole.ts";

type Say = (line: string) => void;

/** A platform that runs; `over` settles when it is down, with the exit code of the launcher. */
export interface Launched {
  readonly running: Running;
  /** Addresses, engines and sign-ins, for the screen. */
  readonly words: string;
  readonly over: Promise<number>;
  stop(): Promise<void>;
}

/** Starts everything that the settings ask for; on failure whatever had started is down again. */
export async function launch(
  settings: LaunchSettings,
  down: Shutdown,
  say: Say,
): Promise<Launched> {
  try {
    const watch = new Watch(down);
    return await watch.orDeath(bringUp(settings, down, watch, say));
  } catch (cause) {
    await down.run();
    throw cause;
  }
}

async function bringUp(
  settings: LaunchSettings,
  down: Shutdown,
  watch: Watch,
  say: Say,
): Promise<Launched> {
  const lock = await takeDataDir(settings.dataDir);
  down.add(() => lock[Symbol.dispose]());
  requireFreePort(settings);
  const [whole] = await Promise.all([
    surroundings(settings, down, say).then(async (whole) => {
      for (const { name, own } of [whole.nats, whole.mongo]) {
        if (own) watch.keep(own, name, say);
      }
      await startPlatform(whole, down, watch, say);
      return whole;
    }),
    ...PAGES.map((page) => {
      return buildPage(settings.root, page, { logFile: logFile(settings, `build-${page}`), say });
    }),
  ]);
  await recordAddresses(settings, { ...whole, city: false });
  const city = settings.demo ? await startIfThere(cityPlan(whole), down, watch) : null;
  if (settings.demo) await startIfThere(drillsPlan(whole), down, watch);
  const running = { ...whole, city: city !== null };
  const words = await announcement(settings, running);
  down.add(() => lock.sayLeaving());
  return { running, words, over: watch.over(say), stop: () => down.run() };
}

/** Engines, secrets and ports: what the programs need before they start. */
export async function surroundings(
  settings: LaunchSettings,
  down: Shutdown,
  say: Say,
): Promise<Whole> {
  const first = await neighbour(settings);
  const secretsDir = settings.secretsDir ?? first?.secretsDir ?? join(settings.dataDir, "secrets");
  const [secrets, ports] = await Promise.all([
    provideSecrets(secretsDir),
    stablePorts(settings.dataDir, ["nats", "mongo", "provider"]),
  ]);
  const [nats, mongo] = await Promise.allSettled([
    useNats(settings, { port: ports.nats, secretsDir, say }),
    useMongo(settings, { port: ports.mongo, say }),
  ]);
  for (const engine of [mongo, nats]) {
    if (engine.status === "fulfilled") down.add(() => engine.value.own?.stop());
  }
  if (nats.status === "rejected") throw nats.reason;
  if (mongo.status === "rejected") throw mongo.reason;
  const neighbourly = settings.providerUrl ?? first?.providerUrl;
  const whole = {
    settings,
    secrets,
    secretsDir,
    keysFit: settings.natsUrl === undefined || first !== null || settings.secretsDir !== undefined,
    nats: nats.value,
    mongo: mongo.value,
    origin: `http://${settings.host}:${settings.port}`,
    providerPort: ports.provider,
    providerUrl: neighbourly ?? `http://127.0.0.1:${ports.provider}`,
    ownProvider: neighbourly === undefined && !paysForReal(settings),
  };
  if (whole.nats.own) down.add(await leaveNote(noteOf(whole)));
  return whole;
}

function noteOf({ nats, mongo, providerUrl, secretsDir }: Whole) {
  return { natsUrl: nats.url, mongodbUrl: mongo.url, providerUrl, secretsDir };
}

/** The server and the sandbox provider; both are ready when this settles. */
async function startPlatform(whole: Whole, down: Shutdown, watch: Watch, say: Say): Promise<void> {
  const waits = [];
  const server = await start(serverPlan(whole), down, watch);
  waits.push(answers(server, `${whole.origin}/readyz`));
  if (whole.ownProvider) {
    const provider = await keepProvider(providerPlan(whole), down, watch, say);
    waits.push(answers(provider, `${whole.providerUrl}/healthz`));
  }
  await Promise.all(waits);
}

/** How often a minute the sandbox may die: drills kill it on order, on either side of its commit. */
const PROVIDER_ENDS_MAX = 60;

/** The sandbox provider is started again as an engine is: the platform lives without it meanwhile. */
async function keepProvider(
  plan: ProgramPlan,
  down: Shutdown,
  watch: Watch,
  say: Say,
): Promise<Child> {
  for (const folder of plan.write) await Deno.mkdir(folder, { recursive: true });
  await keepLastLog(plan.logFile);
  let child = await startChild(childPlan(plan));
  const first = child;
  down.add(() => child.stop());
  const kept: Kept = {
    logFile: plan.logFile,
    get exited() {
      return child.exited;
    },
    stop: () => child.stop(),
    async restart() {
      child = await startChild(childPlan(plan));
    },
  };
  watch.keep(kept, plan.name, say, PROVIDER_ENDS_MAX);
  return first;
}

async function startIfThere(plan: ProgramPlan, down: Shutdown, watch: Watch) {
  return exists(join(plan.root, plan.script)) ? await start(plan, down, watch) : null;
}

async function start(plan: ProgramPlan, down: Shutdown, watch: Watch) {
  for (const folder of plan.write) await Deno.mkdir(folder, { recursive: true });
  await keepLastLog(plan.logFile);
  const child = await startChild(childPlan(plan));
  down.add(() => child.stop());
  watch.add(child);
  return child;
}

/** A new start writes a new log; the one before stays beside it. */
async function keepLastLog(file: string): Promise<void> {
  if (exists(file)) await Deno.rename(file, file.replace(/\.log$/, ".before.log"));
}

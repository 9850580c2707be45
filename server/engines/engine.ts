// What every engine shares: one program over one data folder, started, killed and started again on
// the same port, and never two over the same data.
import { join } from "node:path";
import { type Child, type ChildPlan, startChild } from "./child.ts";
import { EngineFault, exists, freePort, runToEnd } from "./machine.ts";

/** A running engine of ours; `pid` is 0 while it is down, and for one that we did not start. */
export interface Engine {
  readonly url: string;
  readonly port: number;
  readonly version: string;
  readonly source: string;
  readonly pid: number;
  readonly logFile: string;
  /** Settles when the program that runs now ends, asked for or not. */
  readonly exited: Promise<number>;
  /** Ends it gracefully; what it stored is on disk. */
  stop(): Promise<void>;
  /** kill -9: what it acknowledged must be there after `restart`. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data; stops it first if it runs. */
  restart(): Promise<void>;
  /** Any signal, such as SIGSTOP in a drill. */
  signal(signal: Deno.Signal): boolean;
}

export interface EnginePlan {
  readonly name: string;
  readonly dataDir: string;
  /** The port wished for; absent: any free one. */
  readonly port?: number | undefined;
  readonly version: string;
  readonly source: string;
  url(port: number): string;
  plan(port: number): Promise<Pick<ChildPlan, "command" | "args" | "graceMs">>;
  /** Settles when it serves; rejects or throws while it does not. */
  ready(port: number): Promise<void>;
}

const START_MS_MAX = 60_000; // 6 million records take 14 s to open
const LOOK_MS = 50;
const PORT_TRIES = 3;
const OLD_MS_MAX = 15_000;

/** Starts the engine; with no port given, another free one is tried where ours was snatched. */
export async function startEngine(plan: EnginePlan): Promise<Engine> {
  await Deno.mkdir(plan.dataDir, { recursive: true });
  await awaitOld(plan);
  for (let attempt = 1;; attempt++) {
    const port = plan.port ?? freePort();
    try {
      return engineOf(plan, port, await launch(plan, port));
    } catch (cause) {
      if (plan.port !== undefined || attempt === PORT_TRIES) throw cause;
    }
  }
}

function engineOf(plan: EnginePlan, port: number, first: Child): Engine {
  let child = first;
  let down = false;
  const end = async (how: "stop" | "kill") => {
    down = true;
    await child[how]();
    await Deno.remove(pidFile(plan)).catch(() => {});
  };
  return {
    url: plan.url(port),
    port,
    version: plan.version,
    source: plan.source,
    logFile: first.logFile,
    get pid() {
      return down ? 0 : child.pid;
    },
    get exited() {
      return child.exited;
    },
    stop: () => end("stop"),
    kill: () => end("kill"),
    async restart() {
      if (!down) await end("stop");
      child = await launch(plan, port);
      down = false;
    },
    signal: (signal) => child.signal(signal),
  };
}

async function launch(plan: EnginePlan, port: number): Promise<Child> {
  const child = await startChild({
    ...await plan.plan(port),
    name: plan.name,
    cwd: plan.dataDir,
    logFile: join(plan.dataDir, `${plan.name}.log`),
  });
  await Deno.writeTextFile(pidFile(plan), String(child.pid));
  let code: number | undefined;
  void child.exited.then((status) => code = status);
  const until = Date.now() + START_MS_MAX;
  for (;;) {
    try {
      await plan.ready(port);
      return child;
    } catch (cause) {
      if (code === undefined && Date.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        continue;
      }
      await child.kill();
      const said = (await child.lastLines(3)).join(" | ");
      const state = code === undefined ? "it does not answer" : `it ended with ${code}`;
      throw new EngineFault(`could not start ${plan.name}: ${state}: ${said}`, "later", cause);
    }
  }
}

/** Waits for an earlier one over the same data, whose starter was killed, and ends it if needed. */
async function awaitOld(plan: EnginePlan): Promise<void> {
  if (!exists(pidFile(plan))) return;
  const pid = Number(await Deno.readTextFile(pidFile(plan)));
  const until = Date.now() + OLD_MS_MAX;
  while (pid > 0 && await runsOn(pid, plan.dataDir)) {
    if (Date.now() > until) Deno.kill(pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function runsOn(pid: number, dataDir: string): Promise<boolean> {
  const args = ["-o", "stat=,args=", "-p", String(pid)];
  const { ok, text } = await runToEnd("ps", args, { limitMs: 2_000 });
  return ok && !text.startsWith("Z") && text.includes(dataDir);
}

function pidFile(plan: EnginePlan): string {
  return join(plan.dataDir, `${plan.name}.pid`);
}

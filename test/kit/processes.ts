// Programs as processes of their own, for tests that kill, stop and start them again.
import { type Child, type ChildPlan, startChild } from "../../server/engines/mod.ts";
import { childPlan, type ProgramPlan } from "../../tools/launch/programs.ts";

/** A program that a test started; it ends with the test's process whatever happens. */
export interface Program extends AsyncDisposable {
  readonly name: string;
  /** Its public address, as given. */
  readonly url: string;
  /** The process that runs now; a new one after `restart`. */
  readonly pid: number;
  readonly exited: Promise<number>;
  readonly logFile: string;
  /** SIGTERM and the end of the process; its exit code. */
  stop(): Promise<number>;
  /** kill -9. */
  kill(): Promise<number>;
  /** Starts it anew with the same settings (stops it first if it runs), optionally some changed. */
  restart(env?: Record<string, string>): Promise<void>;
  signal(signal: Deno.Signal): boolean;
  /** Everything it wrote so far. */
  log(): Promise<string>;
}

/** The program did not come up, or not in time; the message holds the end of its log. */
export class NotUp extends Error {
  override readonly name = "NotUp";
}

const READY_MS_MAX = 60_000;
const LOOK_MS = 50;

/** Starts a program with exact permissions, as `npm start` would, and waits until `ready` is 2xx. */
export function startProgram(plan: ProgramPlan, url: string, ready: string): Promise<Program> {
  return startProcess((env) => childPlan({ ...plan, env: { ...plan.env, ...env } }), url, ready);
}

/** Starts any command and waits until `ready` answers 2xx; null: as soon as it has a process. */
export async function startProcess(
  planOf: (env: Record<string, string>) => ChildPlan,
  url: string,
  ready: string | null,
): Promise<Program> {
  const up = async (env: Record<string, string>) => {
    const child = await startChild(planOf(env));
    if (ready !== null) await untilAnswered(child, ready);
    return child;
  };
  let child = await up({});
  return {
    url,
    name: child.name,
    logFile: child.logFile,
    get pid() {
      return child.pid;
    },
    get exited() {
      return child.exited;
    },
    stop: () => child.stop(),
    kill: () => child.kill(),
    signal: (signal) => child.signal(signal),
    log: () => Deno.readTextFile(child.logFile),
    async restart(env = {}) {
      await child.stop();
      child = await up(env);
    },
    async [Symbol.asyncDispose]() {
      await child.stop();
    },
  };
}

/** Waits until the address answers 2xx; a program that ends before is named with its last lines. */
export async function untilAnswered(child: Child, url: string): Promise<void> {
  let code: number | undefined;
  void child.exited.then((status) => code = status);
  const until = Date.now() + READY_MS_MAX;
  let last = "no answer";
  while (code === undefined && Date.now() < until) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      last = `${response.status} ${await response.text()}`;
      if (response.ok) return;
    } catch {
      // it does not listen yet
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  await child.kill();
  const said = (await child.lastLines(30)).join("\n");
  const state = code === undefined ? `not ready in time (${last})` : `ended with ${code}`;
  throw new NotUp(`${child.name} at ${url}: ${state}:\n${said}`);
}

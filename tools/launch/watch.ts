// Sees to it that a program that ends by itself is noticed, named with its last lines, and takes
// the rest down with it. An engine is started again first: the platform lives without it meanwhile.
import { type Child, lastLines } from "../../server/engines/mod.ts";
import { LaunchFault } from "./settings.ts";
import type { Shutdown } from "./shutdown.ts";

const READY_MS_MAX = 60_000;
const ANSWER_MS_MAX = 2_000;
const LOOK_MS = 100;
const LAST_LINES = 20;
const SAID_MAX = 2_000;
// An engine that ends so often within so long does not heal by being started again.
const ENDS_MAX = 3;
const ENDS_SPAN_MS = 60_000;
/** A person must act before the program can be ready: nobody waits for that. */
const NOT_BY_WAITING = "restore-journal";
/** The server's way of saying that a setting is wrong; its own lines tell which. */
const WRONG_SETTING = 2;

/** What is watched: a program of ours or an engine. */
type Watched = Pick<Child, "exited" | "logFile"> & { readonly name?: string };

/** What can be started again: an engine, the sandbox provider. */
export interface Kept {
  readonly exited: Promise<number>;
  readonly logFile: string;
  restart(): Promise<void>;
  stop(): Promise<unknown>;
}

export class Watch {
  readonly #down: Shutdown;
  readonly #death = Promise.withResolvers<LaunchFault>();

  constructor(down: Shutdown) {
    this.#down = down;
  }

  add(child: Watched): void {
    void child.exited.then(async (code) => {
      if (!this.#down.started) this.#death.resolve(await obituary(child, code));
    });
  }

  /** Starts an engine again when it ends by itself, unless it does so again and again. */
  keep(engine: Kept, name: string, say: (line: string) => void, endsMax = ENDS_MAX): void {
    let ends: number[] = [];
    const follow = () => void engine.exited.then(ended);
    const ended = async (code: number): Promise<void> => {
      if (this.#down.started) return;
      const now = Date.now();
      ends = [...ends.filter((at) => at > now - ENDS_SPAN_MS), now];
      const { logFile } = engine;
      if (ends.length >= endsMax) {
        return this.#death.resolve(await obituary({ name, logFile }, code));
      }
      say(`${name} ended by itself with ${code}: starting it again`);
      try {
        await engine.restart();
      } catch (cause) {
        return this.#death.resolve(
          new LaunchFault(`${name} does not start again: ${String(cause)}`),
        );
      }
      if (this.#down.started) await engine.stop();
      else follow();
    };
    follow();
  }

  /** The outcome of some work, or the death of a watched program if that comes first. */
  async orDeath<T>(work: Promise<T>): Promise<T> {
    const death = this.#death.promise.then((fault): T => {
      throw fault;
    });
    return await Promise.race([work, death]);
  }

  /** Settles when everything is down: 0 when it was asked for, 1 when a program ended by itself. */
  async over(say: (line: string) => void): Promise<number> {
    const fault = await Promise.race([
      this.#death.promise,
      this.#down.finished.then(() => null),
    ]);
    if (fault === null) return 0;
    say(fault.message);
    await this.#down.run();
    return 1;
  }
}

async function obituary(
  { name, logFile }: Omit<Watched, "exited">,
  code: number,
): Promise<LaunchFault> {
  const said = (await lastLines(logFile, LAST_LINES)).join("\n");
  const who = name ?? logFile;
  if (code === WRONG_SETTING) return new LaunchFault(`${who}: a setting is wrong:\n${said}`);
  return new LaunchFault(`${who} ended by itself with ${code}; the end of ${logFile}:\n${said}`);
}

/** Waits until an address of the program answers 2xx, or says what waiting does not heal. */
export async function answers(child: Pick<Child, "name">, url: string): Promise<void> {
  const until = Date.now() + READY_MS_MAX;
  let last = "no answer";
  while (Date.now() < until && !last.includes(NOT_BY_WAITING)) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
      const text = await response.text();
      if (response.ok) return;
      last = `${response.status} ${text.slice(0, SAID_MAX)}`;
    } catch {
      // it does not listen yet
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new LaunchFault(`${child.name} does not get ready: ${url}: ${last}`);
}

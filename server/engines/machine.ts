// What this machine offers: its environment, programs on PATH, the cache folder, free ports.
// The only file of the engines that reads the environment.
import { delimiter, join } from "node:path";

/** An engine could not be found, started or trusted; the message says what to do about it. */
export class EngineFault extends Error {
  override readonly name = "EngineFault";
  constructor(message: string, readonly retry: "later" | "never", cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/** The settings that decide where engines come from. */
export interface Machine {
  readonly natsUrl: string | undefined;
  readonly mongodbUrl: string | undefined;
  readonly path: readonly string[];
  /** Downloads, builds and venvs that any clone on this machine may share. */
  readonly cacheDir: string;
}

/** Reads the environment once; empty settings count as absent. */
export function thisMachine(): Machine {
  const home = Deno.env.get("HOME") ?? ".";
  const cache = Deno.env.get("XDG_CACHE_HOME") || join(home, ".cache");
  return {
    natsUrl: Deno.env.get("NATS_URL") || undefined,
    mongodbUrl: Deno.env.get("MONGODB_URL") || undefined,
    path: (Deno.env.get("PATH") ?? "").split(delimiter).filter((folder) => folder !== ""),
    cacheDir: join(cache, "chargeward"),
  };
}

/** The first executable file of that name on the path, or null. */
export function which(program: string, path: readonly string[]): string | null {
  for (const folder of path) {
    const file = join(folder, program);
    if (isExecutable(file)) return file;
  }
  return null;
}

/** Whether a file is there and may be run. */
export function isExecutable(file: string): boolean {
  try {
    const info = Deno.statSync(file);
    return info.isFile && ((info.mode ?? 0o111) & 0o111) !== 0;
  } catch {
    return false;
  }
}

/** Whether a file or folder is there. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

// Below the range from which the system takes ports for outgoing connections: a port found there
// could be gone again before it is listened on.
const FREE_FROM = 15_000;
const FREE_TO = 32_000;
const FREE_TRIES = 100;

/** A port nobody listens on now; another process may still take it before you do. */
export function freePort(hostname = "127.0.0.1"): number {
  for (let n = 0; n < FREE_TRIES; n++) {
    const port = FREE_FROM + Math.floor(Math.random() * (FREE_TO - FREE_FROM));
    if (isFree(port, hostname)) return port;
  }
  throw new EngineFault(`no free port found between ${FREE_FROM} and ${FREE_TO}`, "later");
}

/** Whether a port can be listened on now. */
export function isFree(port: number, hostname = "127.0.0.1"): boolean {
  try {
    Deno.listen({ hostname, port }).close();
    return true;
  } catch {
    return false;
  }
}

/** Writes a whole file or nothing: to a temporary name beside it, then renames. */
export async function writeWhole(file: string, text: string, mode = 0o644): Promise<void> {
  const temporary = `${file}.${Deno.pid}.tmp`;
  await Deno.writeTextFile(temporary, text, { mode });
  await Deno.rename(temporary, file);
}

/** Runs `work` while holding a lock file; other processes wait. The system frees it at death. */
export async function alone<T>(lockFile: string, work: () => Promise<T>): Promise<T> {
  using file = await Deno.open(lockFile, { create: true, write: true });
  await file.lock(true);
  return await work();
}

/** Runs a short program and gives its output; a missing program is a failure like any other. */
export async function runToEnd(
  command: string,
  args: string[],
  { limitMs, env = {} }: { limitMs: number; env?: Record<string, string> },
): Promise<{ ok: boolean; text: string }> {
  try {
    const signal = AbortSignal.timeout(limitMs);
    const options = { args, env, signal, stdin: "null", stdout: "piped", stderr: "piped" } as const;
    const run = await new Deno.Command(command, options).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { ok: run.success, text: decode(run.stdout) + decode(run.stderr) };
  } catch (cause) {
    return { ok: false, text: String(cause) };
  }
}

// The data folder of a start: writable, used by one launcher at a time, and the ports that a restart
// should find again.
import { join } from "node:path";
import { exists, freePort, isFree, writeWhole } from "../../server/engines/mod.ts";
import { LaunchFault, type LaunchSettings } from "./settings.ts";

/** A data folder held; the system gives it back when this process ends. */
export interface HeldDataDir extends Disposable {
  /** Tells a next start that this one is on its way out, and worth waiting for. */
  sayLeaving(): void;
}

const LEAVING = "leaving";
const LEAVING_MS_MAX = 20_000; // longer than every grace of every program together
const LOOK_MS = 100;

/** Takes the data folder for this process, after the one that is just leaving it. */
export async function takeDataDir(dataDir: string): Promise<HeldDataDir> {
  const file = await openLock(dataDir);
  const until = Date.now() + LEAVING_MS_MAX;
  while (!await file.tryLock(true)) {
    if (!await isLeaving(dataDir) || Date.now() > until) {
      file.close();
      const what = "stop the platform that runs over it, or set CHARGEWARD_DATA to another folder";
      throw new LaunchFault(`the data folder is in use: "${dataDir}": ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  await file.truncate();
  return {
    sayLeaving: () => void file.writeSync(new TextEncoder().encode(LEAVING)),
    [Symbol.dispose]: () => file.close(),
  };
}

async function isLeaving(dataDir: string): Promise<boolean> {
  return await Deno.readTextFile(lockFile(dataDir)) === LEAVING;
}

function lockFile(dataDir: string): string {
  return join(dataDir, "launcher.lock");
}

async function openLock(dataDir: string): Promise<Deno.FsFile> {
  try {
    await Deno.mkdir(dataDir, { recursive: true, mode: 0o700 });
    await Deno.mkdir(join(dataDir, "logs"), { recursive: true });
    return await Deno.open(lockFile(dataDir), { create: true, write: true });
  } catch (cause) {
    const what = "set CHARGEWARD_DATA to a folder that you may write";
    throw new LaunchFault(`cannot write the data folder "${dataDir}": ${reasonOf(cause)}: ${what}`);
  }
}

function reasonOf(cause: unknown): string {
  const { AlreadyExists, NotADirectory, PermissionDenied } = Deno.errors;
  if (cause instanceof PermissionDenied) return "no permission";
  if (cause instanceof AlreadyExists || cause instanceof NotADirectory) {
    return "a file is in its place";
  }
  const said = cause instanceof Error ? cause.message : String(cause);
  return said.replace(/ \(os error.*/, "");
}

/** Refuses at once when the public port is taken. */
export function requireFreePort({ port, host }: LaunchSettings): void {
  if (isFree(port, host)) return;
  throw new LaunchFault(
    `port ${port} on ${host} is in use or not allowed: stop what uses it, or set PORT to another`,
  );
}

/** The ports of an earlier start over this folder, where they are still free; else new ones. */
export async function stablePorts<Name extends string>(
  dataDir: string,
  names: readonly Name[],
): Promise<Record<Name, number>> {
  const file = join(dataDir, "ports.json");
  const earlier = exists(file) ? JSON.parse(await Deno.readTextFile(file)) : {};
  const ports = Object.fromEntries(names.map((name) => {
    const port = earlier[name];
    return [name, typeof port === "number" && isFree(port) ? port : freePort()];
  })) as Record<Name, number>;
  await writeWhole(file, JSON.stringify({ ...earlier, ...ports }, null, 2));
  return ports;
}

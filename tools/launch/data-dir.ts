// The data folder of a start: writable, used by one launcher at a time, and the ports that a restart
// should find again.
import { join } from "node:path";
import { exists, freePort, isFree, writeWhole } from "../../server/engines/mod.ts";
import { LaunchFault, type LaunchSettings } from "./settings.ts";

/** Takes the data folder for this process; the system gives it back when the process ends. */
export async function takeDataDir(dataDir: string): Promise<Disposable> {
  const file = await openLock(dataDir);
  if (!await file.tryLock(true)) {
    file.close();
    const what = "stop the platform that runs over it, or set CHARGEWARD_DATA to another folder";
    throw new LaunchFault(`the data folder is in use: "${dataDir}": ${what}`);
  }
  return file;
}

async function openLock(dataDir: string): Promise<Deno.FsFile> {
  try {
    await Deno.mkdir(join(dataDir, "logs"), { recursive: true });
    return await Deno.open(join(dataDir, "launcher.lock"), { create: true, write: true });
  } catch (cause) {
    const reason = cause instanceof Deno.errors.PermissionDenied ? "no permission" : String(cause);
    const what = "change its owner, or set CHARGEWARD_DATA to a folder you may write";
    throw new LaunchFault(`cannot write the data folder "${dataDir}": ${reason}: ${what}`);
  }
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

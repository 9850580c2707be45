// A disk that can be full: a tmpfs of its own, which shrinks to what lies on it and grows again. It
// begins large, since the server reserves its streams' limits at the start; only what is used takes room.
import { basename } from "node:path";
import { thisMachine, which } from "../../server/engines/mod.ts";
import { remembered } from "./leftovers.ts";

const PREFIX = "chargeward-disk-";
const FULL_SIZE = "64g"; // a limit, not a use
const SHRINK_TRIES = 50;

async function run(command: string, ...args: string[]): Promise<boolean> {
  const { success } = await new Deno.Command(command, { args, stdout: "null", stderr: "null" })
    .output();
  return success;
}

/** Mounts of runs that could not clean up behind them. */
async function removeLeftovers(): Promise<void> {
  const mounts = await Deno.readTextFile("/proc/mounts").catch(() => "");
  for (const line of mounts.split("\n")) {
    const path = line.split(" ")[1] ?? "";
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(basename(path))?.[1]);
    if (!(pid > 0) || await Deno.stat(`/proc/${pid}`).then(() => true, () => false)) continue;
    await run("umount", "-l", path);
    await Deno.remove(path, { recursive: true }).catch(() => {});
  }
}

export const smallDisk = {
  async missing(): Promise<string | null> {
    if (Deno.uid() !== 0) return "root, to mount a small disk";
    if (which("mount", thisMachine().path) === null) return "the program mount";
    const disk = await smallDisk.mount().catch(() => null);
    await disk?.[Symbol.asyncDispose]();
    return disk === null ? "the right to mount a small disk" : null;
  },

  async mount(): Promise<{ path: string } & AsyncDisposable> {
    await removeLeftovers();
    const path = await Deno.makeTempDir({ prefix: `${PREFIX}${Deno.pid}-` });
    const isMounted = await run("mount", "-t", "tmpfs", "-o", `size=${FULL_SIZE}`, "tmpfs", path);
    if (!isMounted) {
      await Deno.remove(path);
      throw new Deno.errors.NotCapable("could not mount a small disk: the system refused");
    }
    const dispose = remembered(async () => {
      await run("umount", "-l", path);
      await Deno.remove(path, { recursive: true }).catch(() => {});
    });
    return { path, [Symbol.asyncDispose]: dispose };
  },

  /** Until not a page is left. */
  async fill(path: string): Promise<void> {
    for (let tries = 0; tries < SHRINK_TRIES; tries++) {
      const used = await usedBytes(path);
      if (await resize(path, `${used}`)) return;
    }
    throw new Deno.errors.Busy("could not fill the disk: it grew faster");
  },

  async free(path: string): Promise<void> {
    await resize(path, FULL_SIZE);
  },
};

const resize = (path: string, size: string) => run("mount", "-o", `remount,size=${size}`, path);

async function usedBytes(path: string): Promise<number> {
  const { stdout } = await new Deno.Command("df", { args: ["--output=used", "-B1", path] })
    .output();
  return Number(new TextDecoder().decode(stdout).trim().split("\n").at(-1));
}

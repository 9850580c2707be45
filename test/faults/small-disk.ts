// A disk that can be full: a small tmpfs of its own, filled and freed on demand.
import { basename, join } from "node:path";
import { thisMachine, which } from "../../server/engines/mod.ts";

const PREFIX = "chargeward-disk-";
const FILLER = "filler";
const BLOCK_BYTES = 65_536;

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
    const disk = await smallDisk.mount(1).catch(() => null);
    await disk?.[Symbol.asyncDispose]();
    return disk === null ? "the right to mount a small disk" : null;
  },

  async mount(megabytes: number): Promise<{ path: string } & AsyncDisposable> {
    await removeLeftovers();
    const path = await Deno.makeTempDir({ prefix: `${PREFIX}${Deno.pid}-` });
    const isMounted = await run("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path);
    if (!isMounted) {
      await Deno.remove(path);
      throw new Deno.errors.NotCapable("could not mount a small disk: the system refused");
    }
    return {
      path,
      async [Symbol.asyncDispose]() {
        await run("umount", "-l", path);
        await Deno.remove(path, { recursive: true }).catch(() => {});
      },
    };
  },

  /** Until not a byte is left. */
  async fill(path: string): Promise<void> {
    using file = await Deno.open(join(path, FILLER), { create: true, append: true });
    for (let size = BLOCK_BYTES; size >= 1;) {
      try {
        await file.write(new Uint8Array(size));
      } catch {
        size = Math.floor(size / 2);
      }
    }
  },

  async free(path: string): Promise<void> {
    await Deno.remove(join(path, FILLER));
  },
};

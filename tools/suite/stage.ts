// What a stage of the suite is and how its outcome is counted.

/** How a stage ended; a stage that ran nothing at all counts as failed. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** Shown when something failed. */
  readonly output: string;
}

export interface Stage {
  readonly name: string;
  /** False: what it would check does not exist in this tree. */
  applies(): boolean;
  run(filters: readonly string[]): Promise<Outcome>;
}

/** Adds up; the words of the last line of the suite. */
export function total(outcomes: readonly Outcome[]): { passed: number; failed: number } {
  const sum = (key: "passed" | "failed") =>
    outcomes.reduce((count, outcome) => count + outcome[key], 0);
  const [passed, failed] = [sum("passed"), sum("failed")];
  return { passed, failed: passed + failed === 0 ? 1 : failed };
}

const running = new Set<Deno.ChildProcess>();

/** Ends whatever the suite is running now, for a suite that is stopped half-way. */
export function endRunning(): void {
  for (const child of running) child.kill("SIGTERM");
}

/** Waits for a child that a stop of the suite takes with it. */
export async function held<T>(child: Deno.ChildProcess, outcome: () => Promise<T>): Promise<T> {
  running.add(child);
  try {
    return await outcome();
  } finally {
    running.delete(child);
  }
}

/** Runs a tool quietly and gives its exit code and everything it said. */
export async function quietly(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ ok: boolean; text: string }> {
  const options = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const child = new Deno.Command(command, { args: [...args], env, ...options }).spawn();
  const run = await held(child, () => child.output());
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { ok: run.success, text: decode(run.stdout) + decode(run.stderr) };
}

/** A check that passes or fails as one. */
export function asOne({ ok, text }: { ok: boolean; text: string }): Outcome {
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, output: text };
}

const NOT_OURS = new Set(["node_modules", "dist", "dist.new", "dist.old"]);

/** Whether a folder holds, at any depth, a file of ours whose name ends so. */
export function hasFile(folder: string, ending: string): boolean {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (NOT_OURS.has(name)) continue;
    if (isDirectory ? hasFile(`${folder}/${name}`, ending) : name.endsWith(ending)) return true;
  }
  return false;
}

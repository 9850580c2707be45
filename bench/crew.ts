// A process of its own for piles, so that the server's CPU is measured apart: commands and answers are
// JSON lines; it ends when its input does.
import { textLines } from "./lines.ts";
import { BenchFault } from "./bench-fault.ts";

export interface Crew extends AsyncDisposable {
  readonly pid: number;
  /** Asks one thing and waits for what it came to. */
  ask<T>(what: string, facts?: Record<string, unknown>): Promise<T>;
}

type Line = { n: number; ok: unknown } | { n: number; failed: string };

/** Starts `script` (beside this file) as a crew; `flags`: Deno's own. */
export function startCrew(script: string, flags: readonly string[] = []): Crew {
  const path = new URL(script, import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...flags, path],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const waiting = new Map<number, (line: Line) => void>();
  let asked = 0;
  const reading = (async () => {
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(textLines());
    for await (const text of lines) {
      const line = JSON.parse(text) as Line;
      waiting.get(line.n)?.(line);
      waiting.delete(line.n);
    }
    for (const [n, answer] of waiting) answer({ n, failed: "it ended" });
  })();
  return {
    pid: child.pid,
    async ask<T>(what: string, facts: Record<string, unknown> = {}) {
      const n = ++asked;
      const answered = new Promise<Line>((done) => waiting.set(n, done));
      await writer.write(new TextEncoder().encode(`${JSON.stringify({ ...facts, n, what })}\n`));
      const line = await answered;
      if ("failed" in line) throw new BenchFault(`${script} could not ${what}: ${line.failed}`);
      return line.ok as T;
    },
    async [Symbol.asyncDispose]() {
      await writer.close().catch(() => {}); // it may be gone already
      await reading.catch(() => {});
      await child.status;
    },
  };
}

type Deeds = Record<string, (facts: Record<string, unknown>) => Promise<unknown>>;

/** The crew's side: does what it is asked until its input ends. */
export async function serveCrew(deeds: Deeds): Promise<void> {
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
    .pipeThrough(textLines());
  for await (const text of lines) {
    const { n, what, ...facts } = JSON.parse(text) as { n: number; what: string };
    const deed = deeds[what];
    const done = deed ? deed(facts) : Promise.reject(new BenchFault(`unknown: '${what}'`));
    void done.then(
      (ok) => console.log(JSON.stringify({ n, ok: ok ?? null })),
      (cause) => console.log(JSON.stringify({ n, failed: String(cause) })),
    );
  }
  Deno.exit(0);
}

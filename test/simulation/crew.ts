// Worker processes that share out seeds in chunks.
import { createInterface } from "node:readline";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Sum } from "./sum.ts";

export interface Chunk {
  from: number;
  to: number;
}
class WorkerEnded extends Error {
  override readonly name = "WorkerEnded";
}

const CHUNK = 25; // seeds: some seconds, which an interrupted campaign loses
const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));

/** One process; `run` may be called again when it has answered. */
export class Worker {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(script = WORKER) {
    this.#child = spawn(Deno.execPath(), ["run", "-A", script], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** `first`: the first breach is enough. */
  async run({ from, to }: Chunk, steps: number, first = false): Promise<Sum> {
    this.#child.stdin.write(`${from} ${to} ${steps} ${first ? 1 : 0}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new WorkerEnded(`worker ended in seeds ${from} to ${to}`);
    return JSON.parse(value) as Sum;
  }

  end(): void {
    this.#child.stdin.end();
  }
}

export function chunksOf(from: number, to: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (let first = from; first <= to; first += CHUNK) {
    chunks.push({ from: first, to: Math.min(to, first + CHUNK - 1) });
  }
  return chunks;
}

/** Every chunk by some worker; `done` is told of each as it comes. */
export async function shareOut(
  chunks: readonly Chunk[],
  steps: number,
  workers: number,
  done: (chunk: Chunk, sum: Sum) => void,
): Promise<void> {
  const left = [...chunks];
  await Promise.all(Array.from({ length: workers }, async () => {
    const worker = new Worker();
    try {
      for (let chunk; (chunk = left.shift());) done(chunk, await worker.run(chunk, steps));
    } finally {
      worker.end();
    }
  }));
}

// The inspector of a process that was started with `--inspect`: its heap after a collection, and where
// its time goes.
import { BenchFault } from "./bench-fault.ts";

export interface Inspector extends Disposable {
  /** Bytes in use once everything unreachable is gone. */
  heapUsed(): Promise<number>;
  profile(): Promise<void>;
  /** Ends the profile and writes it, for Chrome's or VS Code's viewer. */
  writeProfile(path: string): Promise<void>;
}

interface Told {
  id?: number;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** `port`: as given in `--inspect=127.0.0.1:<port>`. */
export async function inspect(port: number): Promise<Inspector> {
  const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
  const [target] = await answer.json() as { webSocketDebuggerUrl: string }[];
  if (target === undefined) throw new BenchFault(`nothing to inspect: port ${port}`);
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((open, fail) => {
    socket.addEventListener("open", open);
    socket.addEventListener("error", fail);
  });
  const waiting = new Map<number, (told: Told) => void>();
  let asked = 0;
  socket.addEventListener("message", ({ data }) => {
    const told = JSON.parse(data as string) as Told;
    if (told.id !== undefined) waiting.get(told.id)?.(told);
  });
  const ask = async (method: string, params: Record<string, unknown> = {}) => {
    const id = ++asked;
    const told = await new Promise<Told>((done) => {
      waiting.set(id, done);
      socket.send(JSON.stringify({ id, method, params }));
    });
    waiting.delete(id);
    if (told.error) throw new BenchFault(`${method}: ${told.error.message}`);
    return told.result ?? {};
  };
  return {
    async heapUsed() {
      await ask("HeapProfiler.collectGarbage");
      await ask("HeapProfiler.collectGarbage"); // what finalizers let go
      return (await ask("Runtime.getHeapUsage"))["usedSize"] as number;
    },
    async profile() {
      await ask("Profiler.enable");
      await ask("Profiler.setSamplingInterval", { interval: 500 });
      await ask("Profiler.start");
    },
    async writeProfile(path) {
      const { profile } = await ask("Profiler.stop");
      await Deno.writeTextFile(path, JSON.stringify(profile));
    },
    [Symbol.dispose]: () => socket.close(),
  };
}

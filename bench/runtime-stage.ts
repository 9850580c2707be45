// What the runtime's bench plays on: a nats-server of its own with the journal's streams, and
// processes that host nodes or call them.
import { type NatsEngine, startNats } from "../server/engines/mod.ts";
import { connectNats, ensureStreams } from "../server/store/mod.ts";
import { type Crew, startCrew } from "./crew.ts";
import { PAD } from "./runtime-counter.ts";

/** No archive stands behind this journal, so nothing is trimmed and one actor may have all records. */
export const UNTRIMMED = 10_000_000;

export interface StageOptions {
  sync: string;
  /** Where the streams lie; absent: a folder that is gone afterwards. */
  dataDir?: string;
}

export interface Stage extends AsyncDisposable {
  nats: NatsEngine;
  /** A process with a connection. */
  crew(name: string, flags?: readonly string[]): Promise<Crew>;
  /** A process that hosts a node of counters. */
  node(name: string, options?: NodeOptions): Promise<Crew>;
}
export interface NodeOptions {
  pad?: number;
  residents?: number;
  flags?: readonly string[];
}

export async function openStage({ sync, dataDir }: StageOptions): Promise<Stage> {
  const stack = new AsyncDisposableStack();
  try {
    const dir = dataDir ?? await Deno.makeTempDir({ prefix: "bench-" });
    if (dataDir === undefined) stack.defer(() => Deno.remove(dir, { recursive: true }));
    const nats = await startNats({ dataDir: dir, sync, say: () => {} });
    stack.defer(() => nats.stop());
    const connected = { url: nats.url, seed: nats.credentials.platform };
    const seed = new TextEncoder().encode(connected.seed);
    const connection = await connectNats({ url: nats.url, name: "stage", seed });
    await ensureStreams(connection, { recordsPerActor: UNTRIMMED });
    await connection.close();
    const crew = async (name: string, flags: readonly string[] = []) => {
      const made = stack.use(startCrew("runtime-crew.ts", flags));
      await made.ask("connect", { ...connected, name });
      return made;
    };
    return {
      nats,
      crew,
      async node(name, { pad = PAD, residents, flags = [] } = {}) {
        const made = await crew(name, flags);
        await made.ask("host", { name, pad, residents });
        return made;
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (cause) {
    await stack.disposeAsync();
    throw cause;
  }
}

// Who still runs on a journal: a restore under a running platform would be undone, or be wrong.
import { natsBus, type NatsConnection } from "../../server/store/mod.ts";
import { watchNodes } from "../../server/node-watch.ts";
import { freshIds, sleep, systemClock } from "../../server/runtime/mod.ts";

const HEARTBEATS_MS = 1_500; // three of them: a busy node is late with one

/** Names of the processes that let hear of themselves: by heartbeat, or asked. */
export async function stillRunning(connection: NatsConnection): Promise<string[]> {
  const bus = natsBus(connection);
  const watch = watchNodes({ bus, clock: systemClock, freshId: freshIds() });
  await sleep(systemClock, HEARTBEATS_MS);
  const seen = await watch.look();
  watch.stop();
  return seen.map(({ node }) => node);
}

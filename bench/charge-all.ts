// Many charges at once: every pile of a crew charges, and its driver's socket watches the order.
import type { Driver, Live, LiveEar, PileMade } from "../sim/mod.ts";
import { BenchFault } from "./bench-fault.ts";
import type { Crew } from "./crew.ts";
import { each, pause } from "./numbers.ts";

const START_AT_ONCE = 8;
const LOOK_MS = 1_000;
const CHARGING_MS_MAX = 30_000;

/** The sockets, one a driver, in the order of the drivers. */
export async function chargeAll(
  crew: Crew,
  made: readonly PileMade[],
  drivers: readonly Driver[],
  ear: LiveEar,
): Promise<Live[]> {
  const sockets = drivers.map((driver) => driver.live(ear));
  await each([...made], START_AT_ONCE, async ({ id }, n) => {
    const mine = n % drivers.length;
    const order = await drivers[mine]!.start({ pileId: id });
    await sockets[mine]!.watch(`order:${order.id}`);
  });
  const until = performance.now() + CHARGING_MS_MAX;
  for (;;) {
    const charging = await crew.ask<number>("charging");
    if (charging === made.length) return sockets;
    if (performance.now() > until) {
      throw new BenchFault(`${charging} of ${made.length} piles charge: not all in time`);
    }
    await pause(LOOK_MS);
  }
}

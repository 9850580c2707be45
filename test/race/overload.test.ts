// Three times as many commands as the journal can store, on virtual time: what is taken in is finished,
// stops always are, callers are told when to come again, and calm returns at once.
import { expect, test } from "vitest";
import type { Reply, ServiceClass } from "../../wire/envelope.ts";
import { type Journal, sleep } from "../../server/runtime/mod.ts";
import { at, driver, type MemoryWorld, memoryWorld } from "./memory-world.ts";

const STORED_PER_S = 200;
const ACTORS = 2_000;

/** Stores one record after the other, so many a second. */
function slow(world: MemoryWorld): (journal: Journal) => Journal {
  let free = 0;
  return (journal) => ({
    ...journal,
    async append(place, bytes, marks) {
      const now = world.clock.tick();
      free = Math.max(free, now) + 1_000 / STORED_PER_S;
      await sleep(world.clock, free - now);
      return await journal.append(place, bytes, marks);
    },
  });
}

interface Counts {
  asked: number;
  done: number;
  turnedAway: number;
  hints: number[];
}

/** Commands of one class at a steady rate for so long; settles when all are answered. */
async function offer(
  world: MemoryWorld,
  ask: (n: number, service: ServiceClass) => Promise<Reply>,
  { perS, forMs, service }: { perS: number; forMs: number; service: ServiceClass },
): Promise<Counts> {
  const counts: Counts = { asked: 0, done: 0, turnedAway: 0, hints: [] };
  const open: Promise<void>[] = [];
  for (let n = 0; n < perS * forMs / 1_000; n++) {
    counts.asked++;
    open.push(
      ask(n, service).then((reply) => {
        if (!("fault" in reply)) counts.done++;
        else counts.turnedAway++;
        if ("fault" in reply && reply.fault.afterMs) counts.hints.push(reply.fault.afterMs);
      }),
    );
    await sleep(world.clock, 1_000 / perS);
  }
  await Promise.all(open);
  return counts;
}

async function crowd(seed: number) {
  const world = memoryWorld({ seed, appendMs: () => 0.2 });
  const { node } = await world.node("a", {}, slow(world));
  let keys = 0;
  const ask = (n: number, service: ServiceClass) => {
    const to = at(`t${n % ACTORS}`);
    const body = { by: 1 };
    const id = `k${keys++}`;
    return node.ask({ id, to, type: "Add", body, principal: driver, class: service, ttlMs: 5_000 });
  };
  return { world, ask };
}

test("at three times its capacity a node does nine tenths of it, every stop, and recovers at once", async () => {
  const { world, ask } = await crowd(1);
  const forMs = 30_000;
  const load = Promise.all([
    offer(world, ask, { perS: 3 * STORED_PER_S, forMs, service: "order" }),
    offer(world, ask, { perS: 5, forMs, service: "stop" }),
    offer(world, ask, { perS: 50, forMs, service: "report" }),
  ]);
  const [orders, stops, reports] = await world.wait(load, 120_000);
  const capacity = STORED_PER_S * forMs / 1_000;
  expect(orders.done + stops.done + reports.done).toBeGreaterThan(capacity * 0.9);
  expect(stops.done).toBe(stops.asked);
  expect(orders.turnedAway).toBeGreaterThan(orders.asked / 3);
  expect(reports.done / reports.asked).toBeLessThan(orders.done / orders.asked); // they go first
  expect(orders.hints.length).toBeGreaterThan(0);
  expect(Math.max(...orders.hints)).toBeLessThan(10_000);

  await world.clock.advance(2_000);
  const calm = await world.wait(
    offer(world, ask, { perS: STORED_PER_S / 2, forMs: 5_000, service: "order" }),
    60_000,
  );
  expect(calm.done).toBe(calm.asked);
});

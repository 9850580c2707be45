// Program: holds one actor's record many times, as a node's residents, as bare states, as bare
// records, and tells what each took of the heap. Started with `--v8-flags=--expose-gc`.
import { order } from "../actors/order/mod.ts";
import { createNode, type Journal, noMetrics, systemRandom } from "../server/runtime/mod.ts";
import { memoryNetwork } from "../server/store/mod.ts";
import type { JournalRecord } from "../wire/envelope.ts";
import { serveCrew } from "./crew.ts";
import { each } from "./numbers.ts";
import { resealed } from "./runtime-seed.ts";

export interface Held {
  /** Bytes of heap for each. */
  resident: number;
  state: number;
  record: number;
}

const AT_ONCE = 500;
const COLLECTIONS = 3; // what finalizers let go is gone with the next

function heap(): number {
  for (let n = 0; n < COLLECTIONS; n++) (globalThis as unknown as { gc(): void }).gc();
  return Deno.memoryUsage().heapUsed;
}
const kept: unknown[] = [];

async function hold({ id, text, orders }: { id: string; text: string; orders: number }) {
  const idOf = (n: number) => id.slice(0, -6) + String(n).padStart(6, "0");
  const textOf = (n: number) => text.replaceAll(id, idOf(n));
  const { at } = JSON.parse(text) as JournalRecord;
  const each1 = async (make: (n: number) => unknown) => {
    kept.length = 0;
    const before = heap();
    for (let n = 0; n < orders; n++) kept.push(await make(n));
    return (heap() - before) / orders;
  };
  const state = await each1((n) => (JSON.parse(textOf(n)) as JournalRecord).state);
  const record = await each1((n) => JSON.parse(textOf(n)));
  kept.length = 0;
  const begun = performance.now();
  const clock = { // it is the moment of the record: no timer of it is due
    now: () => at + performance.now() - begun,
    tick: () => performance.now(),
    after(ms: number, run: () => void) {
      const timer = setTimeout(run, ms);
      return { cancel: () => clearTimeout(timer) };
    },
  };
  const node = createNode({
    node: "memory",
    actors: [order],
    journal: onlyLast((orderId) => resealed(text.replaceAll(id, orderId))),
    network: memoryNetwork({ clock, random: systemRandom }).port("memory"),
    clock,
    limits: { residents: orders * 2 },
    metrics: noMetrics,
  });
  await node.start();
  const before = heap();
  await each(Array.from({ length: orders }, (_, n) => n), AT_ONCE, async (n) => {
    const to = { tenant: "main", kind: "order", id: idOf(n) };
    const reply = await node.inspect(to);
    if (!reply.ok) throw new TypeError(`order cannot be loaded: ${JSON.stringify(reply)}`);
  });
  await new Promise((done) => setTimeout(done, 1_000)); // deadlines of the questions pass
  const resident = (heap() - before) / orders;
  const held: Held = { resident, state, record };
  return held;
}

/** A journal that has the newest record of every actor and keeps none of them. */
function onlyLast(bytesOf: (id: string) => Uint8Array): Journal {
  const never = () => Promise.resolve(() => Promise.resolve());
  return {
    append: () => Promise.resolve({ seq: 2 }),
    last: ({ address }) =>
      Promise.resolve({ seq: 1, recordId: "r", prevSum: "", base: 0, bytes: bytesOf(address.id) }),
    schedule: () => Promise.resolve(),
    fires: never,
    tail: never,
  };
}

await serveCrew({ hold } as unknown as Parameters<typeof serveCrew>[0]);

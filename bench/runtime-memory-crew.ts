// Program: holds one actor's record many times, as a node's residents, as bare states, as bare
// records, and tells what each took of the heap. Started with `--v8-flags=--expose-gc`.
import { order } from "../actors/order/mod.ts";
import { createNode, type Journal, systemClock, systemRandom } from "../server/runtime/mod.ts";
import { memoryNetwork } from "../server/store/mod.ts";
import type { JournalRecord, Reply } from "../wire/envelope.ts";
import { chargingSettings } from "../wire/settings.ts";
import { BenchFault } from "./bench-fault.ts";
import { serveCrew } from "./crew.ts";
import { each, pause } from "./numbers.ts";
import { resealed } from "./runtime-seed.ts";

export interface Held {
  /** Bytes of heap for each. */
  resident: number;
  /** The same once it took a reading of its meter. */
  active: number;
  state: number;
  record: number;
}

const SETTINGS = chargingSettings.parse({}); // without them a first reading would warn of the hold
const AT_ONCE = 500;
const COLLECTIONS = 3; // what finalizers let go is gone with the next

function heap(): number {
  for (let n = 0; n < COLLECTIONS; n++) (globalThis as unknown as { gc(): void }).gc();
  return Deno.memoryUsage().heapUsed;
}
const kept: unknown[] = [];

const SETTLE_MS = 1_000; // deadlines of what was asked pass
type Order = { id: string; text: string; orders: number };
const idOf = ({ id }: Order, n: number) => id.slice(0, -6) + String(n).padStart(6, "0");

async function hold(job: Order): Promise<Held> {
  const textOf = (n: number) => job.text.replaceAll(job.id, idOf(job, n));
  const alone = (make: (text: string) => unknown) => {
    kept.length = 0;
    const before = heap();
    for (let n = 0; n < job.orders; n++) kept.push(make(textOf(n)));
    return (heap() - before) / job.orders;
  };
  const state = alone((text) => (JSON.parse(text) as JournalRecord).state);
  const record = alone((text) => JSON.parse(text));
  kept.length = 0;
  return { state, record, ...await resident(job) };
}

/** In a node: as it was loaded, and once it stored something itself. */
async function resident(job: Order): Promise<Pick<Held, "resident" | "active">> {
  const { at, state } = JSON.parse(job.text) as JournalRecord & { state: Charging };
  const node = nodeAt(at, job);
  await node.start();
  const all = Array.from({ length: job.orders }, (_, n) => n);
  const ask = async (make: (n: number) => Promise<Reply>) => {
    await each(all, AT_ONCE, async (n) => {
      const reply = await make(n);
      if (!reply.ok) throw new BenchFault(`order gives no answer: ${JSON.stringify(reply)}`);
    });
    await pause(SETTLE_MS);
    return (heap() - before) / job.orders;
  };
  const to = (n: number) => ({ tenant: "main", kind: "order", id: idOf(job, n) });
  const before = heap();
  const loaded = await ask((n) => node.inspect(to(n)));
  const { registerWh, deviceAt, segments, powerW } = state.meter;
  const body = { registerWh, deviceAt: deviceAt + 1_000, segments, powerW };
  const principal = { kind: "actor", id: `pile/${state.pileId}` } as const;
  const active = await ask((n) =>
    node.ask({ id: `metered-${n}`, to: to(n), type: "MeterAdvanced", body, principal })
  );
  return { resident: loaded, active };
}

interface Charging {
  pileId: string;
  meter: { registerWh: number; deviceAt: number; segments: unknown[]; powerW: number };
}

/** A node at the moment of the record: no timer of it is due. */
function nodeAt(at: number, { id, text, orders }: Order) {
  const begun = performance.now();
  const clock = { ...systemClock, now: () => at + performance.now() - begun };
  return createNode({
    node: "memory",
    actors: [order],
    journal: onlyLast((orderId) => resealed(text.replaceAll(id, orderId))),
    network: memoryNetwork({ clock, random: systemRandom }).port("memory"),
    clock,
    settings: () => SETTINGS,
    limits: { residents: orders * 2 },
  });
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

// Whole nodes on a virtual clock: one memory journal, one memory wire, every node killable.
import type { Reply } from "../../wire/envelope.ts";
import {
  type ActorNode,
  createNode,
  type Journal,
  type NodeOptions,
  type Random,
} from "../../server/runtime/mod.ts";
import { memoryJournal, memoryNetwork } from "../../server/store/mod.ts";
import { tally, type TallyState } from "./tally.ts";
import { type VirtualClock, virtualClock } from "./virtual-clock.ts";

/** Seeded, so that a run can be had again (mulberry32). */
export function seeded(seed: number): Random {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface MemoryNode {
  node: ActorNode;
  /** As kill -9. */
  crash(): void;
}

export interface MemoryWorld {
  clock: VirtualClock;
  random: Random;
  journal: ReturnType<typeof memoryJournal>;
  network: ReturnType<typeof memoryNetwork>;
  node(
    name: string,
    more?: Partial<NodeOptions>,
    decorate?: (journal: Journal) => Journal,
  ): Promise<MemoryNode>;
  /** Moves time until the promise is settled. */
  wait<T>(promise: Promise<T>, ms?: number): Promise<T>;
  state(node: ActorNode, id: string): Promise<TallyState>;
}

export interface MemoryWorldOptions {
  seed?: number;
  appendMs?: (random: Random) => number;
  messageMs?: (random: Random) => number;
  lose?: (random: Random) => boolean;
  recordsPerActor?: number;
}

export class TookTooLong extends Error {
  override readonly name = "TookTooLong";
}

export const at = (id: string) => ({ tenant: "main", kind: "tally", id });
export const driver = { kind: "driver", id: "usr_1" } as const;

export function memoryWorld(options: MemoryWorldOptions = {}): MemoryWorld {
  const { seed = 1, appendMs = () => 1, messageMs = () => 0.2, lose = () => false } = options;
  const { recordsPerActor } = options;
  const random = seeded(seed);
  const clock = virtualClock();
  const journal = memoryJournal({
    clock,
    delayMs: () => appendMs(random),
    ...(recordsPerActor === undefined ? {} : { recordsPerActor }),
  });
  const network = memoryNetwork({
    clock,
    random,
    delayMs: () => messageMs(random),
    lose: () => lose(random),
  });
  const wait = waitOn(clock);
  let processes = 0;
  return {
    clock,
    random,
    journal,
    network,
    wait,
    async node(name, more = {}, decorate = (journal) => journal) {
      const port = network.port(name);
      const mortal = mortalJournal(decorate(journal));
      const own = `${name}${processes++}`;
      let ids = 0;
      const freshId = () => `${own}-${ids++}`;
      const ports = { journal: mortal.journal, network: port, clock, random, freshId };
      const node = createNode({ node: name, actors: [tally], ...ports, ...more });
      await wait(node.start());
      return {
        node,
        crash() {
          mortal.die();
          port.cut();
          node.kill();
        },
      };
    },
    async state(node, id) {
      const reply: Reply = await wait(node.read({ to: at(id), name: "state", principal: driver }));
      if (!reply.ok) throw new TookTooLong(JSON.stringify(reply));
      return reply.body as TallyState;
    },
  };
}

/** Moves time until the promise is settled. */
const waitOn = (clock: VirtualClock) => async <T>(promise: Promise<T>, ms = 60_000): Promise<T> => {
  let settled = false;
  const end = () => settled = true;
  promise.then(end, end);
  if (!await clock.until(() => settled, ms)) throw new TookTooLong(`not settled in ${ms} ms`);
  return await promise;
};

/** What a dead process has under way arrives; it hears of nothing and begins nothing. */
function mortalJournal(inner: Journal): { journal: Journal; die(): void } {
  let dead = false;
  const never = new Promise<never>(() => {});
  const alive = async <T>(begin: () => Promise<T>): Promise<T> => {
    if (dead) return await never;
    const done = await begin();
    return dead ? await never : done;
  };
  return {
    die: () => void (dead = true),
    journal: {
      ...inner,
      append: (...args) => alive(() => inner.append(...args)),
      last: (place) => alive(() => inner.last(place)),
      schedule: (...args) => alive(() => inner.schedule(...args)),
    },
  };
}

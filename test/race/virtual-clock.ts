// Time that moves only when told to: tasks run in order of their moment, and what they set off
// settles before the next one runs.
import type { Clock } from "../../server/runtime/mod.ts";

interface Task {
  at: number;
  n: number;
  run(): void;
}

export interface VirtualClock extends Clock {
  /** Runs everything due within the span. */
  advance(ms: number): Promise<void>;
  /** Runs until `done` holds or the span is over; true: it held. */
  until(done: () => boolean, ms: number): Promise<boolean>;
}

const EPOCH = Date.UTC(2026, 0, 1);
const SETTLE_ROUNDS = 40; // microtasks deep: longer than any chain of awaits between two tasks

async function settle(): Promise<void> {
  for (let i = 0; i < SETTLE_ROUNDS; i++) await Promise.resolve();
}

export function virtualClock(): VirtualClock {
  const heap: Task[] = [];
  let tick = 0;
  let n = 0;

  const before = (a: Task, b: Task) => a.at - b.at || a.n - b.n;
  function push(task: Task) {
    let low = 0;
    let high = heap.length;
    while (low < high) { // sorted from latest to soonest, so that the next is popped off the end
      const middle = (low + high) >> 1;
      if (before(heap[middle]!, task) > 0) low = middle + 1;
      else high = middle;
    }
    heap.splice(low, 0, task);
  }
  async function until(done: () => boolean, ms: number): Promise<boolean> {
    const end = tick + ms;
    await settle();
    while (!done()) {
      const next = heap.at(-1);
      if (!next || next.at > end) {
        tick = end;
        return done();
      }
      heap.pop();
      tick = Math.max(tick, next.at);
      next.run();
      await settle();
    }
    return true;
  }
  return {
    now: () => EPOCH + Math.floor(tick),
    tick: () => tick,
    after(ms, run) {
      const task = { at: tick + Math.max(0, ms), n: n++, run };
      push(task);
      return {
        cancel() {
          task.run = () => {};
        },
      };
    },
    until,
    advance: async (ms) => void await until(() => false, ms),
  };
}

// Virtual time of a simulated world: tasks run in order of their moment, and everything that one sets
// off has settled before the next begins. A binary heap; ties go by the order of their making.

interface Task {
  at: number;
  n: number;
  run: (() => void) | null;
}

/** 2026-03-02 10:00 in Shanghai: flat, peak from 11:00. */
export const EPOCH = Date.UTC(2026, 2, 2, 2, 0, 0);

interface Core {
  runMicrotasks(): void;
}
// Everything awaited settles here, however deep: counting rounds of promises would be a guess. Works
// only outside of a microtask, so a world is run from a timer (`outside`). Deno is pinned (tools/deno).
const { core } = (Deno as unknown as Record<symbol, { core: Core }>)[
  (Deno as unknown as { internal: symbol }).internal
]!;

/** Runs what must not be inside a microtask. */
export const outside = <T>(run: () => T): Promise<T> =>
  new Promise((done, failed) =>
    setTimeout(() => {
      try {
        done(run());
      } catch (error) {
        failed(error);
      }
    })
  );

export class Time {
  readonly #heap: Task[] = [];
  #n = 0;
  /** Milliseconds since the world began. */
  tick = 0;

  now(): number {
    return EPOCH + Math.floor(this.tick);
  }

  after(ms: number, run: () => void): { cancel(): void } {
    const task: Task = { at: this.tick + Math.max(0, ms), n: this.#n++, run };
    this.#push(task);
    return {
      cancel() {
        task.run = null;
      },
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((done) => void this.after(ms, done));
  }

  /** Moment of the next task; Infinity: none. */
  nextAt(): number {
    while (this.#heap[0]?.run === null) this.#pop();
    return this.#heap[0]?.at ?? Infinity;
  }

  /** Runs the next task and all that it sets off; false: nothing is left to do. */
  step(): boolean {
    for (;;) {
      const task = this.#pop();
      if (!task) return false;
      if (task.run === null) continue;
      this.tick = Math.max(this.tick, task.at); // after a jump it may be late
      task.run();
      core.runMicrotasks();
      return true;
    }
  }

  /** Passes over a span: what falls due in it runs once, late, as on a machine that slept. */
  jump(ms: number): void {
    this.tick += ms;
  }

  /** Lets what was begun outside of any task settle. */
  settle(): void {
    core.runMicrotasks();
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push(task);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(task, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = task;
  }

  #pop(): Task | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

const isBefore = (a: Task, b: Task): boolean => a.at < b.at || (a.at === b.at && a.n < b.n);

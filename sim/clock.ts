// Time as the simulated world sees it: the machine's own, or one that only moves when told to.

export interface Clock {
  /** ms since 1970. */
  now(): number;
  /** Monotonic ms. */
  tick(): number;
  after(ms: number, run: () => void): { cancel(): void };
}

export const realClock: Clock = {
  now: () => Date.now(),
  tick: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};

export interface VirtualClock extends Clock {
  /** Moves time on, running what falls due in order and letting promises settle in between. */
  advance(ms: number): Promise<void>;
}

/** Turns of the microtask queue that a timer's promises get before the next timer runs. */
const SETTLE_TURNS = 20;

export function virtualClock(startAt: number): VirtualClock {
  let at = startAt;
  let count = 0;
  const timers = new Map<number, { at: number; run: () => void }>();
  const settle = async () => {
    for (let turn = 0; turn < SETTLE_TURNS; turn++) await Promise.resolve();
  };
  return {
    now: () => at,
    tick: () => at - startAt,
    after(ms, run) {
      const id = ++count;
      timers.set(id, { at: at + Math.max(0, ms), run });
      return { cancel: () => void timers.delete(id) };
    },
    async advance(ms) {
      const until = at + ms;
      await settle();
      for (;;) {
        const due = [...timers].filter(([, timer]) => timer.at <= until)
          .sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
        if (due === undefined) break;
        timers.delete(due[0]);
        at = Math.max(at, due[1].at);
        due[1].run();
        await settle();
      }
      at = until;
      await settle();
    },
  };
}

/** Settles after this long on the given clock. */
export const sleep = (clock: Clock, ms: number): Promise<void> =>
  new Promise((done) => void clock.after(ms, done));

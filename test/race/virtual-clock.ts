// Time that moves only when told to: tasks run in order of their moment, and what they set off
// settles before the next one runs.
import type { Clock } from "../../server/runtime/mod.ts";
import { outside, Time } from "../simulation/time.ts";

export interface VirtualClock extends Clock {
  /** Runs everything due within the span. */
  advance(ms: number): Promise<void>;
  /** Runs until `done` holds or the span is over; true: it held. */
  until(done: () => boolean, ms: number): Promise<boolean>;
}

export function virtualClock(): VirtualClock {
  const time = new Time();
  function run(done: () => boolean, ms: number): boolean {
    const end = time.tick + ms;
    time.settle();
    while (!done()) {
      if (time.nextAt() > end) {
        time.tick = end;
        return done();
      }
      time.step();
    }
    return true;
  }
  const until = (done: () => boolean, ms: number) => outside(() => run(done, ms));
  return {
    now: () => time.now(),
    tick: () => time.tick,
    after: (ms, run) => time.after(ms, run),
    until,
    advance: async (ms) => void await until(() => false, ms),
  };
}

// The timers of an actor in memory: one alarm clock set to the earliest. The journal's schedules are
// the net for actors that are not.
import type { JournalRecord } from "../../wire/envelope.ts";
import type { Clock } from "../routing/mod.ts";

const LONGEST_MS = 86_400_000; // a longer span overflows the platform's timers; then look again

type Timers = JournalRecord["timers"];
export interface DueTimer {
  name: string;
  recordId: string;
}

export interface Wheel {
  follow(timers: Timers): void;
  /** Fires what is due now, even if it fired before without a record. */
  check(): void;
  stop(): void;
}

/** `clock.now` is the actor's own time. */
export function wheelOf(
  clock: Pick<Clock, "after" | "now">,
  fire: (timer: DueTimer) => void,
): Wheel {
  let timers: Timers = {};
  let alarm: { cancel(): void } | null = null;
  /** Already on its way to the mailbox. */
  const fired = new Set<string>();
  const keyOf = (name: string, recordId: string) => `${recordId} ${name}`;

  function arm() {
    alarm?.cancel();
    alarm = null;
    let next = Infinity;
    for (const [name, { at, recordId }] of Object.entries(timers)) {
      if (!fired.has(keyOf(name, recordId))) next = Math.min(next, at);
    }
    if (next === Infinity) return;
    alarm = clock.after(Math.min(LONGEST_MS, Math.max(0, next - clock.now())), ring);
  }
  function ring() {
    const now = clock.now();
    for (const [name, { at, recordId }] of Object.entries(timers)) {
      const key = keyOf(name, recordId);
      if (at > now || fired.has(key)) continue;
      fired.add(key);
      fire({ name, recordId });
    }
    arm();
  }
  return {
    follow(next) {
      if (next === timers) return;
      timers = next;
      const keys = new Set(Object.entries(next).map(([name, t]) => keyOf(name, t.recordId)));
      for (const key of fired) if (!keys.has(key)) fired.delete(key);
      arm();
    },
    check() {
      fired.clear();
      ring();
    },
    stop: () => alarm?.cancel(),
  };
}

// The twin's schedules: when due, each goes to one of those who listen, and again until it was taken.
import { type Clock, keyOf, type Place, type Stop } from "../runtime/mod.ts";
import { FIRES } from "./streams.ts";

type Take = (place: Place) => Promise<boolean>;

interface Due {
  place: Place;
  /** Nobody took it until then: the waker's work. */
  until: number;
  taken: boolean;
}

export class MemoryReminders {
  /** The one whose turn it is comes first. */
  readonly #takers: Take[] = [];
  readonly #set = new Map<string, { cancel(): void }>();
  readonly #waiting: Due[] = [];

  constructor(readonly clock: Clock) {}

  /** Of two with the same id the later one counts. */
  schedule(place: Place, timerId: string, at: number): void {
    const id = `${keyOf(place.address)} ${timerId}`;
    this.#set.get(id)?.cancel();
    const inMs = Math.max(0, at - this.clock.now());
    const set = this.clock.after(inMs, () => {
      this.#set.delete(id);
      this.#fire({ place, until: this.clock.now() + FIRES.keptMs, taken: false });
    });
    this.#set.set(id, set);
  }

  listen(take: Take): Stop {
    this.#takers.unshift(take);
    for (const due of this.#waiting.splice(0)) this.#fire(due);
    return () => {
      const at = this.#takers.indexOf(take);
      if (at >= 0) this.#takers.splice(at, 1);
      return Promise.resolve();
    };
  }

  #fire(due: Due): void {
    if (due.taken || this.clock.now() > due.until) return;
    const take = this.#takers.shift();
    if (!take) return void this.#waiting.push(due);
    this.#takers.push(take);
    const unanswered = this.clock.after(FIRES.answerMs, () => this.#fire(due));
    void take(due.place).catch(() => false).then((seen) => {
      unanswered.cancel();
      due.taken ||= seen;
      if (!seen) this.clock.after(FIRES.againMs, () => this.#fire(due));
    });
  }
}

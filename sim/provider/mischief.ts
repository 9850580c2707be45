// What the provider does wrong: next, on demand, each entry once in the order given; or now and then,
// by rates in thousandths, drawn from a seed.
import type { Behaviour, Misbehaviour } from "../../wire/http-ops.ts";
import { seeded } from "../random.ts";

/** Of a request: done or not, the platform hears nothing good of it. */
const OF_CALLS = [
  "act-then-drop",
  "drop-then-act",
  "hang",
  "error-after-success",
  "die-before-commit",
  "die-after-commit",
] as const;
/** Of a callback: late, twice, after the next one, or with another amount. */
const OF_LETTERS = ["late", "double", "reorder", "wrong-amount"] as const;
export type CallMischief = (typeof OF_CALLS)[number];
export type LetterMischief = (typeof OF_LETTERS)[number];

export class MischiefQueue {
  #now: Behaviour = { next: [] };
  #next: Misbehaviour[] = [];
  #random = seeded(1);

  /** `say` hears of each that is done. */
  constructor(readonly say: (kind: Misbehaviour) => void = () => {}) {}

  get now(): Behaviour {
    return { ...this.#now, next: [...this.#next] };
  }
  set(behaviour: Behaviour): void {
    this.#now = behaviour;
    this.#next = [...behaviour.next];
    if (behaviour.seed !== undefined) this.#random = seeded(behaviour.seed);
  }
  #take<T extends Misbehaviour>(kinds: readonly T[]): T | null {
    const index = this.#next.findIndex((one) => (kinds as readonly string[]).includes(one));
    const taken = index >= 0 ? this.#next.splice(index, 1)[0] as T : this.#drawn(kinds);
    if (taken) this.say(taken);
    return taken;
  }
  #drawn<T extends Misbehaviour>(kinds: readonly T[]): T | null {
    const { rates } = this.#now;
    if (!rates) return null;
    let left = this.#random.next() * 1000;
    return kinds.find((kind) => (left -= rates[kind] ?? 0) < 0) ?? null;
  }
  ofCall = (): CallMischief | null => this.#take(OF_CALLS);
  /** Of a question, which changes nothing: by rates alone. */
  ofQuestion = (): CallMischief | null => {
    const drawn = this.#drawn(["hang", "act-then-drop"]);
    if (drawn) this.say(drawn);
    return drawn;
  };
  ofLetter = (): LetterMischief | null => this.#take(OF_LETTERS);
  /** After a payment is opened: somebody else claims, with a wrong signature, that it was paid. */
  forges = (): boolean => this.#take(["forged"]) !== null;
  /** At a close: the user's bank was quicker than the provider's word. */
  paysAfterClose = (): boolean => this.#take(["paid-after-close"]) !== null;
}

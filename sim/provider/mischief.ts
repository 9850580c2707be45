// What the provider does wrong next, on demand: each entry once, in the order given.
import type { Misbehaviour as Mischief } from "../../wire/http-ops.ts";

/** Of a request: done or not, the platform hears nothing good of it. `forged`: see below. */
const OF_CALLS = ["act-then-drop", "drop-then-act", "hang", "error-after-success"] as const;
/** Of a callback: late, twice, or with another amount. */
const OF_LETTERS = ["late", "double", "wrong-amount"] as const;
export type CallMischief = (typeof OF_CALLS)[number];
export type LetterMischief = (typeof OF_LETTERS)[number];

export class MischiefQueue {
  #next: Mischief[] = [];
  get next(): Mischief[] {
    return [...this.#next];
  }
  set(next: readonly Mischief[]): void {
    this.#next = [...next];
  }
  #take<T extends Mischief>(kinds: readonly T[]): T | null {
    const index = this.#next.findIndex((one) => (kinds as readonly string[]).includes(one));
    return index < 0 ? null : this.#next.splice(index, 1)[0] as T;
  }
  ofCall = (): CallMischief | null => this.#take(OF_CALLS);
  ofLetter = (): LetterMischief | null => this.#take(OF_LETTERS);
  /** After a payment is opened: somebody else claims, with a wrong signature, that it was paid. */
  forges = (): boolean => this.#take(["forged"]) !== null;
}

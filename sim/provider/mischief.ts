// What the provider does wrong: next, on demand, each entry once in the order given, to whoever comes or
// to certain payments only; or now and then, by rates in thousandths, drawn from a seed.
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
/** Of a callback: late, twice, after the next one, with another amount, or never. */
const OF_LETTERS = ["late", "double", "reorder", "wrong-amount", "lost"] as const;
export type CallMischief = (typeof OF_CALLS)[number];
export type LetterMischief = (typeof OF_LETTERS)[number];

/** The payment that a call or a letter is about, as far as it is known. */
export interface About {
  id?: string | undefined;
  fen?: number | undefined;
}
interface Wish {
  kind: Misbehaviour;
  only: Behaviour["only"];
}
const isFor = ({ only }: Wish, { id, fen }: About): boolean =>
  only === undefined || (id !== undefined && only.payments?.includes(id) === true) ||
  (fen !== undefined && only.fen === fen);

export class MischiefQueue {
  #now: Behaviour = { next: [] };
  #next: Wish[] = [];
  #random = seeded(1);

  /** `say` hears of each that is done. */
  constructor(readonly say: (kind: Misbehaviour) => void = () => {}) {}

  get now(): Behaviour {
    return { ...this.#now, next: this.#next.map(({ kind }) => kind) };
  }
  set({ only, ...behaviour }: Behaviour): void {
    const wanted = behaviour.next.map((kind) => ({ kind, only }));
    if (only !== undefined) return void this.#next.push(...wanted);
    this.#next = [...this.#next.filter((wish) => wish.only !== undefined), ...wanted];
    this.#now = behaviour;
    if (behaviour.seed !== undefined) this.#random = seeded(behaviour.seed);
  }
  #take<T extends Misbehaviour>(kinds: readonly T[], about: About): T | null {
    const index = this.#next.findIndex((wish) =>
      (kinds as readonly string[]).includes(wish.kind) && isFor(wish, about)
    );
    const taken = index >= 0 ? this.#next.splice(index, 1)[0]!.kind as T : this.#drawn(kinds);
    if (taken) this.say(taken);
    return taken;
  }
  #drawn<T extends Misbehaviour>(kinds: readonly T[]): T | null {
    const { rates } = this.#now;
    if (!rates) return null;
    let left = this.#random.next() * 1000;
    return kinds.find((kind) => (left -= rates[kind] ?? 0) < 0) ?? null;
  }
  ofCall = (about: About): CallMischief | null => this.#take(OF_CALLS, about);
  /** Of a question, which changes nothing: by rates alone. */
  ofQuestion = (): CallMischief | null => {
    const drawn = this.#drawn(["hang", "act-then-drop"]);
    if (drawn) this.say(drawn);
    return drawn;
  };
  ofLetter = (about: About): LetterMischief | null => this.#take(OF_LETTERS, about);
  /** After a payment is opened: somebody else claims, with a wrong signature, that it was paid. */
  forges = (about: About): boolean => this.#take(["forged"], about) !== null;
  /** At a close: the user's bank was quicker than the provider's word. */
  paysAfterClose = (about: About): boolean => this.#take(["paid-after-close"], about) !== null;
}

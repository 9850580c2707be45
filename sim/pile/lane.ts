// What every lane does for a pile, whatever it speaks; and the back-off that both lanes keep.
import type { Random } from "../random.ts";
import type { PileEar } from "./core.ts";

export interface Lane extends PileEar {
  /** Power is on: connect, and stay connected. */
  up(): void;
  /** Power is off or the simulator ends: let go of the link. Settles when it is gone. */
  down(): Promise<void>;
  /** The link breaks without a goodbye and is made again after this long (or the usual back-off). */
  cut(forMs?: number): void;
  /** May this card start a charge? */
  authorize(idTag: string): Promise<boolean>;
  state(): { linked: boolean; linkEpoch?: number; queued: number };
  /** True once the platform knows this pile over the present link. */
  linked(): Promise<void>;
}

/** interfaces.md: 1-30 s between tries; the spread keeps a thousand piles from coming at once. */
export class BackOff {
  #tries = 0;
  constructor(
    private readonly random: Random,
    private readonly least = 1_000,
    private readonly most = 30_000,
  ) {}

  next(): number {
    const base = Math.min(this.most, this.least * 2 ** this.#tries);
    this.#tries = Math.min(this.#tries + 1, 10);
    return Math.max(this.least, Math.round(base * this.random.between(0.5, 1)));
  }

  reset(): void {
    this.#tries = 0;
  }
}

/** Someone waits for the link: told once, each time it is made. */
export class LinkWaiters {
  #waiting: (() => void)[] = [];
  #linked = false;

  set(linked: boolean): void {
    this.#linked = linked;
    if (!linked) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const tell of waiting) tell();
  }

  get linked(): boolean {
    return this.#linked;
  }

  wait(): Promise<void> {
    return this.#linked ? Promise.resolve() : new Promise((done) => this.#waiting.push(done));
  }
}

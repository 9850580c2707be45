// Which faults a run has and how often, and how often each really hit. A run draws its own mix: some
// are calm but for one thing, some have everything at once (swarm testing).
import type { Dice } from "./dice.ts";

/** Chance at each opportunity, in a run that has that fault at its usual strength. */
const SHARES = {
  // messages between nodes, gateways and phones
  "message-lost": 0.02,
  "message-doubled": 0.02,
  "message-delayed": 0.03,
  // the journal
  "ack-lost": 0.03,
  "append-lost": 0.02,
  "append-late": 0.02,
  "read-lost": 0.03,
  // devices
  "command-lost": 0.08,
  "command-doubled": 0.08,
  "answer-lost": 0.08,
  "answer-late": 0.05,
  "start-late": 0.2,
  "start-refused": 0.05,
  "stop-ignored": 0.2,
  "fact-doubled": 0.05,
  "fact-answer-lost": 0.05,
  // the provider
  "provider-acts-then-drops": 0.12,
  "provider-drops-then-acts": 0.15,
  "provider-hangs": 0.05,
  "provider-fails": 0.08,
  "paid-after-close": 0.6,
  "callback-late": 0.15,
  "callback-doubled": 0.15,
  "callback-forged": 0.3,
  "notice-fails": 0.05,
} as const;

/** What happens to the world now and then; the number is its weight among them. */
const MISHAPS = {
  "node-crashes": 4,
  "node-pauses": 4,
  "clock-jumps": 2,
  "journal-away": 2,
  "journal-full": 1,
  "archive-away": 1,
  "gun-pulled": 4,
  "power-cut": 2,
  "link-lost": 5,
  "card-swiped": 3,
  "pile-faulty": 1,
} as const;

export type Share = keyof typeof SHARES;
export type Mishap = keyof typeof MISHAPS;
export type Fault = Share | Mishap;
const SHARE_NAMES = Object.keys(SHARES) as Share[];
const MISHAP_NAMES = Object.keys(MISHAPS) as Mishap[];
export const FAULTS: readonly Fault[] = [...SHARE_NAMES, ...MISHAP_NAMES];

/** Does this fault happen now? All that devices, gateways and the provider need to know. */
export interface Chance {
  strikes(name: Share): boolean;
}

/** To run with these alone. */
export const allBut = (...only: Fault[]): ReadonlySet<Fault> =>
  new Set(FAULTS.filter((name) => !only.includes(name)));

const STRENGTHS = [0, 0.5, 1, 2.5];

export class Faults implements Chance {
  readonly hits = new Map<Fault, number>();
  healed = false;
  readonly #shares = new Map<Share, number>();
  readonly #mishaps: [Mishap, number][] = [];

  constructor(readonly dice: Dice, readonly off: ReadonlySet<Fault>) {
    const mix = dice.of("mix");
    for (const name of SHARE_NAMES) {
      const share = SHARES[name] * mix.pick(STRENGTHS);
      this.#shares.set(name, off.has(name) ? 0 : share);
    }
    for (const name of MISHAP_NAMES) {
      this.#mishaps.push([name, MISHAPS[name] * mix.pick(STRENGTHS)]);
    }
  }

  /** Does it happen now? Counted if so. */
  strikes(name: Share): boolean {
    if (this.healed) return false;
    const share = this.#shares.get(name)!;
    if (share === 0 || this.dice.of(name).next() >= share) return false;
    this.hit(name);
    return true;
  }

  /** The next mishap; null: this time none. One that is switched off leaves the others as they were. */
  mishap(): Mishap | null {
    const weights = this.#mishaps.map(([, weight]) => weight);
    if (!weights.some((weight) => weight > 0)) return null;
    const [name] = this.#mishaps[this.dice.of("mishaps").weighted(weights)]!;
    return this.off.has(name) ? null : name;
  }

  hit(name: Fault): void {
    this.hits.set(name, (this.hits.get(name) ?? 0) + 1);
  }
}

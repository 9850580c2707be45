// Chance of one run: every kind of decision draws from a stream of its own, so that switching one kind
// of fault off leaves all others as they were. That is what makes a failing seed shrink.
import { type Random, seeded, seedOf } from "../../sim/random.ts";

export class Dice {
  readonly #streams = new Map<string, Random>();

  constructor(readonly seed: number) {}

  of(stream: string): Random {
    let random = this.#streams.get(stream);
    if (!random) {
      random = seeded((seedOf(stream) ^ Math.imul(this.seed, 0x9e3779b1)) >>> 0);
      random.next(); // neighbouring seeds differ in few bits; the first draw mixes them
      this.#streams.set(stream, random);
    }
    return random;
  }
}

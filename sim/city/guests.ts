// Some piles are left to whoever tries the demo: a car stands there plugged in, and a fresh one comes
// when the charge is over. Nobody simulated starts there.
import type { Pile } from "../pile/mod.ts";
import { type Random, seedOf } from "../random.ts";
import { createCar, pickModel } from "../vehicle/mod.ts";

const LOOK_MS = 2_000;
/** After a charge the car stays this long: the summary is read before the bay empties. */
const LEAVE_MS = 60_000;
/** The bay stays empty this long, so that the unplugged state can be seen too. */
const EMPTY_MS = 15_000;

export class Guests {
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #since = new Map<string, number>();

  constructor(private readonly piles: readonly Pile[], private readonly random: Random) {
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#look();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const pile of this.piles) {
      const { status } = pile.status();
      const ended = pile.log("ended").at(-1)?.at ?? 0;
      const left = pile.log("unplugged").at(-1)?.at ?? 0;
      const begun = pile.log("plugged").at(-1)?.at ?? 0;
      if (status === "idle" && Date.now() - left > EMPTY_MS) this.#park(pile);
      const used = status === "plugged" && ended > begun;
      if (used && Date.now() - ended > LEAVE_MS) pile.unplug();
    }
  }

  #park(pile: Pile): void {
    const count = (this.#since.get(pile.id) ?? 0) + 1;
    this.#since.set(pile.id, count);
    const model = pickModel(this.random, "dc");
    const seed = seedOf(`${pile.id} guest ${count} ${Date.now()}`);
    const socPct = Math.round(this.random.between(18, 45));
    pile.plug(createCar({ model, kind: "dc", socPct, targetPct: 100, seed }));
  }
}

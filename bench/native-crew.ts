// Program: the native piles of a bench in a process of their own.
import { serveCrew } from "./crew.ts";
import { LightPile, type PileKey } from "./light-pile.ts";
import { each } from "./numbers.ts";

const LINK_AT_ONCE = 16;
const BEAT_MS = 10_000;
const STEP_MS = 5;

const piles: LightPile[] = [];

/** Each pile in turn, evenly over `everyMs`. */
function round(everyMs: number, act: (pile: LightPile) => void): () => void {
  const begun = performance.now();
  let acted = 0;
  const timer = setInterval(() => {
    const due = Math.floor((performance.now() - begun) * piles.length / everyMs);
    for (; acted < due; acted++) act(piles[acted % piles.length]!);
  }, STEP_MS);
  return () => clearInterval(timer);
}

await serveCrew({
  async link({ url, keys }) {
    round(BEAT_MS, (pile) => pile.beat()); // those that are linked already must not fall silent
    await each(keys as PileKey[], LINK_AT_ONCE, async (key) => {
      piles.push(await LightPile.link(String(url), key));
    });
    return piles.length;
  },
  charging: () => Promise.resolve(piles.filter(({ charging }) => charging).length),
  /** One pile after the other breaks down: orders and moments. */
  async break({ count, everyMs }) {
    const ends: [string, number][] = [];
    for (const pile of piles.slice(0, Number(count))) {
      const end = pile.breakDown();
      if (end !== null) ends.push(end);
      await new Promise((done) => setTimeout(done, Number(everyMs)));
    }
    return ends;
  },
  /** Each charging pile once in `everyMs`, for so long; how many ticks that were. */
  async tick({ everyMs, forMs }) {
    const stop = round(Number(everyMs), (pile) => pile.tick());
    const before = piles.reduce((sum, { ticks }) => sum + ticks, 0);
    await new Promise((done) => setTimeout(done, Number(forMs)));
    stop();
    return piles.reduce((sum, { ticks }) => sum + ticks, 0) - before;
  },
});

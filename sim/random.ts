// Chance that repeats: every random choice of the simulated world comes from a seed that is printed.

export interface Random {
  /** In [0, 1). */
  next(): number;
  /** In [low, high). */
  between(low: number, high: number): number;
  pick<T>(list: readonly T[]): T;
  /** One index, each as likely as its weight. */
  weighted(weights: readonly number[]): number;
  /** Exponential waiting time with this mean. */
  waiting(mean: number): number;
  /** To go on later from the same point: `seeded(state)`. */
  state(): number;
}

/** FNV-1a: a seed out of any name. */
export function seedOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

/** Mulberry32: 32 bits of state, good enough for drivers and noise, nothing secret. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    pick: (list) => list[Math.floor(next() * list.length)]!,
    weighted(weights) {
      let left = next() * weights.reduce((sum, weight) => sum + weight, 0);
      for (const [index, weight] of weights.entries()) {
        left -= weight;
        if (left < 0) return index;
      }
      return weights.length - 1;
    },
    waiting: (mean) => -Math.log(1 - next()) * mean,
    state: () => state,
  };
}

/** A number in [0, 1) for a seed and a place: no state to keep, so a step stays pure. */
export function noiseAt(seed: number, place: number): number {
  return seeded((seed ^ Math.imul(place + 1, 0x9e3779b1)) >>> 0).next();
}

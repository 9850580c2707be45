// Callers in a closed loop: each asks again when it was answered; how many answers a second, and how
// long each took.

export interface Times {
  count: number;
  seconds: number;
  ms: number[];
  /** Askings that came to a fault and were asked again; their time counts. */
  repeated?: number;
}

export interface Callers {
  callers: number;
  /** So many askings in all ... */
  count?: number;
  /** ... or for so long. */
  forMs?: number;
}

/** `work` for n = 0, 1, 2 ..., so many at once. */
export async function timed(
  { callers, count = Infinity, forMs = Infinity }: Callers,
  work: (n: number, caller: number) => Promise<unknown>,
): Promise<Times> {
  const ms: number[] = [];
  let next = 0;
  const begun = performance.now();
  const until = begun + forMs;
  await Promise.all(Array.from({ length: callers }, async (_, caller) => {
    for (let n = next++; n < count && performance.now() < until; n = next++) {
      const at = performance.now();
      await work(n, caller);
      ms.push(performance.now() - at);
    }
  }));
  return { count: ms.length, seconds: (performance.now() - begun) / 1_000, ms };
}

/** One after the other, as one. */
export function inTurns(parts: readonly Times[]): Times {
  return {
    count: parts.reduce((sum, { count }) => sum + count, 0),
    seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0),
    ms: parts.flatMap(({ ms }) => ms),
    repeated: parts.reduce((sum, { repeated = 0 }) => sum + repeated, 0),
  };
}

/** At the same time, as one. */
export function atOnce(parts: readonly Times[]): Times {
  return { ...inTurns(parts), seconds: Math.max(...parts.map(({ seconds }) => seconds)) };
}

export const perSecond = ({ count, seconds }: Times): number => count / seconds;

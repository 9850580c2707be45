// Looking at a platform that takes its time: asked again until it is so, or red with what was seen.

/** Something is not as the row says it must be. */
export class Red extends Error {
  override readonly name = "Red";
}

const LOOK_MS = 100;
/** Long enough for a busy machine; a red check costs as much. */
export const SEE_MS = 10_000;

export function must(holds: boolean, words: string): asserts holds {
  if (!holds) throw new Red(words);
}

export const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** The first value that is neither null nor false. `words`: what was waited for. */
export async function until<T>(
  words: string,
  look: () => T | null | false | undefined | Promise<T | null | false | undefined>,
  ms = SEE_MS,
): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== false && seen !== undefined) return seen;
    if (performance.now() > end) throw new Red(`not seen within ${ms} ms: ${words}`);
    await pause(LOOK_MS);
  }
}

/** Nothing of the kind for as long: for what must not happen. */
export async function never(words: string, look: () => unknown, ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    if (await look()) throw new Red(`seen: ${words}`);
    await pause(LOOK_MS);
  }
}

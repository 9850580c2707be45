// Waiting in tests: for a while where time itself is the fault, else for what must come true.

const LOOK_MS = 20;
/** Waits for what must come true; also where tests run at once, in which polls of vitest may not. */
export async function until(isTrue: () => boolean | Promise<boolean>, ms = 20_000): Promise<void> {
  const end = performance.now() + ms;
  while (!await isTrue()) {
    if (performance.now() > end) throw new NeverCame(`not in ${ms} ms: ${isTrue.toString()}`);
    await pause(LOOK_MS);
  }
}

export const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

class NeverCame extends Error {
  override readonly name = "NeverCame";
}

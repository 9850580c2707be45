// What can fail in the simulated world, and whether the same can be tried again.

/** `later`: the world may be better by then; `never`: the call itself is wrong. */
export class SimFault extends Error {
  override readonly name = "SimFault";
  constructor(message: string, readonly retry: "later" | "never", cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/** Why something failed, in one line. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The NATS client leaves the socket of a refused sign-in without a listener: its reset then reaches
 * nobody and would end the process. Programs with many piles call this once.
 */
export function surviveResets(say: (words: string) => void): void {
  globalThis.addEventListener("error", (event) => {
    if ((event.error as { code?: unknown } | null)?.code !== "ECONNRESET") return;
    event.preventDefault();
    say(`a socket was reset: ${wordsOf(event.error)}`);
  });
}

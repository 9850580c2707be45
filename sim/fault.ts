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

// Many taps at once: the same start with the same key, from both sides, each repeated for as long as
// the platform says that repeating is right.
import type { Driver } from "../../sim/mod.ts";

export interface Answered {
  status: number;
  /** As it came, byte for byte. */
  text: string;
  body: Record<string, unknown>;
}
export interface Tap {
  key: string;
  body: Record<string, unknown>;
}

const TRIES_MAX = 20;
const AGAIN = new Set(["same-key", "after"]);

/** One answer that will not change any more. */
export async function tapOnce(
  origin: string,
  driver: Driver,
  tap: Tap,
  path = "/v1/orders",
): Promise<Answered> {
  let last: Answered = { status: 0, text: "", body: {} };
  for (let n = 0; n < TRIES_MAX; n++) {
    const answer = await fetch(`${origin}${path}`, {
      method: "POST",
      headers: {
        ...driver.api.headers,
        "Content-Type": "application/json",
        "Idempotency-Key": tap.key,
      },
      body: JSON.stringify(tap.body),
    });
    const text = await answer.text();
    last = { status: answer.status, text, body: JSON.parse(text) as Record<string, unknown> };
    const { retry, afterMs } = last.body as { retry?: string; afterMs?: number };
    if (answer.status < 500 || !AGAIN.has(retry ?? "never")) return last;
    await new Promise((done) => setTimeout(done, Math.min(afterMs ?? 200, 1_000)));
  }
  return last;
}

/** `copies` taps, dealt out over the origins. */
export function tapManyTimes(
  origins: readonly string[],
  driver: Driver,
  tap: Tap,
  copies: number,
): Promise<Answered[]> {
  return Promise.all(
    Array.from({ length: copies }, (_, i) => tapOnce(origins[i % origins.length]!, driver, tap)),
  );
}

export const distinct = (answers: readonly Answered[]): number =>
  new Set(answers.map(({ status, text }) => `${status} ${text}`)).size;

/** Runs the jobs, so many at a time. */
export async function inTurns<T>(
  jobs: readonly (() => Promise<T>)[],
  atOnce: number,
): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async () => {
    while (next < jobs.length) {
      const i = next++;
      results[i] = await jobs[i]!();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

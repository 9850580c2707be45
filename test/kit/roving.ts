// A driver whose app is not tied to one server: what fails at one is repeated at the other, with the
// same key, until somebody answers for sure.
import { entityId } from "../../server/runtime/mod.ts";
import type { Driver } from "../../sim/mod.ts";

export interface Seen {
  status: number;
  body: Record<string, unknown>;
}
const PAUSE_MS = 100;
const ANSWER_MS = 25_000;

/** Asks one server after the other until the answer is not a fault. */
export async function ask(
  origins: readonly string[],
  driver: Driver,
  method: "GET" | "POST",
  path: string,
  given: { key?: string; body?: unknown; withinMs?: number } = {},
): Promise<Seen> {
  const until = performance.now() + (given.withinMs ?? 60_000);
  for (let n = 0; performance.now() < until; n++) {
    const seen = await once(`${origins[n % origins.length]}${path}`, driver, method, given);
    if (seen && seen.status < 500) return seen;
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
  return { status: 0, body: {} };
}

async function once(
  url: string,
  driver: Driver,
  method: string,
  { key, body }: { key?: string; body?: unknown },
): Promise<Seen | null> {
  try {
    const answer = await fetch(url, {
      method,
      headers: {
        ...driver.api.headers,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(key === undefined ? {} : { "Idempotency-Key": key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return { status: answer.status, body: await answer.json() as Record<string, unknown> };
  } catch {
    return null; // nobody there
  }
}

/** The id that a start with this key will have. */
export const orderIdOf = (driver: Driver, key: string): string =>
  entityId("ord", {
    tenant: "main",
    principal: { kind: "driver", id: driver.userId },
    route: "POST /v1/orders",
    key,
  });

/** Looks at the order again and again; the longest time without an answer, in ms. */
export function watchSilence(origin: string, driver: Driver, orderId: string) {
  let longest = 0;
  let last = performance.now();
  let over = false;
  const watching = (async () => {
    while (!over) {
      const seen = await once(`${origin}/v1/orders/${orderId}`, driver, "GET", {});
      const now = performance.now();
      if (seen && seen.status < 500) {
        longest = Math.max(longest, now - last);
        last = now;
      }
      await new Promise((done) => setTimeout(done, 50));
    }
  })();
  return async (): Promise<number> => {
    over = true;
    await watching;
    return Math.round(Math.max(longest, performance.now() - last));
  };
}

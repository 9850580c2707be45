// A driver's app on a bad day: repeats with the same key, at one server after the other, until an
// answer is for sure; and counts what is under way, so that a fault knows whether it met anything.
import type { Driver } from "../../sim/mod.ts";

/** An answer that will not change any more, as it came. */
export interface Answer {
  status: number;
  text: string;
  body: Record<string, unknown>;
}

export interface Question {
  method: "GET" | "POST";
  path: string;
  key?: string;
  body?: unknown;
  /** Gives up after this; default 60 s. */
  withinMs?: number;
  /** An app's own patience with one server; then the next one is asked. */
  patienceMs?: number;
}

const WITHIN_MS = 60_000;
const PATIENCE_MS = 6_000;
const PAUSE_MS = 100;

export class Phones {
  /** Servers, in turn. A balancer would leave out the dead ones; these phones find out by themselves. */
  constructor(readonly origins: readonly string[]) {}

  #underWay = 0;
  #turn = 0;
  /** Tries that came to nothing or to "later". */
  failedTries = 0;
  /** Commands (not reads) that wait for their answer now. */
  get underWay(): number {
    return this.#underWay;
  }

  /** The answer for sure, or null when the time is over. */
  async ask(driver: Driver, question: Question): Promise<Answer | null> {
    const isCommand = question.method === "POST";
    if (isCommand) this.#underWay++;
    try {
      const until = performance.now() + (question.withinMs ?? WITHIN_MS);
      for (let n = this.#turn++; performance.now() < until; n++) {
        const origin = this.origins[n % this.origins.length]!;
        const answer = await askOnce(origin, driver, question);
        if (answer !== null && isSure(answer.status)) return answer;
        this.failedTries++;
        await new Promise((done) => setTimeout(done, PAUSE_MS));
      }
      return null;
    } finally {
      if (isCommand) this.#underWay--;
    }
  }
}

/** 401 comes from a server whose clock is wrong: another one knows the token. */
const isSure = (status: number) => status < 500 && status !== 401 && status !== 429;

/** One try; null: nobody there, or too slow. */
export async function askOnce(
  origin: string,
  driver: Driver,
  { method, path, key, body, patienceMs = PATIENCE_MS }: Question,
): Promise<Answer | null> {
  try {
    const answer = await fetch(`${origin}${path}`, {
      method,
      headers: {
        ...driver.api.headers,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(key === undefined ? {} : { "Idempotency-Key": key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patienceMs),
    });
    const text = await answer.text();
    return { status: answer.status, text, body: JSON.parse(text) as Answer["body"] };
  } catch {
    return null;
  }
}

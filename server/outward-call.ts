// One request to a service of others (payment provider, lock maker): a deadline, a bounded answer, a
// bounded retry where surely nothing was done, a breaker for each. What cannot be trusted was not heard.
import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleType,
  handleWhen,
  retry,
  wrap,
} from "cockatiel";
import type { Log } from "./ports.ts";

const CALL_MS = 5_000; // a provider's own limit; a driver waits 20 s for all of it
const TRIES = 3;
const FIRST_PAUSE_MS = 100;
const BREAK_AFTER = 5; // failures in a row
const BREAK_MS = 5_000;
const ANSWER_BYTES_MAX = 256 * 1024;
export type Heard<T> =
  | { done: "answered"; value: T }
  /** Nothing left this machine, or the other side said "not now". */
  | { done: "surely-not" }
  | { done: "unknown" };
export type Circuit = "closed" | "open" | "half-open";
export interface Guard {
  circuit(): Circuit;
  run<T>(what: string, call: () => Promise<T>): Promise<Heard<T>>;
}

export class SurelyNot extends Error {
  override readonly name = "SurelyNot";
}
export class Unknown extends Error {
  override readonly name = "Unknown";
}
const REFUSED = /ECONNREFUSED|connection refused|dns error|ENOTFOUND/i;

/** What is counted of them lies with their gateway, which names its metrics itself. */
export interface Watch {
  /** 0 closed, 1 open, 2 half open. */
  breaker(state: number): void;
  failed(surely: boolean): void;
}

/** `breakMs`: how long a service is left alone; shorter in tests. */
export function createGuard(
  by: string,
  { log, watch, breakMs = BREAK_MS }: {
    log: Log;
    watch: Watch;
    breakMs?: number | undefined;
  },
): Guard {
  const retrying = retry(handleType(SurelyNot), {
    maxAttempts: TRIES - 1,
    backoff: new ExponentialBackoff({ initialDelay: FIRST_PAUSE_MS, maxDelay: 1_000 }),
  });
  const breaking = circuitBreaker(handleWhen(() => true), {
    halfOpenAfter: breakMs,
    breaker: new ConsecutiveBreaker(BREAK_AFTER),
  });
  breaking.onStateChange((state) => watch.breaker(state));
  const policy = wrap(retrying, breaking);
  return {
    circuit() {
      if (breaking.state === CircuitState.Closed) return "closed";
      return breaking.state === CircuitState.HalfOpen ? "half-open" : "open";
    },
    async run(what, call) {
      try {
        return { done: "answered", value: await policy.execute(call) };
      } catch (error) {
        const surelyNot = error instanceof SurelyNot || error instanceof BrokenCircuitError;
        watch.failed(surelyNot);
        log.warn({ by, what, error: String(error) }, "call of another's service failed");
        return { done: surelyNot ? "surely-not" : "unknown" };
      }
    },
  };
}

export interface Letter {
  method: "GET" | "POST";
  headers?: Record<string, string>;
  body?: string;
  /** For what is larger or slower than an answer: a bill. */
  bytesMax?: number;
  ms?: number;
}
export interface Answer {
  status: number;
  headers: Headers;
  bytes: Uint8Array;
  text: string;
}
export type Send = (url: URL, letter: Letter) => Promise<Answer>;

/** `callMs`: shorter deadlines, for tests. */
export function sender(callMs = CALL_MS): Send {
  // No connection is used twice: where a kept one ends before its answer, Deno's fetch sends a POST
  // again by itself, which nobody here would know of.
  const client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  return async (url, { method, headers = {}, body, bytesMax = ANSWER_BYTES_MAX, ms = callMs }) => {
    try {
      const answer = await fetch(url, {
        method,
        headers,
        client,
        ...(body === undefined ? {} : { body }),
        redirect: "error",
        signal: AbortSignal.timeout(ms),
      });
      const bytes = await bounded(answer, bytesMax);
      const { status } = answer;
      return { status, headers: answer.headers, bytes, text: decoder.decode(bytes) };
    } catch (cause) {
      const under = cause instanceof Error && cause.cause instanceof Error
        ? cause.cause.message
        : "";
      const said = `${String(cause)} ${under}`;
      if (REFUSED.test(said)) throw new SurelyNot(`service is not there: ${said}`, { cause });
      throw new Unknown(`service did not answer: ${said}`, { cause });
    }
  };
}

// The mark of a file's encoding stays: a hash is over all of it.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads no more than a good answer can have: a service gone wrong must not fill our memory. */
async function bounded(answer: Response, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.byteLength;
    if (size > bytesMax) throw new Unknown(`answer is too large: over ${bytesMax}`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

export function json(text: string): unknown {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return null;
  }
}

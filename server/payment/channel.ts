// One signed request to the provider: a deadline, a bounded retry where surely nothing was done, a
// breaker. What comes back unsigned or unreadable counts as not heard.
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
import { errorAnswer } from "../../wire/foreign/pay/wechat-v3.ts";
import type { Log, Metrics } from "../ports.ts";
import type { Signing } from "./signing.ts";

const CALL_MS = 5_000; // the provider's own limit; a driver waits 20 s for all of it
const TRIES = 3;
const FIRST_PAUSE_MS = 100;
const BREAK_AFTER = 5; // failures in a row
const BREAK_MS = 5_000;
const ANSWER_BYTES_MAX = 256 * 1024;

export type Heard =
  | { done: "answered"; status: number; body: unknown; code: string | null }
  /** Nothing left this machine, or the provider said "not now". */
  | { done: "surely-not" }
  | { done: "unknown" };
export interface Channel {
  circuit(): "closed" | "open" | "half-open";
  call(method: "GET" | "POST", target: string, mchid: string, body?: unknown): Promise<Heard>;
}

class SurelyNot extends Error {
  override readonly name = "SurelyNot";
}
class Unknown extends Error {
  override readonly name = "Unknown";
}
const REFUSED = /ECONNREFUSED|connection refused|dns error|ENOTFOUND/i;

interface Deps {
  url: string;
  signing: Signing;
  log: Log;
  metrics: Metrics;
}
interface Call {
  method: "GET" | "POST";
  target: string;
  mchid: string;
  text: string;
}

export function createChannel(deps: Deps): Channel {
  const { log, metrics } = deps;
  const retrying = retry(handleType(SurelyNot), {
    maxAttempts: TRIES - 1,
    backoff: new ExponentialBackoff({ initialDelay: FIRST_PAUSE_MS, maxDelay: 1_000 }),
  });
  const breaking = circuitBreaker(handleWhen(() => true), {
    halfOpenAfter: BREAK_MS,
    breaker: new ConsecutiveBreaker(BREAK_AFTER),
  });
  breaking.onStateChange((state) => metrics.gauge("provider_breaker", state));
  const policy = wrap(retrying, breaking);
  return {
    circuit() {
      if (breaking.state === CircuitState.Closed) return "closed";
      return breaking.state === CircuitState.HalfOpen ? "half-open" : "open";
    },
    async call(method, target, mchid, body) {
      const text = body === undefined ? "" : JSON.stringify(body);
      try {
        return await policy.execute(() => once(deps, { method, target, mchid, text }));
      } catch (error) {
        const surelyNot = error instanceof SurelyNot || error instanceof BrokenCircuitError;
        metrics.count("provider_calls_failed", { surely: String(surelyNot) });
        log.warn({ method, target, error: String(error) }, "provider call failed");
        return { done: surelyNot ? "surely-not" : "unknown" };
      }
    },
  };
}

async function once(deps: Deps, call: Call): Promise<Heard> {
  const answer = await send(deps, call);
  const verdict = deps.signing.verify((name) => answer.headers.get(name), answer.text);
  if (!verdict.ok) {
    deps.log.warn({ target: call.target, why: verdict.why }, "provider's answer cannot be trusted");
    deps.metrics.count("provider_answers_refused", { why: verdict.why });
    throw new Unknown(`answer cannot be trusted: ${verdict.why}`);
  }
  if (answer.status >= 500) throw new Unknown(`provider failed: ${answer.status}`);
  if (answer.status === 429) throw new SurelyNot("provider is busy: 429");
  const body = parse(answer.text);
  const code = answer.status < 300 ? null : errorAnswer.safeParse(body).data?.code ?? "?";
  return { done: "answered", status: answer.status, body, code };
}

async function send({ url, signing }: Deps, { method, target, mchid, text }: Call) {
  try {
    const answer = await fetch(new URL(target, url), {
      method,
      headers: {
        authorization: signing.authorization(mchid, method, target, text),
        accept: "application/json",
        ...(text ? { "content-type": "application/json" } : {}),
      },
      ...(text ? { body: text } : {}),
      redirect: "error",
      signal: AbortSignal.timeout(CALL_MS),
    });
    const { status, headers } = answer;
    return { status, headers, text: await bounded(answer) };
  } catch (cause) {
    const under = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : "";
    const said = `${String(cause)} ${under}`;
    if (REFUSED.test(said)) throw new SurelyNot(`provider is not there: ${said}`, { cause });
    throw new Unknown(`provider did not answer: ${said}`, { cause });
  }
}

/** Reads no more than a good answer can have: a provider gone wrong must not fill our memory. */
async function bounded(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.byteLength;
    if (size > ANSWER_BYTES_MAX) throw new Unknown(`answer is too large: over ${ANSWER_BYTES_MAX}`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return null;
  }
}

// The public HTTP API as an app uses it: keys, bounded retries, refusals as values of their own.
import { ulid } from "ulid";
import { errorBody } from "../../wire/http.ts";
import { SimFault, wordsOf } from "../fault.ts";

/** The platform said no: a code of wire/refusals.ts and the facts behind it. */
export class Refused extends SimFault {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly facts: Record<string, unknown>,
    readonly retryHint: "never" | "same-key" | "after",
    readonly afterMs: number,
    readonly traceId: string,
  ) {
    super(`${code} (${status})`, retryHint === "never" ? "never" : "later");
  }
}

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
  readonly headers: Headers;
}

export interface Ask {
  readonly body?: unknown;
  /** Minted if left out, on every mutation; pass the same to ask the same again. */
  readonly key?: string;
  readonly query?: Record<string, string | number | undefined>;
  readonly headers?: Record<string, string>;
  /** Tries in all where the outcome is unknown or surely not done; 1: never again. */
  readonly tries?: number;
  readonly timeoutMs?: number;
}

export const newKey = (): string => ulid();

/** An app gives up after this; the platform answers commands within 20 s, waits within 25 s. */
const TIMEOUT_MS = 30_000;
const TRIES = 4;
const RETRY_MS = 500;
/** A platform that says "later" is not waited for longer than this. */
const RETRY_MS_MAX = 5_000;

type Method = "GET" | "POST" | "PUT" | "DELETE";

export class Api {
  /** Sent with every request: bearer token, or cookie and CSRF. */
  headers: Record<string, string> = {};
  /** Called once on 401; true: signed in anew, ask again. */
  renew: (() => Promise<boolean>) | null = null;

  constructor(readonly baseUrl: string) {}

  get<T>(path: string, query?: Ask["query"]): Promise<T> {
    return this.ask<T>("GET", path, query === undefined ? {} : { query }).then(({ body }) => body);
  }

  post<T>(path: string, body: unknown, key?: string): Promise<T> {
    const ask = key === undefined ? { body } : { body, key };
    return this.ask<T>("POST", path, ask).then(({ body }) => body);
  }

  /** The answer, or a Refused; a SimFault where nothing came after every try. */
  async ask<T>(method: Method, path: string, ask: Ask = {}): Promise<Answer<T>> {
    const key = method === "GET" ? undefined : ask.key ?? newKey();
    let renewed = false;
    for (let left = (ask.tries ?? TRIES) - 1;; left--) {
      try {
        return await this.#once<T>(method, path, key, ask);
      } catch (error) {
        const late = error instanceof Refused && error.status === 401 && !renewed;
        if (late && this.renew !== null) {
          renewed = true;
          if (await this.renew()) continue;
        }
        if (left <= 0 || !isWorthAgain(error)) throw error;
        const hint = error instanceof Refused ? error.afterMs : 0;
        const waitMs = Math.min(RETRY_MS_MAX, Math.max(hint, RETRY_MS));
        await new Promise((done) => setTimeout(done, waitMs));
      }
    }
  }

  async #once<T>(
    method: Method,
    path: string,
    key: string | undefined,
    { body, query = {}, headers = {}, timeoutMs = TIMEOUT_MS }: Ask,
  ): Promise<Answer<T>> {
    const url = new URL(path, this.baseUrl);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const request: RequestInit = {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        ...this.headers,
        ...(key === undefined ? {} : { "Idempotency-Key": key }),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const response = await fetch(url, request).catch((error) => {
      throw new SimFault(`cannot reach ${url.pathname}: ${wordsOf(error)}`, "later", error);
    });
    const text = await response.text();
    if (!response.ok) throw refusedBy(response.status, text, url.pathname);
    const parsed = text === "" ? null : JSON.parse(text);
    return { status: response.status, body: parsed as T, headers: response.headers };
  }
}

function isWorthAgain(error: unknown): boolean {
  if (!(error instanceof Refused)) return error instanceof SimFault && error.retry === "later";
  // a conflict that may pass is for the driver to judge; only what says nothing is asked again
  return error.status === 429 || error.status >= 500;
}

function refusedBy(status: number, text: string, path: string): SimFault {
  try {
    const { code, facts, retry, afterMs, traceId } = errorBody.parse(JSON.parse(text));
    return new Refused(status, code, facts, retry, afterMs ?? 0, traceId);
  } catch {
    const again = status >= 500 ? "later" : "never";
    return new SimFault(`${path} answered ${status}: '${text.slice(0, 120)}'`, again);
  }
}

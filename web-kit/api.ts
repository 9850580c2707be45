// One request to /v1: time limit, bounded retries under the same key, refusals as values, never thrown.
// What is asked for lies with the callers; how a token is renewed lies with the session that is given.
import { isRefusalCode, type RefusalCode, type Retry } from "../wire/refusals.ts";
import type { Tap } from "./taps.ts";

/** What only a client can know: it never reached the platform, or heard nothing back. */
export type ClientCode = "network.lost" | "network.timeout" | "network.garbled";
export type WordedCode = RefusalCode | ClientCode;

export interface Refused {
  code: WordedCode;
  facts: Record<string, unknown>;
  retry: Retry;
  status: number;
  afterMs?: number;
  traceId?: string;
}

export type Answer<T> =
  | { ok: true; body: T; status: number; v?: number; replay: boolean }
  | { ok: false; refused: Refused };

export interface Session {
  headers(): Record<string, string>;
  /** Renews what `headers` gives; false: signed out. Called once for many waiting requests. */
  renew(): Promise<boolean>;
}

export interface Request {
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  /** The tap that caused it; its key travels with every try. */
  tap?: Tap;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Limit of one try. */
  tryMs?: number;
  tries?: number;
}

export interface ApiOptions {
  base?: string;
  session?: Session;
  fetch?: typeof fetch;
  sleep?(ms: number): Promise<void>;
  random?(): number;
}

export type Method = "GET" | "POST" | "PUT" | "DELETE";
export type Api = <T>(method: Method, path: string, request?: Request) => Promise<Answer<T>>;

const TRY_MS = 12_000;
const TRIES = 4;
const BACKOFF_MS = 300;
const BACKOFF_MS_MAX = 4000;

const refusedOf = (code: ClientCode): Refused => ({
  code,
  facts: {},
  retry: "same-key",
  status: 0,
});

/** Body of a refusal as the platform writes it; anything else is a garbled answer. */
async function readRefused(response: Response): Promise<Refused> {
  const body = await response.json().catch(() => null) as Partial<Refused> | null;
  const code = String(body?.code);
  if (body === null || !isRefusalCode(code)) {
    const gone = response.status >= 500 || response.status === 429;
    return {
      ...refusedOf("network.garbled"),
      retry: gone ? "same-key" : "never",
      status: response.status,
    };
  }
  const facts = body.facts ?? {};
  return { ...body, code, facts, retry: body.retry ?? "never", status: response.status };
}

const worthAnotherTry = ({ status, retry }: Refused): boolean =>
  status === 0 || (retry !== "never" && (status >= 502 && status <= 504));

function urlOf(base: string, path: string, query: Request["query"]): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) search.set(name, String(value));
  }
  const text = search.toString();
  return `${base}${path}${text === "" ? "" : `?${text}`}`;
}

export function createApi(options: ApiOptions = {}): Api {
  const base = options.base ?? "/v1";
  const send = options.fetch ?? ((input, init) => fetch(input, init));
  const random = options.random ?? Math.random;
  const sleep = options.sleep ?? ((ms) => new Promise<void>((done) => setTimeout(done, ms)));
  let renewing: Promise<boolean> | null = null;

  async function tryOnce<T>(method: Method, path: string, request: Request): Promise<Answer<T>> {
    const limit = AbortSignal.timeout(request.tryMs ?? TRY_MS);
    const signal = request.signal ? AbortSignal.any([request.signal, limit]) : limit;
    const headers: Record<string, string> = { ...options.session?.headers(), ...request.headers };
    if (request.body !== undefined) headers["content-type"] = "application/json";
    if (request.tap !== undefined) headers["idempotency-key"] = request.tap.key;
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const init: RequestInit = { method, headers, signal, credentials: "same-origin" };
    if (body !== undefined) init.body = body;
    try {
      const response = await send(urlOf(base, path, request.query), init);
      if (!response.ok) return { ok: false, refused: await readRefused(response) };
      const text = await response.text();
      const etag = response.headers.get("etag")?.match(/\d+/)?.[0];
      return {
        ok: true,
        body: (text === "" ? undefined : JSON.parse(text)) as T,
        status: response.status,
        replay: response.headers.get("idempotent-replay") === "true",
        ...(etag === undefined ? {} : { v: Number(etag) }),
      };
    } catch {
      return { ok: false, refused: refusedOf(limit.aborted ? "network.timeout" : "network.lost") };
    }
  }

  const renew = (session: Session): Promise<boolean> => {
    renewing ??= session.renew().finally(() => (renewing = null));
    return renewing;
  };

  return async function call<T>(method: Method, path: string, request: Request = {}) {
    let renewed = false;
    for (let tries = 1;; tries++) {
      const answer = await tryOnce<T>(method, path, request);
      if (answer.ok) return answer;
      const { refused } = answer;
      const expired = refused.code === "auth.expired" || refused.code === "auth.required";
      if (expired && !renewed && options.session !== undefined) {
        renewed = true;
        if (await renew(options.session)) continue;
        return answer;
      }
      // without a key a second try could be a second deed
      const safe = method === "GET" || request.tap !== undefined;
      if (!safe || !worthAnotherTry(refused) || request.signal?.aborted) return answer;
      if (tries >= (request.tries ?? TRIES)) return answer;
      const backoff = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** (tries - 1));
      await sleep((refused.afterMs ?? 0) + backoff * (0.5 + random()));
    }
  };
}

// A push service on this machine, as browsers have one: takes encrypted messages at secret addresses,
// checks who signed them, and opens them as the browser would.
import { createECDH, randomBytes } from "node:crypto";
import ece from "http_ece";
import { decodeProtectedHeader, importJWK, jwtVerify } from "jose";

export interface Pushed {
  at: number;
  path: string;
  payload: Record<string, unknown>;
  topic: string | null;
  urgency: string | null;
  ttl: number;
  /** Whom we may ask about the sender. */
  contact: unknown;
}
export interface Browser {
  subscription: { endpoint: string; keys: { p256dh: string; auth: string } };
}
export interface PushService extends AsyncDisposable {
  /** `host:port`, for CHARGEWARD_PUSH_HOSTS. */
  host: string;
  pushed: Pushed[];
  /** Answers to the next messages in place of 201; the message is not taken. */
  misbehave: (number | "hang" | "drop-after")[];
  browser(): Browser;
  /** Waits for so many messages. */
  until(count: number): Promise<void>;
}

interface Books {
  browsers: Map<string, { ecdh: ReturnType<typeof createECDH>; auth: string }>;
  pushed: Pushed[];
  misbehave: PushService["misbehave"];
  wake: (() => void)[];
  closing: AbortSignal;
}

/** `publicKey`: of the platform; messages that others signed are turned away. */
export function pushService(publicKey: () => string): PushService {
  const closing = new AbortController();
  const { signal } = closing;
  const books: Books = {
    browsers: new Map(),
    pushed: [],
    misbehave: [],
    wake: [],
    closing: signal,
  };
  const { browsers, pushed, misbehave, wake } = books;
  const options = { port: 0, hostname: "127.0.0.1", signal, onListen() {} };
  const server = Deno.serve(options, (request) => take(books, request, publicKey()));
  const host = `127.0.0.1:${server.addr.port}`;
  return {
    host,
    pushed,
    misbehave,
    browser() {
      const ecdh = createECDH("prime256v1");
      const p256dh = ecdh.generateKeys("base64url");
      const auth = randomBytes(16).toString("base64url");
      const path = `/push/${randomBytes(12).toString("base64url")}`;
      browsers.set(path, { ecdh, auth });
      return { subscription: { endpoint: `http://${host}${path}`, keys: { p256dh, auth } } };
    },
    async until(count) {
      while (pushed.length < count) await new Promise<void>((go) => wake.push(go));
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await server.finished;
    },
  };
}

/** One message: turned away, misbehaved at, or opened and kept. */
async function take(books: Books, request: Request, publicKey: string): Promise<Response> {
  const { pathname } = new URL(request.url);
  const browser = books.browsers.get(pathname);
  if (!browser) return new Response("gone", { status: 410 });
  const wrong = books.misbehave.shift();
  if (wrong === "hang") {
    await new Promise((done) => books.closing.addEventListener("abort", done));
    return new Response(null, { status: 500 });
  }
  if (typeof wrong === "number") {
    const headers = { location: "http://127.0.0.1:1/elsewhere" };
    return new Response("no", { status: wrong, headers });
  }
  const body = Buffer.from(await request.arrayBuffer());
  const contact = await signedBy(request, publicKey);
  if (contact === null) return new Response("whose?", { status: 403 });
  const { ecdh, auth } = browser;
  const opened = ece.decrypt(body, { version: "aes128gcm", privateKey: ecdh, authSecret: auth });
  books.pushed.push({
    at: Date.now(),
    path: pathname,
    payload: JSON.parse(opened.toString("utf8")) as Record<string, unknown>,
    topic: request.headers.get("topic"),
    urgency: request.headers.get("urgency"),
    ttl: Number(request.headers.get("ttl")),
    contact,
  });
  for (const go of books.wake.splice(0)) go();
  return new Response(null, { status: wrong === "drop-after" ? 500 : 201 });
}

/** Contact of a VAPID signature (RFC 8292) by that key for this very origin; null: it is none. */
async function signedBy(request: Request, publicKey: string): Promise<unknown> {
  const header = request.headers.get("authorization") ?? "";
  const [, token = "", key = ""] = /^vapid t=([^,]+), ?k=(.+)$/.exec(header) ?? [];
  if (key !== publicKey || decodeProtectedHeader(token).alg !== "ES256") return null;
  const point = Buffer.from(key, "base64url");
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) =>
    half.toString("base64url")
  );
  const known = await importJWK({ kty: "EC", crv: "P-256", x: x!, y: y! }, "ES256");
  const audience = new URL(request.url).origin;
  const { payload } = await jwtVerify(token, known, { audience });
  return payload.sub;
}

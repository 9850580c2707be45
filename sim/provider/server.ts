// The provider's HTTP: signed calls of the platform, its misbehaviour on demand, the sandbox's levers.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import * as z from "zod";
import { behaviourBody, billDayQuery } from "../../wire/http-ops.ts";
import { answerCall, type ApiDeps, billOf, payByHand, type Said } from "./api.ts";
import { type ProviderCrypto, providerCrypto } from "./crypto.ts";
import { startPostman } from "./letters.ts";
import { type CallMischief, MischiefQueue } from "./mischief.ts";
import { openStore } from "./store.ts";

const BODY_BYTES_MAX = 64 * 1024;
const HANG_MS = 30_000;
const ACT_LATER_MS = 2_000;

export interface ProviderOptions {
  host: string;
  port: number;
  folder: string;
  privateKey: string;
  platformPublicKey: string;
  /** Origin that callbacks go to instead of the one in `notify_url`; absent: as asked. */
  callbackOrigin?: string;
  now?(): number;
}
export interface Provider {
  port: number;
  stop(): Promise<void>;
}

export async function startProvider(options: ProviderOptions): Promise<Provider> {
  const now = options.now ?? (() => Date.now());
  const crypto = providerCrypto(options.privateKey, options.platformPublicKey, now);
  const store = openStore(options.folder);
  const mischief = new MischiefQueue();
  const postman = startPostman({ store, crypto, mischief, now });
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const later = (ms: number, run: () => void) => void timers.add(setTimeout(run, ms));
  const desk: Desk = { store, postman, mischief, now, crypto, later, options };
  const server = createServer((request, response) => {
    void serve(desk, request, response).catch(() => response.socket?.destroy());
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(options.port, options.host, resolve);
  await promise;
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : options.port,
    async stop() {
      postman.stop();
      for (const timer of timers) clearTimeout(timer);
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
      store.close();
    },
  };
}

interface Desk extends ApiDeps {
  crypto: ProviderCrypto;
  later(ms: number, run: () => void): void;
  options: ProviderOptions;
}

async function serve(
  desk: Desk,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const text = await read(request);
  if (text === null) return void response.writeHead(413).end();
  const { pathname } = new URL(request.url ?? "/", "http://provider");
  if (pathname === "/healthz") return void response.writeHead(200).end("ok\n");
  if (pathname.startsWith("/sandbox/")) return sandbox(desk, request, response, text);
  call(desk, request, response, text);
}

/** A signed call of the platform. */
function call(
  desk: Desk,
  { method = "GET", url = "/", headers }: IncomingMessage,
  response: ServerResponse,
  text: string,
): void {
  const refused = desk.crypto.refuse(method, url, headers.authorization ?? "", text);
  if (refused) {
    const body = { code: "SIGN_ERROR", message: refused };
    return answer(desk, response, { status: 401, body });
  }
  const { pathname } = new URL(url, "http://provider");
  const act = answerCall(desk, method, pathname, redirected(parse(text), desk.options));
  if (act) return perform(desk, response, act, method === "POST" ? desk.mischief.ofCall() : null);
  const body = { code: "PARAM_ERROR", message: "no such call" };
  answer(desk, response, { status: 404, body });
}

function answer({ crypto }: Desk, response: ServerResponse, { status, body }: Said): void {
  const text = body === null ? "" : JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", ...crypto.sign(text) });
  response.end(text);
}

/** Does what it should, or what it was told to do wrong. */
function perform(
  desk: Desk,
  response: ServerResponse,
  act: () => Said,
  wrong: CallMischief | null,
): void {
  const drop = () => void response.socket?.destroy();
  switch (wrong) {
    case null:
      return answer(desk, response, act());
    case "act-then-drop":
      act();
      return drop();
    case "drop-then-act":
      desk.later(ACT_LATER_MS, () => void act());
      return drop();
    case "hang":
      return desk.later(HANG_MS, drop);
    case "error-after-success": {
      act();
      const body = { code: "SYSTEM_ERROR", message: "try again" };
      return answer(desk, response, { status: 500, body });
    }
  }
}

function redirected(body: unknown, { callbackOrigin }: ProviderOptions): unknown {
  const parsed = z.looseObject({ notify_url: z.url() }).safeParse(body);
  if (!callbackOrigin || !parsed.success) return body;
  const { pathname } = new URL(parsed.data.notify_url);
  return { ...parsed.data, notify_url: new URL(pathname, callbackOrigin).href };
}

async function read(request: IncomingMessage): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Uint8Array).byteLength;
    if (size > BODY_BYTES_MAX) return null;
    chunks.push(chunk as Uint8Array);
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

const payBody = z.strictObject({ outcome: z.enum(["success", "fail"]).default("success") });
/** The sandbox's levers: unsigned, for the demo and the tests. */
function sandbox(
  deps: ApiDeps,
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
): void {
  const url = new URL(request.url ?? "/", "http://provider");
  const say = (status: number, body: unknown) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  const payment = /^\/sandbox\/pay\/([\w-]{6,64})$/.exec(url.pathname)?.[1];
  if (payment && request.method === "POST") {
    const wanted = payBody.safeParse(parse(text));
    if (!wanted.success) return say(400, { code: "PARAM_ERROR", message: "outcome" });
    const { status, body } = payByHand(deps, payment, wanted.data.outcome);
    return say(status, body);
  }
  if (payment) {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    return void response.end(page(payment, deps.store.trade(payment)?.fen));
  }
  if (url.pathname === "/sandbox/behaviour") {
    if (request.method !== "PUT") return say(200, { next: deps.mischief.next });
    const wanted = behaviourBody.safeParse(parse(text));
    if (!wanted.success) return say(400, { code: "PARAM_ERROR", message: "next" });
    deps.mischief.set(wanted.data.next);
    return say(200, { next: deps.mischief.next });
  }
  if (url.pathname === "/sandbox/bill") {
    const wanted = billDayQuery.safeParse(Object.fromEntries(url.searchParams));
    if (!wanted.success) return say(400, { code: "PARAM_ERROR", message: "day" });
    return say(200, billOf(deps, wanted.data.day).body);
  }
  say(404, { code: "PARAM_ERROR", message: "no such lever" });
}

const page = (id: string, fen: number | undefined) =>
  `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>沙箱支付 Sandbox payment</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><h1>沙箱支付 Sandbox payment</h1>
<p>${id}</p><p>${fen === undefined ? "签约 Contract" : `¥${(fen / 100).toFixed(2)}`}</p>
<form method="post" action="/sandbox/pay/${id}"><button>确认 Confirm</button></form>
</body></html>
`;

// The provider's HTTP: WeChat Pay's paths, Alipay's gateway, its misbehaviour, the sandbox's levers; and
// beside it three strangers that know nothing of money: the push service of the sandbox's browsers, a maker
// of ground locks, a parking system.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { alipayCall, badSign, BILL_PATH, failed } from "./alipay/api.ts";
import { alipayBill } from "./alipay/bill.ts";
import { type AlipayCrypto, alipayCrypto } from "./alipay/crypto.ts";
import { alipayPen } from "./alipay/pen.ts";
import type { Said } from "./desk.ts";
import { startPostman } from "./letters.ts";
import { lever } from "./levers.ts";
import { type About, type CallMischief, MischiefQueue } from "./mischief.ts";
import { openStore } from "./store.ts";
import { LOCK_PATHS, LockMaker } from "../lock/mod.ts";
import { PARKING_PATH, ParkingSystem, serveParking } from "../parking/mod.ts";
import { PUSH_PATH, PushService, servePush } from "../push/mod.ts";
import { wechatCall, type WechatDesk, type WechatSaid } from "./wechat/api.ts";
import { wechatCrypto, type WechatKeys } from "./wechat/crypto.ts";
import { wechatPen } from "./wechat/pen.ts";

const BODY_BYTES_MAX = 64 * 1024;
const HANG_MS = 30_000;
const ACT_LATER_MS = 2_000;

export interface ProviderOptions extends WechatKeys {
  host: string;
  port: number;
  folder: string;
  /** Origin that callbacks go to instead of the one that was asked for; absent: as asked. */
  callbackOrigin?: string;
  /** Shared with the platform by the maker of locks; absent: none is there. */
  lockSecret?: string;
  /** Of the parking system beside it; none: it believes nobody. */
  parkingKey?: string;
  /** Shortens or lengthens every wait of its misbehaviour. */
  pace?: number;
  /** Ends the process as kill -9 would: on order, on either side of a commit. */
  die(): void;
  /** Hears of each misbehaviour that is done. */
  say?(kind: string): void;
  now?(): number;
}
export interface Provider {
  port: number;
  stop(): Promise<void>;
}
interface House extends WechatDesk {
  alipay: AlipayCrypto;
  pushes: PushService;
  maker: LockMaker | null;
  parking: ParkingSystem;
  options: ProviderOptions;
  later(ms: number, run: () => void): void;
}
/** What to do, and how its outcome is written. */
interface Task<T> {
  asks: boolean;
  /** Number of the payment, and its amount where the call says one. */
  about: About;
  act(): T;
  write(said: T): void;
  /** "Try again": something broke, though it may be done. */
  fail(): void;
}

export async function startProvider(options: ProviderOptions): Promise<Provider> {
  const now = options.now ?? (() => Date.now());
  const pace = options.pace ?? 1;
  const wechat = wechatCrypto(options, now);
  const alipay = alipayCrypto(options.privateKey, options.platformPublicKey);
  const store = openStore(options.folder);
  const mischief = new MischiefQueue(options.say);
  const pens = { wechat: wechatPen(wechat), alipay: alipayPen(alipay) };
  const postman = startPostman({ store, pens, mischief, pace, now });
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const later = (ms: number, run: () => void) => void timers.add(setTimeout(run, ms * pace));
  const pushes = new PushService();
  const { lockSecret, callbackOrigin } = options;
  const maker = lockSecret === undefined ? null : new LockMaker(lockSecret, callbackOrigin);
  const parking = new ParkingSystem(options.parkingKey ?? "", now);
  const own = { store, postman, mischief, now, wechat, alipay, pushes, maker, parking };
  const house: House = { ...own, later, options };
  const server = createServer((request, response) => {
    void serve(house, request, response).catch(() => response.socket?.destroy());
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(options.port, options.host, resolve);
  await promise;
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : options.port,
    async stop() {
      postman.stop();
      maker?.stop();
      for (const timer of timers) clearTimeout(timer);
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
      store.close();
    },
  };
}

async function serve(
  house: House,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { maker, parking, pushes } = house;
  if (request.url?.startsWith(PUSH_PATH)) return await servePush(pushes, request, response);
  if (request.url?.startsWith(PARKING_PATH)) {
    return await serveParking(parking, request, response);
  }
  if (maker && LOCK_PATHS.some((path) => request.url?.startsWith(path))) {
    return await maker.serve(request, response);
  }
  const text = await read(request);
  if (text === null) return void response.writeHead(413).end();
  const url = new URL(request.url ?? "/", "http://provider");
  if (url.pathname === "/healthz") return void response.writeHead(200).end("ok\n");
  if (url.pathname.startsWith("/sandbox/")) return lever(house, request, response, parse(text));
  if (url.pathname === "/gateway.do") return byAlipay(house, request, response, text);
  if (url.pathname === BILL_PATH) {
    const bill = alipayBill(house.store.trades(), url.searchParams.get("bizDates") ?? "");
    response.writeHead(200, { "content-type": "application/zip" });
    return void response.end(bill);
  }
  byWechat(house, request, response, text);
}

function byWechat(
  house: House,
  { method = "GET", url = "/", headers }: IncomingMessage,
  response: ServerResponse,
  text: string,
): void {
  const { wechat } = house;
  const write = (said: WechatSaid): void => {
    const isFile = "file" in said;
    const body = isFile ? said.file : said.body === null ? "" : JSON.stringify(said.body);
    const type = isFile ? "text/plain; charset=utf-8" : "application/json";
    response.writeHead(said.status, { "content-type": type, ...wechat.sign(body) });
    response.end(body);
  };
  const no = (status: number, code: string, message: string): Said => ({
    status,
    body: { code, message },
  });
  const checked = wechat.check(method, url, headers.authorization ?? "", text);
  if ("refused" in checked) return write(no(401, "SIGN_ERROR", checked.refused));
  const call = wechatCall(house, {
    method,
    url: new URL(url, "http://provider"),
    mchid: checked.who.mchid,
    body: redirected(parse(text), house.options),
  });
  if (!call) return write(no(404, "PARAM_ERROR", "no such call"));
  const fail = () => write(no(500, "SYSTEM_ERROR", "try again"));
  perform(house, response, { ...call, write, fail });
}

function byAlipay(
  house: House,
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
): void {
  const { alipay, options } = house;
  const { searchParams } = new URL(request.url ?? "/", "http://provider");
  const fields = Object.fromEntries([...searchParams, ...new URLSearchParams(text)]);
  const answer = (body: unknown): void => {
    response.writeHead(200, { "content-type": "application/json;charset=utf-8" });
    response.end(alipay.answer(fields.method ?? "error", body));
  };
  if (!alipay.fits(fields)) return answer(badSign);
  const call = alipayCall(house, redirected(fields, options) as Record<string, string>);
  if (!call) return answer({ ...badSign, sub_code: "isv.invalid-parameter" });
  perform(house, response, { ...call, write: answer, fail: () => answer(failed) });
}

/** An amount that the call does not say stands in the book. */
const known = ({ store }: House, { id, fen }: About): About => ({
  id,
  fen: fen ?? (id === undefined ? undefined : store.trade(id)?.fen),
});

/** Does what it should, or what it was told to do wrong. */
function perform<T>(house: House, response: ServerResponse, task: Task<T>): void {
  const { mischief, options, later } = house;
  const drop = () => void response.socket?.destroy();
  const wrong: CallMischief | null = task.asks
    ? mischief.ofQuestion()
    : mischief.ofCall(known(house, task.about));
  switch (wrong) {
    case null:
      return task.write(task.act());
    case "act-then-drop":
      task.act();
      return drop();
    case "drop-then-act":
      later(ACT_LATER_MS, () => void task.act());
      return drop();
    case "hang":
      return later(HANG_MS, drop);
    case "error-after-success":
      task.act();
      return task.fail();
    case "die-before-commit":
      options.die();
      return drop();
    case "die-after-commit":
      task.act();
      options.die();
      return drop();
  }
}

const NOTIFY_FIELDS = ["notify_url", "transaction_notify_url", "contract_notify_url"];
function redirected(body: unknown, { callbackOrigin }: ProviderOptions): unknown {
  if (!callbackOrigin || typeof body !== "object" || body === null) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) =>
      NOTIFY_FIELDS.includes(name) && URL.canParse(String(value))
        ? [name, new URL(new URL(String(value)).pathname, callbackOrigin).href]
        : [name, value]
    ),
  );
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

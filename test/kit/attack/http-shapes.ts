// Attacks by shape: what no body, key or query may hold, on every mutation route.
import { ulidAt } from "../http-world.ts";
import { type Good, goodsOf } from "./goods.ts";
import type { Attack, Ground, Headers1 } from "./ground.ts";

const malformed = { status: 400, code: "request.malformed" };
const operator = { $ne: null };
const DAY_MS = 24 * 3_600_000;

/** Each mutation route: a field that it does not know, every field of another type, its key. */
export function onEveryRoute(ground: Ground): Attack[] {
  const { made, place: { stationId }, owned: { orderId, paymentId } } = ground;
  return goodsOf({ pileId: made.id, stationId, orderId, paymentId }).flatMap((good) => {
    const { method, path, body } = good;
    const base = { method, path, headers: headersOf(ground, good) };
    const spoilt = Object.fromEntries(Object.keys(body).map((name) => [name, operator]));
    const shapes: Attack[] = [
      { ...base, name: "unknown field", body: { ...body, isAdmin: true }, ...malformed },
    ];
    if (Object.keys(body).length > 0) {
      shapes.push({ ...base, name: "wrong types", body: spoilt, ...malformed });
    }
    return [...shapes, ...keysOf(good, { ...base, body })];
  });
}

function headersOf(ground: Ground, { who, headers }: Good): Headers1 {
  const theirs = who === null ? {} : ground.of(who === "driver" ? ground.victim : who);
  return { ...theirs, ...headers };
}

function keysOf({ key }: Good, base: Omit<Attack, "name" | "status" | "code">): Attack[] {
  if (key === undefined) return [];
  const keyed = (value: string) => ({
    ...base,
    headers: { ...base.headers, "Idempotency-Key": value },
  });
  const attacks: Attack[] = [
    { ...base, keyless: true, name: "no key", status: 428, code: "key.missing" },
    { ...keyed("not-a-ulid"), name: "key is no ULID", status: 400, code: "key.malformed" },
  ];
  if (key === "timeless") return attacks;
  const old = { ...keyed(ulidAt(Date.now() - 2 * DAY_MS)), name: "key of another day" };
  const ahead = { ...keyed(ulidAt(Date.now() + 2 * DAY_MS)), name: "key of a day to come" };
  return [...attacks, ...[old, ahead].map((one) => ({ ...one, status: 400, code: "key.clock" }))];
}

/** Amounts and numbers that a careless parser takes. */
export function numbers(ground: Ground): Attack[] {
  const recharge = {
    method: "POST",
    path: "/v1/wallet/recharges",
    headers: ground.of(ground.stranger),
    ...malformed,
  };
  const texts = [
    "9007199254740992",
    "9007199254740993",
    "-9007199254740993",
    "1e21",
    "1e309",
    `1${"0".repeat(60_000)}`,
    "-1",
    "-0.5",
    "0",
    "0.5",
    "100.5",
    '"100"',
    "null",
    "true",
    "[100]",
    '{"$gt":0}',
    "NaN",
    "0x64",
    "5000001",
  ];
  return texts.map((fen) => ({
    ...recharge,
    name: `recharge of ${fen.slice(0, 20)}`,
    raw: `{"fen":${fen},"by":"wechat"}`,
  }));
}

/** Bodies that are no good JSON objects, or far too much of one. */
export function bodies(ground: Ground): Attack[] {
  const base = { method: "POST", path: "/v1/help", headers: ground.of(ground.stranger) };
  const bad = (name: string, raw: BodyInit, headers: Headers1 = {}): Attack => ({
    ...base,
    name,
    raw,
    headers: { ...base.headers, ...headers },
    ...malformed,
  });
  const text = new TextEncoder().encode('{"text":"');
  const large = { status: 413, code: "request.too-large" };
  const tenMb = 10 * 1024 * 1024;
  return [
    bad("own __proto__", '{"text":"x","__proto__":{"orderId":"ord_0001"}}'),
    bad("own constructor", '{"text":"x","constructor":{"prototype":{"isAdmin":true}}}'),
    bad("deep objects", '{"a":'.repeat(10_000) + "1" + "}".repeat(10_000)),
    bad("deep lists", "[".repeat(30_000) + "]".repeat(30_000)),
    bad("deep with escapes", `["\\u0041",${"[".repeat(25_000)}${"]".repeat(25_000)}]`),
    bad("10,000 fields", JSON.stringify(Object.fromEntries(manyFields()))),
    bad("a list", "[]"),
    bad("a number", "1"),
    bad("null", "null"),
    bad("half JSON", '{"text":"x"'),
    bad("two values", '{"text":"x"}{"text":"y"}'),
    bad("half a character", '{"text":"\\ud800"}'),
    bad("invalid UTF-8", new Uint8Array([...text, 0xff, 0xc0, 0xaf, 34, 125])),
    bad("gzip", new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3]), { "Content-Encoding": "gzip" }),
    bad("a form", "text=x", { "Content-Type": "application/x-www-form-urlencoded" }),
    bad("JSON as text", '{"text":"x"}', { "Content-Type": "text/plain" }),
    bad("JSON as XML", '{"text":"x"}', { "Content-Type": "text/xml" }),
    { ...bad("10 MB", new Uint8Array(tenMb).fill(32)), ...large },
    { ...bad("10 MB in pieces", pieces(tenMb)), ...large },
    { ...bad("10 MB of brackets", "[".repeat(tenMb)), ...large },
  ];
}

const manyFields = () => Array.from({ length: 5_000 }, (_, i) => [`k${i}`, 1]);

function pieces(bytes: number): ReadableStream<Uint8Array> {
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      if (left <= 0) return controller.close();
      controller.enqueue(new Uint8Array(32_768).fill(32));
      left -= 32_768;
    },
  });
}

/** Paths and queries that mean more than they should. */
export function places(ground: Ground): Attack[] {
  const headers = ground.of(ground.stranger);
  const get = (path: string, status = 400, code = "request.malformed"): Attack => ({
    name: `GET ${path}`,
    method: "GET",
    path,
    headers,
    status,
    code,
  });
  const gone = [404, "request.not-found"] as const;
  return [
    get("/v1/orders?status[$ne]=paid"),
    get("/v1/orders?status=paid&status=overdue"),
    get("/v1/orders?__proto__=1"),
    get("/v1/orders?size=9007199254740993"),
    get("/v1/orders?size=-1"),
    get("/v1/stations?near=91,181"),
    get("/v1/stations?near=1e9,1"),
    get(`/v1/piles/${ground.made.id}/quote?connector=1&limit=moneyFen:-5`),
    get(`/v1/piles/${ground.made.id}/quote?connector=99999999999999999999`),
    get("/v1/orders/ord_0001?waitV=1e9"),
    get("/v1/resolve?code="),
    get("/v1/resolve?code=javascript:alert(1)", 422, "qr.foreign"),
    get("/v1/resolve?code=https://evil.test/p/12345678", 422, "qr.foreign"),
    get(`/v1/resolve?code=${ground.server.url}/p/..%2f12345678`, 422, "qr.malformed"),
    get("/v1/resolve?code=%00", 422, "qr.malformed"),
    get("/v1/resolve?code=00000000", 404, "qr.unknown"),
    get("/v1/orders/%00", ...gone),
    get("/v1/orders/%ff%fe", ...gone),
    get("/v1/orders/ord_..%2f..%2fwallet", ...gone),
    get("/v1/orders/ord_a.b.%3e", ...gone),
    get("/v1/nothing", ...gone),
    { ...get("/v1/orders", ...gone), method: "PATCH" },
    { ...get("/v1/orders/ord_0001", ...gone), method: "DELETE", keyless: true },
  ];
}

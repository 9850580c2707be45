// Whatever comes in, a typed answer goes out: never a throw, never a 5xx of our own making.
import fc from "fast-check";
import { expect, test } from "vitest";
import { mutated, printed, revalued } from "../../test/kit/fuzz.ts";
import { httpWorld } from "../../test/kit/http-world.ts";
import { errorBody } from "../../wire/http.ts";
import { isRefusalCode } from "../../wire/refusals.ts";
import { demoRates } from "./limits.ts";

const RUNS = 10_000;
const unlimited = { points: 1e9, seconds: 1 };
const rates = {
  ...demoRates,
  perAddress: unlimited,
  perPerson: unlimited,
  signIn: unlimited,
  reports: unlimited,
};
const connectors = [{ no: 1, plug: "gb-dc", ratedPowerW: 60_000, reservable: true }];
const names = { zh: "站", en: "Station" };
const bodies: [method: string, path: string, body: unknown][] = [
  ["POST", "/v1/auth/refresh", { refresh: "a".repeat(40) }],
  ["POST", "/v1/auth/sessions", { phone: "13800000001", code: "123456", device: "phone" }],
  ["POST", "/v1/orders", {
    pileId: "P1",
    connector: 1,
    tariffVersion: "tv_1",
    limit: { energyWh: 20_000, moneyFen: 500, timeMs: 60_000, socPct: 80 },
    pay: { by: "wallet", autoCapture: true },
    ageMs: 0,
  }],
  ["POST", "/v1/orders/ord_0001/payments", { purpose: "charge", by: "wechat" }],
  ["POST", "/v1/orders/ord_0001/stop", {}],
  ["POST", "/v1/wallet/recharges", { fen: 5_000, by: "alipay" }],
  ["POST", "/v1/me/bindings", { by: "wechat" }],
  ["POST", "/v1/help", { orderId: "ord_0001", pileId: "P1", text: "help" }],
  ["POST", "/v1/client-errors", { message: "x", stack: "y", page: "/", release: "1" }],
  ["POST", "/v1/ops/stations", {
    name: names,
    address: names,
    lat: 31.2,
    lon: 121.4,
    zone: "Asia/Shanghai",
    phone: "021-555",
    tariff: {
      version: "tv_1",
      currency: "CNY",
      zone: "Asia/Shanghai",
      periods: [{
        fromMinute: 0,
        toMinute: 1440,
        kind: "flat",
        energyMilliFenPerKwh: 1,
        serviceMilliFenPerKwh: 1,
      }],
      overstay: { graceMinutes: 15, fenPerMinute: 50, capFen: 5_000 },
    },
  }],
  ["POST", "/v1/ops/piles", {
    id: "P1",
    stationId: "stn_0001",
    connectors,
    lane: "native",
    ratedPowerW: 60_000,
    secret: "x".repeat(20),
  }],
  ["POST", "/v1/ops/estop", { pileId: "P1", reason: "smoke" }],
  ["POST", "/v1/ops/orders/ord_0001/force-stop", { reason: "stuck" }],
  ["PUT", "/v1/ops/id-tags", { idTag: "CARD1", userId: "usr_0001", blocked: false }],
];
const spoilt = fc.constantFrom(...bodies).chain(([method, path, body]) =>
  fc.oneof(mutated([JSON.stringify(body)]), revalued([body]).map((value) => JSON.stringify(value)))
    .map((text) => ({ method, path, text }))
);
const hostileQueries = fc.tuple(
  fc.constantFrom(
    "/v1/stations?near=",
    "/v1/stations?cursor=",
    "/v1/resolve?code=",
    "/v1/orders?cursor=",
    "/v1/orders?status=",
    "/v1/piles/P1/quote?connector=1&limit=",
    "/v1/orders/ord_0001?minV=",
    "/v1/piles/",
    "/v1/orders/",
    "/p/",
    "/ops/",
    "/docs/",
  ),
  fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.constantFrom("../../etc/passwd", "1e999", "-1", "9007199254740993", "%00", "[$ne]=1", "{}"),
  ),
);

async function isTyped(answer: Response): Promise<void> {
  expect(answer.status).toBeLessThan(500);
  const isJson = answer.headers.get("content-type")?.startsWith("application/json") ?? false;
  if (answer.status < 400 || !isJson) return;
  const body = errorBody.parse(await answer.json());
  expect(isRefusalCode(body.code)).toBe(true);
  expect(JSON.stringify(body.facts).length).toBeLessThan(4_000);
}

test("spoilt bodies on every mutation", async () => {
  const world = await httpWorld({ rates });
  const driver = (await world.driver()).headers;
  const console = await world.console();
  await fc.assert(
    fc.asyncProperty(spoilt, async ({ method, path, text }) => {
      const who = path.includes("/ops/") ? console : driver;
      const headers = { ...who, "idempotency-key": world.key() };
      await isTyped(await world.call(method, path, { headers, text }));
    }),
    printed(RUNS),
  );
}, 120_000);

test("hostile queries and paths", async () => {
  const world = await httpWorld({ rates });
  const { headers } = await world.driver();
  await fc.assert(
    fc.asyncProperty(hostileQueries, async ([path, value]) => {
      const target = path + encodeURIComponent(value.toWellFormed());
      await isTyped(await world.call("GET", target, { headers }));
    }),
    printed(RUNS),
  );
}, 120_000);

test("hostile headers: tokens, cookies, keys, traces, languages", async () => {
  const world = await httpWorld({ rates });
  const { headers } = await world.driver();
  const token = headers.authorization!;
  const value = fc.oneof(
    mutated([token, "cw_ops=abc.def", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "zh-CN;q=0.5"]),
    fc.string({ maxLength: 60 }),
  ).filter((text) => /^[\x20-\x7e]*$/.test(text));
  const name = fc.constantFrom(
    "authorization",
    "cookie",
    "idempotency-key",
    "traceparent",
    "accept-language",
    "x-csrf",
    "content-length",
  );
  await fc.assert(
    fc.asyncProperty(name, value, async (header, text) => {
      const all = { ...headers, [header]: text };
      await isTyped(await world.call("POST", "/v1/help", { headers: all, body: {} }));
    }),
    printed(RUNS),
  );
}, 120_000);

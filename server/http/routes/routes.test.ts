import { expect, test } from "vitest";
import { type HttpWorld, httpWorld, noViews, ulidAt } from "../../../test/kit/http-world.ts";
import { ViewsAway } from "../../views/mod.ts";

const tariff = {
  version: "tv_1",
  currency: "CNY",
  zone: "Asia/Shanghai",
  periods: [
    {
      fromMinute: 0,
      toMinute: 720,
      kind: "valley",
      energyMilliFenPerKwh: 30_000,
      serviceMilliFenPerKwh: 40_000,
    },
    {
      fromMinute: 720,
      toMinute: 1440,
      kind: "peak",
      energyMilliFenPerKwh: 90_000,
      serviceMilliFenPerKwh: 40_000,
    },
  ],
  overstay: { graceMinutes: 15, fenPerMinute: 50, capFen: 5_000 },
};
const station = {
  id: "stn_0001",
  v: 1,
  name: { zh: "站", en: "Station" },
  address: { zh: "路", en: "Road" },
  lat: 31.2,
  lon: 121.4,
  zone: "Asia/Shanghai",
  phone: "021-555",
  tariff,
  piles: ["P1"],
};
const pile = {
  id: "P1",
  v: 3,
  stationId: "stn_0001",
  code: "12345678",
  lane: "native",
  ratedPowerW: 60_000,
  presence: "online",
  disabled: false,
  linkEpoch: 2,
  connectors: [{
    no: 1,
    plug: "gb-dc",
    ratedPowerW: 60_000,
    reservable: true,
    status: "charging",
    plugged: true,
    orderId: "ord_0001",
  }],
  tariffVersion: "tv_1",
  unattributedWh: 0,
};
const start = {
  pileId: "P1",
  connector: 1,
  tariffVersion: "tv_1",
  pay: { by: "wallet", autoCapture: true },
  ageMs: 0,
};
const order = (userId: string, status: string) => ({
  id: "ord_0001",
  v: 4,
  status,
  userId,
  pileId: "P1",
  connector: 1,
  stationId: "stn_0001",
});
const record = (state: unknown, v: number) =>
  ({ state, v, events: [], at: 0 }) as unknown as Parameters<
    HttpWorld["deps"]["board"]["take"]
  >[1];
const codeOf = async (answer: Response) => (await answer.json()).code as string;

test("a start is answered 202 with its place; the same key the same, another body refused", async () => {
  const world = await httpWorld();
  const { headers, userId } = await world.driver();
  world.client.onAsk("order.StartCharge", ({ to }) => ({
    body: { ...order(userId, "starting"), id: to.id },
    v: 4,
  }));
  const key = { ...headers, "idempotency-key": world.key() };
  const first = await world.call("POST", "/v1/orders", { headers: key, body: start });
  const shown = await first.json();
  expect(first.status).toBe(202);
  expect(first.headers.get("location")).toBe(`/v1/orders/${shown.id}`);
  expect(first.headers.get("etag")).toBe(`"4"`);
  const asked = world.client.asks.at(-1)!;
  expect(asked.id).toBe(`main|driver:${userId}|POST /v1/orders|${key["idempotency-key"]}`);
  expect(asked).toMatchObject({ principal: { kind: "driver", id: userId }, body: { limit: {} } });
  const again = await world.call("POST", "/v1/orders", { headers: key, body: start });
  expect([again.status, again.headers.get("idempotent-replay")]).toEqual([202, "true"]);
  expect(await again.json()).toEqual(shown);
  const other = await world.call("POST", "/v1/orders", {
    headers: key,
    body: { ...start, ageMs: 5 },
  });
  expect([other.status, await codeOf(other)]).toEqual([422, "key.reused"]);
});

test("what runs now leaves out a start that was declined a moment ago", async () => {
  const world = await httpWorld();
  const { headers, userId } = await world.driver();
  const open = { openOrders: ["ord_1", "ord_2"], openReservations: [] };
  world.client.onRead("user.show", () => ({ body: open }));
  world.client.onRead("order.show", ({ to: { id } }) => ({
    body: { ...order(userId, id === "ord_1" ? "declined" : "charging"), id },
  }));
  const active = await (await world.call("GET", "/v1/me/active", { headers })).json();
  expect(active.orders).toMatchObject([{ id: "ord_2" }]);
});

test("refusals of actors keep code, facts and status; faults are 503 and 504", async () => {
  const world = await httpWorld();
  const { headers } = await world.driver();
  const answers = [
    { refused: { code: "wallet.balance-too-low", facts: { needFen: 5_000 } } },
    { refused: { code: "pile.offline" } },
    { refused: { code: "start.too-old" } },
    { refused: { code: "something.new", facts: { secret: 1 } } },
    { fault: "overloaded" as const },
    { fault: "outcome.unknown" as const },
  ];
  world.client.onAsk("order.StartCharge", () => answers.shift()!);
  const seen: unknown[] = [];
  for (let i = 0; i < 6; i++) {
    const key = { ...headers, "idempotency-key": world.key() };
    const answer = await world.call("POST", "/v1/orders", { headers: key, body: start });
    const { code, facts, retry } = await answer.json();
    seen.push([answer.status, code, facts, retry]);
  }
  expect(seen).toEqual([
    [402, "wallet.balance-too-low", { needFen: 5_000 }, "never"],
    [409, "pile.offline", {}, "after"],
    [410, "start.too-old", {}, "never"],
    [503, "unavailable", {}, "same-key"],
    [503, "overloaded", {}, "after"],
    [504, "outcome.unknown", {}, "same-key"],
  ]);
});

test("a key from another day is good only where it is known, for a stop always", async () => {
  const world = await httpWorld();
  const { headers, userId } = await world.driver();
  world.client.onAsk("order.StartCharge", () => ({ body: order(userId, "starting") }));
  world.client.onAsk("order.StopCharge", () => ({ body: order(userId, "stopping") }));
  const known = { ...headers, "idempotency-key": world.key() };
  await world.call("POST", "/v1/orders", { headers: known, body: start });
  world.clock.at += 24 * 3_600_000 - 1;
  const { headers: fresh } = await world.driver();
  const inTime = { ...fresh, "idempotency-key": ulidAt(world.clock.at - 24 * 3_600_000) };
  expect((await world.call("POST", "/v1/orders", { headers: inTime, body: start })).status)
    .toBe(202);
  world.clock.at += 2;
  const stale = { ...fresh, "idempotency-key": ulidAt(world.clock.at - 24 * 3_600_000 - 1) };
  const refused = await world.call("POST", "/v1/orders", { headers: stale, body: start });
  expect([refused.status, await codeOf(refused)]).toEqual([400, "key.clock"]);
  const future = { ...fresh, "idempotency-key": ulidAt(world.clock.at + 25 * 3_600_000) };
  expect(await codeOf(await world.call("POST", "/v1/orders", { headers: future, body: start })))
    .toBe("key.clock");
  const again = { ...known, ...fresh };
  const replay = await world.call("POST", "/v1/orders", { headers: again, body: start });
  expect([replay.status, replay.headers.get("idempotent-replay")]).toEqual([202, "true"]);
  const stop = await world.call("POST", "/v1/orders/ord_0001/stop", { headers: stale });
  expect(stop.status).toBe(202);
});

test("a stop: 202 on its way, 200 once it is over, 404 for somebody else's", async () => {
  const world = await httpWorld();
  const { headers, userId } = await world.driver();
  const stop = async () => {
    const key = { ...headers, "idempotency-key": world.key() };
    const answer = await world.call("POST", "/v1/orders/ord_0001/stop", { headers: key });
    const { status, code } = await answer.json();
    return [answer.status, status ?? code];
  };
  world.client.onAsk("order.StopCharge", () => ({ body: order(userId, "stopping") }));
  expect(await stop()).toEqual([202, "stopping"]);
  for (const over of ["paid", "awaiting-payment", "start-failed", "overdue"]) {
    world.client.onAsk("order.StopCharge", () => ({ refused: { code: "order.not-charging" } }));
    world.client.onRead("order.show", () => ({ body: order(userId, over) }));
    expect(await stop()).toEqual([200, over]);
  }
  world.client.onAsk("order.StopCharge", () => ({ refused: { code: "auth.forbidden" } }));
  world.client.onRead("order.show", () => ({ body: order("usr_other", "charging") }));
  expect(await stop()).toEqual([404, "order.unknown"]);
  world.client.onAsk("order.StopCharge", () => ({ fault: "outcome.unknown" }));
  expect(await stop()).toEqual([504, "outcome.unknown"]);
});

test("others' orders, payments and parts of orders are as unknown as those that never were", async () => {
  const world = await httpWorld();
  const { headers } = await world.driver();
  world.client.onRead("order.show", () => ({ body: order("usr_other", "paid") }));
  world.client.onRead("payment.show", () => ({ body: { userId: "usr_other" } }));
  for (const part of ["", "/bill", "/curve", "/receipt"]) {
    const answer = await world.call("GET", `/v1/orders/ord_0001${part}`, { headers });
    expect([part, answer.status, await codeOf(answer)]).toEqual([part, 404, "order.unknown"]);
  }
  const answer = await world.call("GET", "/v1/payments/pay_0001", { headers });
  expect(await codeOf(answer)).toBe("payment.unknown");
  const nonsense = await world.call("GET", "/v1/orders/not%20an%20id", { headers });
  expect(await codeOf(nonsense)).toBe("request.not-found");
});

test("minV waits and says behind; waitV long-polls; bill and receipt only once they are", async () => {
  const world = await httpWorld();
  const { headers, userId } = await world.driver();
  world.client.onRead("order.show", () => ({ body: order(userId, "charging"), v: 4 }));
  const get = (path: string) => world.call("GET", `/v1/orders/ord_0001${path}`, { headers });
  const behind = await get("?minV=5");
  expect([behind.status, await codeOf(behind)]).toEqual([503, "read.behind"]);
  expect(world.client.reads.at(-1)).toMatchObject({ sinceV: 4, waitMs: 2_000 });
  expect((await get("?minV=4")).status).toBe(200);
  expect((await get("?waitV=4")).status).toBe(200);
  expect(world.client.reads.at(-1)).toMatchObject({ sinceV: 4, waitMs: 25_000 });
  expect((await get("?waitV=-1")).status).toBe(400);
  for (const part of ["/bill", "/receipt"]) {
    const answer = await get(part);
    expect([answer.status, (await answer.json()).facts.status]).toEqual([404, "charging"]);
  }
});

test("codes: ours by number and by address, others named as what they are", async () => {
  const world = await httpWorld();
  await (await world.deps.directory.bucket("codes")).put("main/12345678", { pileId: "P1" });
  const resolve = async (code: string) => {
    const answer = await world.call("GET", `/v1/resolve?code=${encodeURIComponent(code)}`);
    const { pileId, code: said } = await answer.json();
    return [answer.status, pileId ?? said];
  };
  expect(await resolve("12345678")).toEqual([200, "P1"]);
  expect(await resolve(" http://charge.test/p/12345678 ")).toEqual([200, "P1"]);
  expect(await resolve("87654321")).toEqual([404, "qr.unknown"]);
  expect(await resolve("https://other.test/p/12345678")).toEqual([422, "qr.foreign"]);
  expect(await resolve("http://charge.test/x/12345678")).toEqual([422, "qr.malformed"]);
  expect(await resolve("javascript:alert(1)")).toEqual([422, "qr.foreign"]);
  expect(await resolve("hello")).toEqual([422, "qr.malformed"]);
});

test("stations come from memory: near first, free ones, in pages, without MongoDB", async () => {
  const away = () => Promise.reject(new ViewsAway("away"));
  const views = { ...noViews, orders: away, walletLines: away };
  const world = await httpWorld({ views });
  const put = (id: string, lat: number, status: string) => {
    const at = { tenant: "main", kind: "station", id };
    world.deps.board.take(at, record({ ...station, id, lat, piles: [`${id}-P`] }, 1));
    const connectors = [{ ...pile.connectors[0], status }];
    const shown = { ...pile, id: `${id}-P`, stationId: id, connectors };
    world.deps.board.take({ ...at, kind: "pile", id: shown.id }, record(shown, 3));
  };
  put("stn_near", 31.201, "charging");
  put("stn_down", 31.202, "free"); // its only pile is taken down: nobody is sent there
  const gone = { ...pile, id: "stn_down-P", stationId: "stn_down", disabled: true };
  const lost = { ...gone, v: 4, takenDown: true };
  world.deps.board.take({ tenant: "main", kind: "pile", id: lost.id }, record(lost, 4));
  put("stn_free", 31.21, "free");
  put("stn_far", 32.5, "free");
  const list = async (query: string) => {
    const answer = await (await world.call("GET", `/v1/stations${query}`)).json();
    return [answer.items.map(({ id }: { id: string }) => id), answer.next];
  };
  expect(await list("?near=31.2,121.4")).toEqual([["stn_near", "stn_free"], null]);
  expect(await list("?near=31.2,121.4&free=true")).toEqual([["stn_free"], null]);
  expect(await list("?near=31.2,121.4&radiusM=500000&size=2")).toEqual([
    ["stn_near", "stn_free"],
    "stn_free",
  ]);
  expect(await list("?near=31.2,121.4&radiusM=500000&size=2&cursor=stn_free"))
    .toEqual([["stn_far"], null]);
  const row = (await (await world.call("GET", "/v1/stations")).json()).items[0];
  // 04:00 UTC is noon in Shanghai: the second period has just begun
  expect(row.price).toMatchObject({ kind: "peak", energyMilliFenPerKwh: 90_000 });
  const { headers } = await world.driver();
  const orders = await world.call("GET", "/v1/orders", { headers });
  expect([orders.status, await codeOf(orders)]).toEqual([503, "unavailable"]);
});

test("a pile for the public has no order, no link; for the wall it is one row", async () => {
  const world = await httpWorld();
  world.client.onRead("pile.show", () => ({ body: pile, v: 3 }));
  world.deps.board.take({ tenant: "main", kind: "pile", id: "P1" }, record(pile, 3));
  const open = await (await world.call("GET", "/v1/piles/P1")).text();
  expect(open).not.toMatch(/ord_0001|linkEpoch|unattributed/);
  const headers = await world.console("viewer");
  const wall = await (await world.call("GET", "/v1/ops/wall", { headers })).json();
  expect(wall.rows).toEqual([["P1", "charging", 0, 0]]);
});

test("ops register a pile in steps that may be taken twice; the answer stays the same", async () => {
  const world = await httpWorld();
  world.client.onRead("station.show", () => ({ body: station }));
  world.client.onAsk("pile.RegisterPile", () => ({ body: null, v: 1 }));
  let breaks = true;
  world.client.onAsk("station.AddPile", () => breaks ? { fault: "unavailable" } : {});
  const headers = { ...await world.console(), "idempotency-key": world.key() };
  const { no, plug, ratedPowerW, reservable } = pile.connectors[0]!;
  const connectors = [{ no, plug, ratedPowerW, reservable }];
  const body = {
    id: "P1",
    stationId: "stn_0001",
    connectors,
    lane: "ocpp1.6",
    ratedPowerW: 60_000,
  };
  const post = () => world.call("POST", "/v1/ops/piles", { headers, body });
  expect((await post()).status).toBe(503);
  breaks = false;
  const made = await (await post()).json();
  const again = await post();
  expect(again.headers.get("idempotent-replay")).toBe("true");
  expect(await again.json()).toEqual(made);
  expect(made).toMatchObject({ id: "P1", code: expect.stringMatching(/^[0-9]{8}$/) });
  expect(made.secret.length).toBeGreaterThanOrEqual(16);
  const auth = await (await world.deps.directory.bucket("pile-auth")).entries();
  expect(JSON.stringify(auth)).not.toContain(made.secret);
  const codes = await (await world.deps.directory.bucket("codes")).get(`main/${made.code}`);
  expect(codes!.value).toEqual({ pileId: "P1" });
  const other = await world.call("POST", "/v1/ops/piles", {
    headers,
    body: { ...body, ratedPowerW: 7_000 },
  });
  expect(await codeOf(other)).toBe("key.reused");
});

test("an emergency stop stops every order and takes the pile out, with any role and no key", async () => {
  const world = await httpWorld();
  world.client.onRead("pile.show", () => ({ body: pile }));
  world.client.onRead("station.show", () => ({ body: station }));
  world.client.onAsk("pile.DisablePile", () => ({}));
  world.client.onAsk("order.ForceStop", () => ({ fault: "outcome.unknown" }));
  const headers = await world.console("viewer");
  const body = { stationId: "stn_0001", reason: "smoke" };
  const answer = await world.call("POST", "/v1/ops/estop", { headers, body });
  expect(await answer.json()).toEqual({
    piles: [{ pileId: "P1", orders: ["ord_0001"], outcome: "outcome.unknown" }],
  });
  const urgent = world.client.asks.filter((ask) => ask.class === "emergency");
  expect(urgent.map(({ type }) => type)).toEqual(["DisablePile", "ForceStop"]);
  expect(urgent[0]!.principal.roles).toEqual(["viewer", "operator"]);
});

test("cards are given, listed and forgotten", async () => {
  const world = await httpWorld();
  const { userId } = await world.driver();
  const ops = await world.console("operator");
  const put = await world.call("PUT", "/v1/ops/id-tags", {
    headers: { ...ops, "idempotency-key": world.key() },
    body: { idTag: "CARD1", userId },
  });
  expect(put.status).toBe(200);
  const list = async () =>
    (await (await world.call("GET", "/v1/ops/id-tags", { headers: ops })).json()).items;
  expect(await list()).toMatchObject([{ idTag: "CARD1", userId, blocked: false }]);
  await world.call("DELETE", "/v1/ops/id-tags/CARD1", {
    headers: { ...ops, "idempotency-key": world.key() },
  });
  expect(await list()).toEqual([]);
});

test("a body over the limit is refused, as is a wrong second factor", async () => {
  const world = await httpWorld();
  const text = JSON.stringify({ message: "x".repeat(70_000) });
  const large = await world.call("POST", "/v1/client-errors", { text });
  expect([large.status, await codeOf(large)]).toEqual([413, "request.too-large"]);
  const small = { message: "TypeError", stack: "at x", page: "/" };
  expect((await world.call("POST", "/v1/client-errors", { body: small })).status).toBe(202);
  await world.console();
  const { ticket } = await (await world.call("POST", "/v1/ops/auth/password", {
    body: { name: "admin", password: "password of admin" },
  })).json();
  const wrong = await world.call("POST", "/v1/ops/auth/mfa", { body: { ticket, code: "000000" } });
  expect([wrong.status, await codeOf(wrong)]).toEqual([401, "auth.mfa-wrong"]);
});
test("a route that breaks is an answer too: a read was surely not done, a command maybe", async () => {
  const world = await httpWorld();
  const { headers } = await world.driver();
  world.client.onRead("wallet.show", () => {
    throw new Error("bug");
  });
  world.client.onAsk("payment.OpenPayment", () => {
    throw new Error("bug");
  });
  const read = await world.call("GET", "/v1/wallet", { headers });
  expect([read.status, await codeOf(read)]).toEqual([503, "unavailable"]);
  const key = { ...headers, "idempotency-key": world.key() };
  const body = { fen: 100, by: "wechat" };
  const command = await world.call("POST", "/v1/wallet/recharges", { headers: key, body });
  expect([command.status, await codeOf(command)]).toEqual([504, "outcome.unknown"]);
});

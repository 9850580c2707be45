// The payment gateway against the sandbox provider on real HTTP: what it makes of good answers, of
// silence, of lies; and what a forged callback comes to (nothing).
import { expect, test } from "vitest";
import { providerWorld } from "../kit/provider-world.ts";

let made = 0;
const newId = () => `pay_test${String(++made).padStart(6, "0")}`;
const call = (op: string, paymentId: string, more: Record<string, unknown> = {}) => ({
  body: { op, tenant: "main", paymentId, by: "wechat", ...more },
});
const create = (id: string, more: Record<string, unknown> = {}) =>
  call("create", id, { purpose: "recharge", fen: 5_000, ...more });
const unknown = { ok: false, refusal: { code: "outcome.unknown", facts: {} } };

test("a payment is created, paid by hand, reported, and answered the same by query", async () => {
  await using world = await providerWorld();
  world.client.onAsk("payment.ProviderReported", () => ({ body: null }));
  const id = newId();
  const handoff = { kind: "sandbox", value: `/sandbox/pay/${id}` };
  const opened = { ok: true, body: { status: "open", handoff } };
  expect(await world.payment.port(create(id))).toEqual(opened);
  expect(await world.payment.port(create(id))).toEqual(opened);
  expect(await world.payment.port(call("query", id))).toMatchObject({ body: { status: "open" } });
  await world.pay(id);
  await world.untilCallbacks(1);
  expect(world.callbacks[0]!.status).toBe(200);
  const [asked] = world.client.asks;
  expect(asked).toMatchObject({
    to: { tenant: "main", kind: "payment", id },
    body: { outcome: "succeeded", fen: 5_000 },
    principal: { kind: "provider", id: "wechat" },
  });
  expect(await world.payment.port(call("query", id))).toMatchObject({
    body: { status: "succeeded", fen: 5_000, providerRef: asked!.body.providerRef },
  });
});

test("a payment that the provider never saw is unknown; a closed one is closed", async () => {
  await using world = await providerWorld();
  const id = newId();
  const never = { ok: false, refusal: { code: "payment.unknown" } };
  expect(await world.payment.port(call("query", id))).toMatchObject(never);
  expect(await world.payment.port(call("close", id))).toMatchObject(never);
  await world.payment.port(create(id));
  expect(await world.payment.port(call("close", id))).toMatchObject({ body: { status: "closed" } });
  expect(await world.payment.port(create(id))).toMatchObject({ body: { status: "closed" } });
  expect(await world.payment.port(call("query", id))).toMatchObject({ body: { status: "closed" } });
});

test("a refund is made once, however often it is asked for", async () => {
  await using world = await providerWorld();
  world.client.onAsk("payment.ProviderReported", () => ({ body: null }));
  const id = newId();
  await world.payment.port(create(id));
  await world.pay(id);
  const refund = call("refund", id, { fen: 5_000, reason: "late success" });
  const first = await world.payment.port(refund);
  expect(first).toMatchObject({ ok: true, body: { status: "refunded", fen: 5_000 } });
  expect(await world.payment.port(refund)).toEqual(first);
  const day = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  const bill = await world.payment.sandbox("GET", `/sandbox/bill?day=${day}`);
  expect(JSON.parse(bill!.text)).toMatchObject({ paidFen: 5_000, refundedFen: 5_000 });
});

test("a contract is signed by hand and pays without it", async () => {
  await using world = await providerWorld();
  world.client.onAsk("payment.ProviderReported", () => ({ body: null }));
  const id = newId();
  const bind = create(id, { purpose: "binding", fen: 0 });
  expect(await world.payment.port(bind)).toMatchObject({ body: { handoff: { kind: "sandbox" } } });
  await world.pay(id);
  await world.untilCallbacks(1);
  const { contract } = world.client.asks[0]!.body as { contract: string };
  expect(await world.payment.port(call("query", id))).toMatchObject({
    body: { status: "succeeded", contract },
  });
  const bill = newId();
  const debit = create(bill, { purpose: "bill", contract });
  expect(await world.payment.port(debit)).toEqual({ ok: true, body: { status: "open" } });
  await world.untilCallbacks(2);
  expect(world.client.asks[1]).toMatchObject({ to: { id: bill }, body: { outcome: "succeeded" } });
  const stranger = create(newId(), { purpose: "bill", contract: "Cnobody00000" });
  expect(await world.payment.port(stranger)).toMatchObject({
    refusal: { code: "provider.refused" },
  });
});

test("silence and errors are unknown, never failure; the query tells the truth", async () => {
  await using world = await providerWorld();
  for (const wrong of ["act-then-drop", "drop-then-act", "error-after-success"] as const) {
    const id = newId();
    await world.misbehave(wrong);
    expect(await world.payment.port(create(id)), wrong).toEqual(unknown);
    const found = await world.payment.port(call("query", id));
    if (wrong === "drop-then-act") {
      expect(found).toMatchObject({ refusal: { code: "payment.unknown" } });
    } else expect(found, wrong).toMatchObject({ body: { status: "open" } });
  }
});

test("a provider that hangs is unknown after the deadline", async () => {
  await using world = await providerWorld();
  await world.misbehave("hang");
  const startedAt = performance.now();
  expect(await world.payment.port(create(newId()))).toEqual(unknown);
  expect(performance.now() - startedAt).toBeLessThan(8_000);
});

test("a double callback is one command, and a lie about the amount is refused", async () => {
  await using world = await providerWorld();
  world.client.onAsk(
    "payment.ProviderReported",
    ({ body }) =>
      body.fen === 5_000 ? { body: null } : { refused: { code: "payment.amount-wrong" } },
  );
  const twice = newId();
  await world.payment.port(create(twice));
  await world.misbehave("double");
  await world.pay(twice);
  await world.untilCallbacks(2);
  expect(world.callbacks.map(({ status }) => status)).toEqual([200, 200]);
  expect(new Set(world.client.asks.map(({ id }) => id)).size).toBe(1);
  const lied = newId();
  await world.payment.port(create(lied));
  await world.misbehave("wrong-amount");
  await world.pay(lied);
  await world.untilCallbacks(3);
  expect(world.callbacks[2]!.status).toBe(422);
});

test("a callback is sent again until it is recorded, over a restart of the provider too", async () => {
  await using world = await providerWorld();
  let isDown = true;
  world.client.onAsk("payment.ProviderReported", () => isDown ? { fault: "unavailable" } : {});
  const id = newId();
  await world.payment.port(create(id));
  await world.pay(id);
  await world.untilCallbacks(1);
  expect(world.callbacks[0]!.status).toBe(503);
  isDown = false;
  await world.restart();
  await world.untilCallbacks(2);
  expect(world.callbacks[1]!.status).toBe(200);
});

test("forged, altered, replayed and stale callbacks are refused and change nothing", async () => {
  await using world = await providerWorld();
  world.client.onAsk("payment.ProviderReported", () => ({ body: null }));
  const id = newId();
  await world.misbehave("forged");
  await world.payment.port(create(id));
  await world.untilCallbacks(1);
  expect(world.callbacks[0]!.status).toBe(401);
  expect(world.client.asks).toEqual([]);
  await world.pay(id);
  await world.untilCallbacks(2);
  const good = world.callbacks[1]!;
  expect(good.status).toBe(200);
  const names = ["wechatpay-timestamp", "wechatpay-nonce", "wechatpay-serial"];
  const send = (body: string, headers: Record<string, string | undefined>) =>
    world.payment.callback({
      tenant: "main",
      provider: "wechat",
      header: (name) => headers[name],
      body,
      trace: "t",
    });
  const attacks: [string, string, Record<string, string | undefined>][] = [
    ["replay", good.body, good.headers],
    ["amount", good.body.replace("5000", "5001"), good.headers],
    ["unsigned", good.body, {}],
    ...names.map((name): [string, string, Record<string, string | undefined>] => [
      name,
      good.body,
      { ...good.headers, [name]: `1${good.headers[name]!.slice(1)}0`.slice(0, 10) },
    ]),
  ];
  for (const [name, body, headers] of attacks) {
    const { status, body: answer } = await send(body, headers);
    expect([name, status, JSON.parse(answer).message]).toEqual([name, 401, "payment.signature"]);
  }
  expect(world.client.asks).toHaveLength(1);
});

test("a provider that is not there: unknown, and again good once it is back", async () => {
  await using world = await providerWorld();
  const { payment } = world;
  const id = newId();
  await payment.port(create(id));
  await world.restart(async () => {
    expect(await payment.port(call("query", id))).toEqual(unknown);
    expect(await payment.port(create(newId()))).toEqual(unknown);
    expect(await payment.sandbox("GET", "/sandbox/behaviour")).toBeNull();
  });
  // The breaker opens for some seconds after five failures in a row, and closes by itself.
  for (;;) {
    const answer = await payment.port(call("query", id));
    if (answer.ok) return expect(answer.body).toMatchObject({ status: "open" });
    await new Promise((done) => setTimeout(done, 100));
  }
});

test("calls that the platform did not sign are refused", async () => {
  await using world = await providerWorld();
  const path = "/wechat/v3/pay/transactions/native";
  for (const authorization of ["", "Bearer x", 'WECHATPAY2-SHA256-RSA2048 mchid="x"']) {
    const answer = await fetch(world.url + path, {
      method: "POST",
      headers: { authorization },
      body: "{}",
    });
    expect([answer.status, (await answer.json()).code]).toEqual([401, "SIGN_ERROR"]);
  }
});

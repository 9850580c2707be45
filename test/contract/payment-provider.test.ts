// The port to payment providers, both adapters over the sandbox on real signed HTTP: what it makes of
// good answers, of silence, of lies; and what a forged callback comes to (nothing).
import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import WechatPay from "wechatpay-node-v3";
import { providerWorld } from "../kit/provider-world.ts";

let made = 0;
const newId = () => `pay_test${String(++made).padStart(6, "0")}`;
const today = () => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
const signed = ["wechatpay-timestamp", "wechatpay-nonce", "wechatpay-serial"];
const unknown = { ok: false, refusal: { code: "outcome.unknown", facts: {} } };

describe.each(["wechat", "alipay"] as const)("%s", (by) => {
  const call = (op: string, paymentId: string, more: Record<string, unknown> = {}) => ({
    body: { op, tenant: "main", paymentId, by, ...more },
  });
  const create = (id: string, more: Record<string, unknown> = {}) =>
    call("create", id, { purpose: "recharge", fen: 5_000, ...more });

  test("a payment is created, paid by hand, reported, and answered the same by query", async () => {
    await using world = await providerWorld();
    world.client.onAsk("payment.ProviderReported", () => ({ body: null }));
    const id = newId();
    const handoff = { kind: "sandbox", value: `/sandbox/pay/${id}` };
    const opened = { ok: true, body: { status: "open", handoff } };
    expect(await world.payment.port(create(id))).toEqual(opened);
    expect(await world.payment.port(create(id))).toEqual(opened);
    await world.scan(id);
    expect(await world.payment.port(call("query", id))).toMatchObject({ body: { status: "open" } });
    await world.pay(id);
    await world.untilCallbacks(1);
    expect(world.callbacks[0]!.status).toBe(200);
    const [asked] = world.client.asks;
    expect(asked).toMatchObject({
      to: { tenant: "main", kind: "payment", id },
      body: { outcome: "succeeded", fen: 5_000 },
      principal: { kind: "provider", id: by },
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
    await world.scan(id);
    expect(await world.payment.port(call("close", id))).toMatchObject({
      body: { status: "closed" },
    });
    expect(await world.payment.port(create(id))).toMatchObject({ body: { status: "closed" } });
    expect(await world.payment.port(call("query", id))).toMatchObject({
      body: { status: "closed" },
    });
  });

  test("a refund is made once, however often it is asked for", async () => {
    await using world = await providerWorld();
    world.client.onAsk("payment.ProviderReported", () => ({ body: null }));
    const id = newId();
    await world.payment.port(create(id));
    await world.pay(id);
    const part = (n: number, fen: number) =>
      call("refund", id, { refundId: `${id}-r${n}`, fen, totalFen: 5_000, reason: "late success" });
    const look = (n: number) => call("query-refund", id, { refundId: `${id}-r${n}` });
    expect(await world.payment.port(look(1))).toMatchObject({
      refusal: { code: "payment.unknown" },
    });
    const first = await world.payment.port(part(1, 3_000));
    expect(first).toMatchObject({ ok: true, body: { status: "refunded", fen: 3_000 } });
    expect(await world.payment.port(part(1, 3_000))).toEqual(first);
    expect(await world.payment.port(look(1))).toEqual(first);
    const more = { refusal: { code: "provider.refused" } };
    expect(await world.payment.port(part(2, 2_001))).toMatchObject(more);
    expect(await world.payment.port(part(3, 2_000))).toMatchObject({ body: { fen: 2_000 } });
    const rows = await world.payment.bill(by, today());
    expect(rows).toMatchObject({
      ok: true,
      rows: [
        { kind: "pay", paymentId: id, fen: 5_000, feeFen: 30 },
        { kind: "refund", paymentId: id, refundId: `${id}-r1`, fen: 3_000 },
        { kind: "refund", paymentId: id, refundId: `${id}-r3`, fen: 2_000 },
      ],
    });
    expect(await world.payment.bill(by, "2020-01-01")).toEqual({ ok: false, why: "no-bill" });
  });

  test("a contract is signed by hand and pays without it", async () => {
    await using world = await providerWorld();
    world.client.onAsk("payment.ProviderReported", () => ({ body: null }));
    const id = newId();
    const bind = create(id, { purpose: "binding", fen: 0 });
    expect(await world.payment.port(bind)).toMatchObject({
      body: { handoff: { kind: "sandbox" } },
    });
    await world.pay(id);
    await world.untilCallbacks(1);
    const { contract } = world.client.asks[0]!.body as { contract: string };
    expect(await world.payment.port(call("query", id))).toMatchObject({
      body: { status: "succeeded", contract },
    });
    const bill = newId();
    const debit = create(bill, { purpose: "bill", contract });
    const taken = by === "wechat" ? { status: "open" } : { status: "succeeded", fen: 5_000 };
    expect(await world.payment.port(debit)).toMatchObject({ ok: true, body: taken });
    await world.untilCallbacks(2);
    expect(world.client.asks[1]).toMatchObject({
      to: { id: bill },
      body: { outcome: "succeeded" },
    });
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
      await world.scan(id);
      if (wrong === "drop-then-act") continue; // it may have acted by now, or not yet
      const found = await world.payment.port(call("query", id));
      expect(found, wrong).toMatchObject({ body: { status: "open" } });
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

  test("a provider that is not there: unknown, and again good once it is back", async () => {
    await using world = await providerWorld();
    const { payment } = world;
    const id = newId();
    await payment.port(create(id));
    await world.scan(id);
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

  test("told to die, it does so on either side of its commit", async () => {
    await using world = await providerWorld();
    for (
      const [side, acted] of [["die-before-commit", false], ["die-after-commit", true]] as const
    ) {
      const id = newId();
      await world.misbehave(side);
      expect(await world.payment.port(create(id)), side).toEqual(unknown);
      await world.restart();
      await world.scan(id);
      const found = await world.payment.port(call("query", id));
      if (acted) expect(found, side).toMatchObject({ body: { status: "open" } });
      else expect(found, side).toMatchObject({ refusal: { code: "payment.unknown" } });
    }
    expect(world.deaths()).toBe(2);
  });

  test("callbacks in another order, and money that comes after a confirmed close", async () => {
    await using world = await providerWorld();
    world.client.onAsk("payment.ProviderReported", () => ({ body: null }));
    const [first, second] = [newId(), newId()];
    await world.payment.port(create(first));
    await world.payment.port(create(second));
    await world.misbehave("reorder");
    await world.pay(first);
    await world.pay(second);
    await world.untilCallbacks(2);
    expect(world.client.asks.map(({ to }) => to.id)).toEqual([second, first]);
    const late = newId();
    await world.payment.port(create(late));
    await world.scan(late);
    await world.misbehave("paid-after-close");
    expect(await world.payment.port(call("close", late))).toMatchObject({
      body: { status: "closed" },
    });
    await world.untilCallbacks(3);
    expect(world.client.asks[2]).toMatchObject({
      to: { id: late },
      body: { outcome: "succeeded" },
    });
  });

  test("a forged callback is refused and audited, and changes nothing", async () => {
    await using world = await providerWorld();
    await world.misbehave("forged");
    await world.payment.port(create(newId()));
    await world.untilCallbacks(1);
    expect(world.callbacks[0]!.status).toBe(401);
    expect(world.client.asks).toEqual([]);
    expect(world.audited).toMatchObject([{ audit: "payment.forged", provider: by }]);
  });
});

test("altered, replayed, unsigned and stale callbacks are refused and change nothing", async () => {
  await using world = await providerWorld();
  world.client.onAsk("payment.ProviderReported", () => ({ body: null }));
  const id = newId();
  await world.payment.port({
    body: {
      op: "create",
      tenant: "main",
      paymentId: id,
      by: "wechat",
      purpose: "recharge",
      fen: 5_000,
    },
  });
  await world.pay(id);
  await world.untilCallbacks(1);
  const good = world.callbacks[0]!;
  expect(good.status).toBe(200);
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
    ["amount", good.body.replace("TRANSACTION.SUCCESS", "TRANSACTION.CLOSED"), good.headers],
    ["unsigned", good.body, {}],
    ...signed.map((name): [string, string, Record<string, string | undefined>] => [
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

test("calls that the platform did not sign are refused", async () => {
  await using world = await providerWorld();
  const path = "/v3/pay/transactions/native";
  for (const authorization of ["", "Bearer x", 'WECHATPAY2-SHA256-RSA2048 mchid="x"']) {
    const answer = await fetch(world.url + path, {
      method: "POST",
      headers: { authorization },
      body: "{}",
    });
    expect([answer.status, (await answer.json()).code]).toEqual([401, "SIGN_ERROR"]);
  }
  const form = await fetch(`${world.url}/gateway.do`, {
    method: "POST",
    body: new URLSearchParams({ method: "alipay.trade.query", sign: "x", sign_type: "RSA2" }),
  });
  expect((await form.json()).alipay_trade_query_response.sub_code).toBe("isv.invalid-signature");
});

test("the library as it is verifies the sandbox's answers and callbacks, and no others", async () => {
  await using world = await providerWorld();
  const { appid, mchid, serial, privateKey, apiKey } = world.merchant.wechat;
  const pay = new WechatPay({
    appid,
    mchid,
    serial_no: serial,
    publicKey: Buffer.from("unread"),
    privateKey: Buffer.from(privateKey),
    key: apiKey,
  });
  const answers: { headers: Headers; text: string }[] = [];
  const moved = async (url: string, init: RequestInit) => {
    const answer = await fetch(url.replace("https://api.mch.weixin.qq.com", world.url), init);
    const text = await answer.text();
    answers.push({ headers: answer.headers, text });
    return { status: answer.status, data: text === "" ? {} : JSON.parse(text) };
  };
  pay.createHttp({
    get: (url, headers) => moved(url, { headers }),
    post: (url, body, headers) =>
      moved(url, { method: "POST", headers, body: JSON.stringify(body) }),
    upload: () => Promise.reject(new TypeError("not used")),
  });
  world.client.onAsk("payment.ProviderReported", () => ({ body: null }));
  const id = newId();
  const opened = await pay.transactions_native({
    description: "test",
    out_trade_no: id,
    notify_url: `${world.front}/v1/callbacks/pay/wechat`,
    attach: "main",
    amount: { total: 5_000 },
  });
  expect(opened.status).toBe(200);
  await world.pay(id);
  await world.untilCallbacks(1);
  expect((await pay.query({ out_trade_no: id })).data).toMatchObject({ trade_state: "SUCCESS" });
  const said = [
    ...answers.map(({ headers, text }) => ({ header: (n: string) => headers.get(n)!, body: text })),
    ...world.callbacks.map(({ headers, body }) => ({ header: (n: string) => headers[n]!, body })),
  ];
  expect(said.length).toBe(3);
  for (const { header, body } of said) {
    const fields = {
      timestamp: header("wechatpay-timestamp"),
      nonce: header("wechatpay-nonce"),
      serial: header("wechatpay-serial"),
      signature: header("wechatpay-signature"),
    };
    expect(await pay.verifySign({ ...fields, body })).toBe(true);
    expect(await pay.verifySign({ ...fields, body: `${body} ` })).toBe(false);
  }
  const { resource } = JSON.parse(world.callbacks[0]!.body);
  const { ciphertext, associated_data, nonce } = resource;
  expect(pay.decipher_gcm(ciphertext, associated_data, nonce)).toMatchObject({ out_trade_no: id });
  const [certificate] = await pay.get_certificates(apiKey);
  expect(certificate!.serial_no).toBe(said[0]!.header("wechatpay-serial"));
});

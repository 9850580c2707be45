// The decoder of callbacks: signed or not, what it reads is a report or nothing; it never throws.
import fc from "fast-check";
import { expect, test } from "vitest";
import { mutated, printed, revalued } from "../../test/kit/fuzz.ts";
import { parseAuthorization } from "../../wire/foreign/pay/wechat-v3.ts";
import { paymentCommand } from "../../wire/money.ts";
import { readNotification } from "./callback.ts";

const RUNS = 10_000;
const paid = {
  id: "11111111-2222-3333-4444-555555555555",
  create_time: "2026-03-02T04:00:00Z",
  event_type: "TRANSACTION.SUCCESS",
  resource: {
    original_type: "transaction",
    data: {
      out_trade_no: "pay_0001abcd",
      transaction_id: "42",
      trade_state: "SUCCESS",
      attach: "main",
      amount: { total: 5_000, currency: "CNY" },
    },
  },
};
const bound = {
  ...paid,
  event_type: "PAPAY.SIGN",
  resource: {
    original_type: "papay",
    data: {
      out_contract_code: "pay_0001abcd",
      contract_id: "C0001abc",
      contract_state: "ACTIVE",
      attach: "main",
    },
  },
};
const read = (value: unknown) => readNotification(JSON.stringify(value));
const state = (trade_state: string) => ({
  ...paid,
  resource: { ...paid.resource, data: { ...paid.resource.data, trade_state } },
});

test("what a callback says, and what it does not say", () => {
  expect(read(paid)).toMatchObject({
    tenant: "main",
    paymentId: "pay_0001abcd",
    said: { outcome: "succeeded", fen: 5_000, providerRef: "42" },
  });
  expect(read(bound)!.said).toEqual({
    outcome: "succeeded",
    fen: 0,
    providerRef: "C0001abc",
    contract: "C0001abc",
  });
  expect(read(state("PAYERROR"))!.said.outcome).toBe("failed");
  expect(read(state("CLOSED"))!.said.outcome).toBe("closed");
  for (const open of ["NOTPAY", "USERPAYING", "REFUND"]) expect(read(state(open))).toBeNull();
});

test("a success without an amount, another kind of id or tenant: nothing", () => {
  const data = (change: object) => ({
    ...paid,
    resource: { ...paid.resource, data: { ...paid.resource.data, ...change } },
  });
  expect(read(data({ amount: undefined }))).toBeNull();
  expect(read(data({ out_trade_no: "ord_0001abcd" }))).toBeNull();
  expect(read(data({ attach: "Main/../x" }))).toBeNull();
  expect(read(data({ amount: { total: 1.5, currency: "CNY" } }))).toBeNull();
  expect(read(data({ amount: { total: -1, currency: "CNY" } }))).toBeNull();
  expect(readNotification("")).toBeNull();
  expect(readNotification("null")).toBeNull();
});

test("spoilt callbacks are a good report or nothing", () => {
  const texts = [JSON.stringify(paid), JSON.stringify(bound)];
  const any = fc.oneof(
    mutated(texts),
    revalued([paid, bound]).map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(any, (text) => {
      const report = readNotification(text);
      if (report === null) return;
      const command = { type: "ProviderReported", ...report.said };
      expect(paymentCommand.safeParse(command).error).toBeUndefined();
    }),
    printed(RUNS),
  );
});

test("spoilt authorization headers are read or refused", () => {
  const good = 'WECHATPAY2-SHA256-RSA2048 mchid="m",nonce_str="abcdefgh",timestamp="1700000000",' +
    'serial_no="s",signature="x"';
  expect(parseAuthorization(good)).toMatchObject({ mchid: "m", timestamp: "1700000000" });
  fc.assert(
    fc.property(fc.oneof(mutated([good]), fc.string({ maxLength: 100 })), (text) => {
      parseAuthorization(text);
    }),
    printed(RUNS),
  );
});

// The decoders of callbacks: signed or not, what they read is a report or nothing; they never throw.
import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { wechatCrypto } from "../../sim/provider/wechat/crypto.ts";
import { mutated, printed, revalued } from "../../test/kit/fuzz.ts";
import { parseAuthorization } from "../../wire/foreign/pay/wechat-v3.ts";
import { paymentCommand } from "../../wire/money.ts";
import { fieldsOf, readNotice } from "./alipay/callback.ts";
import type { Report } from "./port.ts";
import { readNotification } from "./wechat/callback.ts";

const RUNS = 10_000;
const merchant = { mchid: "19001", appid: "wxtest", apiKey: "0123456789abcdef0123456789abcdef" };
const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = { type: "pkcs8", format: "pem" } as const;
const { seal } = wechatCrypto({
  privateKey: pair.privateKey.export(pem),
  platformPublicKey: pair.publicKey.export({ type: "spki", format: "pem" }),
  apiKey: merchant.apiKey,
}, () => 0);

const trade = {
  appid: "wxtest",
  mchid: "19001",
  out_trade_no: "pay_0001abcd",
  transaction_id: "42",
  trade_state: "SUCCESS",
  attach: "main",
  amount: { total: 5_000, currency: "CNY" },
};
const pact = {
  appid: "wxtest",
  mchid: "19001",
  out_contract_code: "pay_0001abcd",
  contract_id: "C0001abc",
  contract_state: "SIGNED",
  out_user_code: "main",
};
const refund = {
  mchid: "19001",
  out_trade_no: "pay_0001abcd",
  out_refund_no: "pay_0001abcd-r1",
  refund_id: "50",
  refund_status: "SUCCESS",
  amount: { refund: 500, total: 5_000 },
};
const note = (event_type: string, resource: unknown) => ({
  id: "11111111-2222-3333-4444-555555555555",
  create_time: "2026-03-02T04:00:00Z",
  event_type,
  resource_type: "encrypt-resource",
  resource: seal(JSON.stringify(resource), "transaction"),
});
const wechat = (event: string, resource: unknown) =>
  readNotification(JSON.stringify(note(event, resource)), merchant);
const report = (read: Report | "other-merchant" | null): Report => {
  if (read === null || read === "other-merchant") return expect.fail(String(read));
  return read;
};

test("what a callback of WeChat Pay says, and what it does not say", () => {
  expect(wechat("TRANSACTION.SUCCESS", trade)).toMatchObject({
    tenant: "main",
    paymentId: "pay_0001abcd",
    said: { outcome: "succeeded", fen: 5_000, providerRef: "42" },
  });
  expect(report(wechat("PAPAY.SIGN", pact)).said).toEqual({
    outcome: "succeeded",
    fen: 0,
    providerRef: "C0001abc",
    contract: "C0001abc",
  });
  const state = (trade_state: string) =>
    report(wechat("TRANSACTION.SUCCESS", { ...trade, trade_state })).said;
  expect(state("PAYERROR")?.outcome).toBe("failed");
  expect(state("CLOSED")?.outcome).toBe("closed");
  for (const open of ["NOTPAY", "USERPAYING", "REFUND"]) expect(state(open)).toBeNull();
  expect(report(wechat("REFUND.SUCCESS", refund)).said).toBeNull();
});

test("a success without an amount, another kind of id, tenant or merchant: nothing", () => {
  const spoilt = (change: object) => wechat("TRANSACTION.SUCCESS", { ...trade, ...change });
  expect(spoilt({ amount: undefined })).toBeNull();
  expect(spoilt({ out_trade_no: "ord_0001abcd" })).toBeNull();
  expect(spoilt({ attach: "Main/../x" })).toBeNull();
  expect(spoilt({ amount: { total: 1.5, currency: "CNY" } })).toBeNull();
  expect(spoilt({ amount: { total: -1, currency: "CNY" } })).toBeNull();
  expect(spoilt({ mchid: "19002" })).toBe("other-merchant");
  expect(readNotification("", merchant)).toBeNull();
  expect(readNotification("null", merchant)).toBeNull();
});

test("a resource that was altered after it was sealed is not opened", () => {
  const good = note("TRANSACTION.SUCCESS", trade);
  const bytes = Buffer.from(good.resource.ciphertext, "base64");
  for (let i = 0; i < bytes.length; i++) {
    const altered = Buffer.from(bytes);
    altered[i]! ^= 1;
    const resource = { ...good.resource, ciphertext: altered.toString("base64") };
    expect(readNotification(JSON.stringify({ ...good, resource }), merchant)).toBeNull();
  }
});

const notice = {
  notify_id: "ac05099524730693a8b330c45cece72da943",
  notify_time: "2026-03-02 12:00:00",
  notify_type: "trade_status_sync",
  app_id: "20210001",
  sign_type: "RSA2",
  out_trade_no: "pay_0001abcd",
  trade_no: "2026",
  trade_status: "TRADE_SUCCESS",
  total_amount: "50.00",
  passback_params: "main",
};
const agreed = {
  ...notice,
  notify_type: "dut_user_sign",
  external_agreement_no: "pay_0001abcd",
  agreement_no: "C0001abc",
  status: "NORMAL",
  external_logon_id: "main",
};

test("what a notice of Alipay says, and what it does not say", () => {
  const read = (change: object) => readNotice({ ...notice, ...change }, "20210001");
  expect(read({})).toMatchObject({
    tenant: "main",
    said: { outcome: "succeeded", fen: 5_000, providerRef: "2026" },
  });
  expect(report(read({ trade_status: "TRADE_CLOSED" })).said?.outcome).toBe("closed");
  expect(report(read({ trade_status: "WAIT_BUYER_PAY" })).said).toBeNull();
  expect(report(read({ refund_fee: "50.00" })).said).toBeNull();
  expect(report(readNotice(agreed, "20210001")).said).toMatchObject({ contract: "C0001abc" });
  expect(read({ app_id: "20210002" })).toBe("other-merchant");
  for (const total_amount of ["50.001", "5e1", "-1", "", "NaN", "0x10"]) {
    expect(read({ total_amount })).toBeNull();
  }
  expect(read({ out_trade_no: "ord_0001abcd" })).toBeNull();
  expect(fieldsOf("total_amount=1.00&total_amount=2.00")).toBeNull();
});

test("spoilt callbacks are a good report or nothing", () => {
  const resources = [trade, pact, refund];
  const notes = resources.map((one) => JSON.stringify(note("TRANSACTION.SUCCESS", one)));
  const events = fc.constantFrom("TRANSACTION.SUCCESS", "PAPAY.SIGN", "REFUND.SUCCESS", "x");
  const sealed = fc.tuple(events, revalued(resources)).map(([event, one]) =>
    JSON.stringify(note(event, one))
  );
  const forms = [notice, agreed].map((one) => new URLSearchParams(one).toString());
  fc.assert(
    fc.property(fc.oneof(mutated(notes), sealed), mutated(forms), (text, form) => {
      const fields = fieldsOf(form);
      const reads = [
        readNotification(text, merchant),
        fields && readNotice(fields, "20210001"),
      ];
      for (const read of reads) {
        if (read === null || read === "other-merchant" || read.said === null) continue;
        const command = { type: "ProviderReported", ...read.said };
        expect(paymentCommand.safeParse(command).error).toBeUndefined();
      }
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

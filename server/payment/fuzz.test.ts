// Whatever a provider answers or signs: an outcome of the contract or a refusal by code, never an
// exception, never money that nobody named. Bills are read whole or not at all.
import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { alipayBill } from "../../sim/provider/alipay/bill.ts";
import { alipayCrypto } from "../../sim/provider/alipay/crypto.ts";
import type { Trade } from "../../sim/provider/store.ts";
import { wechatBill } from "../../sim/provider/wechat/bill.ts";
import { wechatCrypto } from "../../sim/provider/wechat/crypto.ts";
import { mutated, printed, revalued } from "../../test/kit/fuzz.ts";
import { quiet, TestClock, uncounted } from "../../test/kit/http-world.ts";
import { fenOf, yuanOf } from "../../wire/foreign/pay/amounts.ts";
import { signatureHeaders } from "../../wire/foreign/pay/wechat-v3.ts";
import { type ProviderCall, providerOutcome } from "../../wire/money.ts";
import { isRefusalCode } from "../../wire/refusals.ts";
import { alipayPort } from "./alipay/adapter.ts";
import { readAlipayBill } from "./alipay/bill.ts";
import { type CallAnswer, called, type ProviderPort } from "./port.ts";
import type { Answer, Send } from "./transport.ts";
import { wechatPort } from "./wechat/adapter.ts";
import { readWechatBill } from "./wechat/bill.ts";

const RUNS = 1_000; // each answer has a true RSA signature
const BILL_RUNS = 5_000;
const id = "pay_0001abcd";
const refundId = `${id}-r1`;
const amount = { total: 500, currency: "CNY" };
const merchant = { appid: "wxtest", mchid: "19001" };
const wechatBodies = [
  { code_url: "sandbox:/sandbox/pay/pay_0001" },
  { redirect_url: "https://pay.test/sign" },
  { ...merchant, out_trade_no: id, transaction_id: "42", trade_state: "SUCCESS", amount },
  { ...merchant, out_contract_code: id, contract_id: "C0001abc", contract_state: "SIGNED" },
  {
    out_trade_no: id,
    out_refund_no: refundId,
    refund_id: "r1",
    status: "SUCCESS",
    amount: { refund: 500, total: 500 },
  },
  ...["ORDERPAID", "ORDER_CLOSED", "ORDER_NOT_EXIST", "CONTRACT_NOT_EXIST", "?", "\ud800"]
    .map((code) => ({ code, message: "no" })),
];
const ok = { code: "10000", msg: "Success" };
const alipayBodies = [
  { ...ok, out_trade_no: id, qr_code: "https://qr.alipay.com/x" },
  { ...ok, out_trade_no: id, trade_no: "2", trade_status: "TRADE_SUCCESS", total_amount: "5.00" },
  { ...ok, out_trade_no: id, trade_no: "2", refund_fee: "5.00", fund_change: "Y" },
  {
    ...ok,
    out_request_no: refundId,
    refund_amount: "5.00",
    refund_status: "REFUND_SUCCESS",
  },
  { ...ok, external_agreement_no: id, agreement_no: "C0001abc", status: "NORMAL" },
  ...["ACQ.TRADE_NOT_EXIST", "ACQ.TRADE_HAS_SUCCESS", "USER_AGREEMENT_NOT_EXIST", "isv.x", "?"]
    .map((sub_code) => ({ code: "40004", sub_code })),
  { code: "20000", sub_code: "isp.unknow-error" },
  { ...ok, code: "10003" },
];
const calls = (by: "wechat" | "alipay"): ProviderCall[] => {
  const base = { tenant: "main", paymentId: id, by };
  const opened = { ...base, op: "create" as const, fen: 500, purpose: "bill" as const };
  return [
    opened,
    { ...opened, contract: "C0001abc" },
    { ...opened, purpose: "binding", fen: 0 },
    { ...base, op: "query" },
    { ...base, op: "close" },
    { ...base, op: "refund", refundId, fen: 500, totalFen: 500, reason: "late" },
    { ...base, op: "query-refund", refundId },
  ];
};

const pairOf = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const [own, theirs] = [pairOf(), pairOf()];
const privateOf = ({ privateKey }: typeof own) =>
  privateKey.export({ type: "pkcs8", format: "pem" });
const publicOf = ({ publicKey }: typeof own) => publicKey.export({ type: "spki", format: "pem" });
const apiKey = "0123456789abcdef0123456789abcdef";
const clock = new TestClock();
const wechat = wechatCrypto({
  privateKey: privateOf(theirs),
  platformPublicKey: publicOf(own),
  apiKey,
}, () => clock.now());
const alipay = alipayCrypto(privateOf(theirs), publicOf(own));
const adapter = (send: Send) => ({
  send,
  clock,
  log: quiet,
  metrics: uncounted,
  publicUrl: "http://charge.test",
  sandbox: "http://sandbox.test",
});
const wechatBy = (send: Send): ProviderPort =>
  wechatPort(
    { ...merchant, serial: "A1", privateKey: privateOf(own), apiKey, planId: 7 },
    adapter(send),
  );
const alipayBy = (send: Send): ProviderPort =>
  alipayPort(
    { appId: "2021", privateKey: privateOf(own), publicKey: publicOf(theirs) },
    adapter(send),
  );
const answer = (status: number, text: string, headers: Record<string, string> = {}): Answer => ({
  status,
  text,
  bytes: new TextEncoder().encode(text),
  headers: new Headers(headers),
});
const certificates = JSON.stringify({
  data: [{
    serial_no: wechat.serial,
    encrypt_certificate: wechat.seal(wechat.certificate, "certificate"),
  }],
});

function judge(said: CallAnswer): void {
  if (said.ok) expect(providerOutcome.safeParse(said.body).error?.issues).toBeUndefined();
  else expect(isRefusalCode(said.refusal.code)).toBe(true);
}
const bodies = (good: readonly unknown[]) =>
  fc.array(fc.oneof(revalued(good), fc.constantFrom(...good), fc.jsonValue({ maxDepth: 3 })));

test("any signed answer of WeChat Pay is an outcome or a refusal", async () => {
  const status = fc.constantFrom(200, 204, 400, 404);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...calls("wechat")),
      bodies(wechatBodies),
      status,
      async (call, said, status) => {
        const send: Send = ({ pathname }) => {
          if (pathname === "/v3/certificates") return Promise.resolve(answer(200, certificates));
          const text = JSON.stringify(said.shift() ?? null);
          return Promise.resolve(answer(status, text, wechat.sign(text)));
        };
        judge(await called(wechatBy(send), call));
      },
    ),
    printed(RUNS),
  );
});

test("any signed answer of Alipay is an outcome or a refusal", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...calls("alipay")),
      bodies(alipayBodies),
      async (call, said) => {
        const send: Send = (_url, { body = "" }) => {
          const method = new URLSearchParams(body).get("method") ?? "";
          return Promise.resolve(answer(200, alipay.answer(method, said.shift() ?? null)));
        };
        judge(await called(alipayBy(send), call));
      },
    ),
    printed(RUNS),
  );
});

test("an answer that was altered, or signed by another, is not heard", async () => {
  const paid = { ...ok, out_trade_no: id, trade_no: "2", total_amount: "5.00" };
  const good = alipay.answer("alipay.trade.query", { ...paid, trade_status: "TRADE_SUCCESS" });
  const stranger = alipayCrypto(privateOf(pairOf()), publicOf(own));
  const forged = stranger.answer("alipay.trade.query", { ...paid, trade_status: "TRADE_SUCCESS" });
  const query = { op: "query" as const, tenant: "main", paymentId: id, by: "alipay" as const };
  const heard = (text: string) => alipayBy(() => Promise.resolve(answer(200, text))).query(query);
  expect(await heard(good)).toMatchObject({ body: { status: "succeeded", fen: 500 } });
  for (const text of [good.replace("5.00", "6.00"), forged, good.replace('"sign"', '"sing"')]) {
    expect(await heard(text)).toMatchObject({ refusal: { code: "outcome.unknown" } });
  }
});

test("any headers but the true ones are refused by a word", async () => {
  const send: Send = () => Promise.resolve(answer(200, certificates));
  const port = wechatBy(send);
  const seconds = String(Math.floor(clock.now() / 1000));
  const word = fc.oneof(
    mutated([seconds, "abcdefgh", wechat.serial, "c2lnbmF0dXJl"]),
    fc.constantFrom(seconds, "abcdefgh", wechat.serial, "c2lnbmF0dXJl"),
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.constant(undefined),
  );
  const names: string[] = Object.values(signatureHeaders);
  await fc.assert(
    fc.asyncProperty(fc.tuple(word, word, word, word), fc.string(), async (words, body) => {
      const verdict = await port.verify({ header: (name) => words[names.indexOf(name)], body });
      expect(verdict.ok).toBe(false);
      if (verdict.ok) return;
      expect(["unsigned", "serial", "signature", "clock"]).toContain(verdict.why);
    }),
    printed(BILL_RUNS),
  );
});

test("certificates sealed by another than the holder of our key are not learned", async () => {
  const other = wechatCrypto({
    privateKey: privateOf(theirs),
    platformPublicKey: publicOf(own),
    apiKey: "f".repeat(32),
  }, () => clock.now());
  const text = JSON.stringify({
    data: [{ serial_no: "5AAAAAAA", encrypt_certificate: other.seal(other.certificate, "c") }],
  });
  const port = wechatBy(() => Promise.resolve(answer(200, text)));
  const headers: Record<string, string> = {
    ...wechat.sign("{}"),
    [signatureHeaders.serial]: "5AAAAAAA",
  };
  const said = { header: (name: string) => headers[name], body: "{}" };
  await expect(port.verify(said)).rejects.toThrow("sealed by another key");
});

const day = "2026-03-02";
const noon = Date.parse(`${day}T04:00:00Z`);
const trade = (by: "wechat" | "alipay", i: number): Trade => ({
  kind: "trade",
  id: `pay_bill${String(i).padStart(4, "0")}`,
  by,
  app: 'a,"b"',
  mchid: "19001",
  fen: 1_000 + i,
  state: "SUCCESS",
  scanned: true,
  attach: "main",
  notifyUrl: "",
  createdAt: noon,
  paidAt: noon + i * 1_000,
  transactionId: `42${i}`,
  refunds: i % 3 === 0 ? [{ no: `pay_bill${i}-r1`, id: `50${i}`, fen: 500, at: noon }] : [],
});
const trades = [0, 1, 2, 3].flatMap((i) => [trade("wechat", i), trade("alipay", i)]);
const paidOf = (rows: { kind: string; fen: number }[] | null, kind: string) =>
  rows?.filter((row) => row.kind === kind).map(({ fen }) => fen);

test("a bill comes back as it was written, or not at all", () => {
  const text = wechatBill(trades, day)!.replaceAll('a,"b"', "ab");
  const zip = alipayBill(trades, day);
  for (const rows of [readWechatBill(text), readAlipayBill(zip)]) {
    expect(paidOf(rows, "pay")?.sort()).toEqual([1_000, 1_001, 1_002, 1_003]);
    expect(paidOf(rows, "refund")).toEqual([500, 500]);
  }
  const whole = readWechatBill(text);
  fc.assert(
    fc.property(mutated([text]), (spoilt) => {
      const rows = readWechatBill(spoilt);
      // What is still a bill has the sums of the true one.
      if (rows === null) return;
      expect(rows.length).toBe(whole!.length);
      expect(paidOf(rows, "pay")!.reduce((sum, fen) => sum + fen, 0)).toBe(4_006);
    }),
    printed(BILL_RUNS),
  );
  fc.assert(
    fc.property(fc.nat(zip.length - 1), fc.nat(255), (at, value) => {
      const spoilt = zip.slice();
      spoilt[at] = value;
      readAlipayBill(spoilt);
    }),
    printed(BILL_RUNS),
  );
});

test("amounts in yuan are exact, whatever they are", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), (fen) => {
      expect(fenOf(yuanOf(fen))).toBe(fen);
    }),
    printed(BILL_RUNS),
  );
});

// Whatever the provider answers or signs: an outcome of the contract or a refusal by code, never an
// exception, never money that nobody named.
import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mutated, printed, revalued } from "../../test/kit/fuzz.ts";
import { signatureHeaders } from "../../wire/foreign/pay/wechat-v3.ts";
import { type ProviderCall, providerOutcome } from "../../wire/money.ts";
import { isRefusalCode } from "../../wire/refusals.ts";
import { providerCalls } from "./calls.ts";
import type { Heard } from "./channel.ts";
import { createSigning } from "./signing.ts";

const RUNS = 10_000;
const id = "pay_0001abcd";
const amount = { total: 500, currency: "CNY" };
const bodies = [
  { code_url: "sandbox:/sandbox/pay/pay_0001" },
  { sign_url: "https://pay.test/sign" },
  { out_trade_no: id, transaction_id: "42", trade_state: "SUCCESS", attach: "main", amount },
  { out_contract_code: id, contract_id: "C0001abc", contract_state: "ACTIVE", attach: "main" },
  { out_refund_no: `${id}-500`, refund_id: "r1", status: "SUCCESS", amount: { refund: 500 } },
  { code: "ORDERPAID", message: "paid" },
];
const base = { tenant: "main", paymentId: id, by: "wechat" as const };
const opened = { ...base, fen: 500, userId: "usr_0001", purpose: "bill" as const };
const calls = [
  { ...opened, op: "create" },
  { ...opened, op: "create", contract: "C0001abc" },
  { ...opened, op: "create", purpose: "binding", fen: 0 },
  { ...base, op: "query" },
  { ...base, op: "close" },
  { ...base, op: "refund", fen: 500, reason: "late" },
] as ProviderCall[];
const codes = ["ORDERPAID", "ORDER_CLOSED", "ORDER_NOT_EXIST", "CONTRACT_NOT_EXIST", "?", "\ud800"];
const heard: fc.Arbitrary<Heard> = fc.record({
  done: fc.constant("answered" as const),
  status: fc.constantFrom(200, 204, 400, 404),
  body: fc.oneof(revalued(bodies), fc.constantFrom(...bodies), fc.jsonValue({ maxDepth: 3 })),
  code: fc.option(fc.constantFrom(...codes), { freq: 2, nil: null }),
});

test("any answer is an outcome or a refusal", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...calls), fc.array(heard), async (asked, answers) => {
      const silent: Heard = { done: "unknown" };
      const call = () => Promise.resolve(answers.shift() ?? silent);
      const channel = { call, circuit: () => "closed" as const };
      const port = providerCalls({ channel, publicUrl: "http://charge.test" });
      const answer = await port(asked);
      if (answer.ok) {
        expect(providerOutcome.safeParse(answer.body).error?.issues).toBeUndefined();
      } else expect(isRefusalCode(answer.refusal.code)).toBe(true);
    }),
    printed(RUNS),
  );
});

test("any headers but the true ones are refused by a word", () => {
  const pem = (pair: ReturnType<typeof pairOf>) =>
    pair.privateKey.export({ type: "pkcs8", format: "pem" });
  const pairOf = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
  const provider = pairOf().publicKey.export({ type: "spki", format: "pem" });
  const signing = createSigning({
    payKey: pem(pairOf()),
    providerPublicKey: provider,
    now: () => 1_790_000_000_000,
  });
  const word = fc.oneof(
    mutated(["1790000000", "abcdefgh", "0123456789abcdef", "c2lnbmF0dXJl"]),
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.constant(undefined),
  );
  const names = Object.values(signatureHeaders);
  fc.assert(
    fc.property(fc.tuple(word, word, word, word), fc.string(), (words, body) => {
      const verdict = signing.verify((name) => words[names.indexOf(name as never)], body);
      expect(verdict.ok).toBe(false);
      if (verdict.ok) return;
      expect(["unsigned", "serial", "signature", "clock"]).toContain(verdict.why);
    }),
    printed(RUNS),
  );
});

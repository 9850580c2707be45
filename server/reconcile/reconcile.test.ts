// Comparisons as rows: what each disagreement is called, and that agreement is silence.
import fc from "fast-check";
import { expect, test } from "vitest";
import { mutated, printed } from "../../test/kit/fuzz.ts";
import type { PaymentView } from "../../wire/money.ts";
import { bankColumns } from "../../wire/reconcile.ts";
import { compareBank, readBankFile } from "./bank.ts";
import { compareRows, doubleDebits, type Row, saidDiffers } from "./compare.ts";
import { unusualDebits } from "./unusual.ts";

const ours = (more: Partial<PaymentView> = {}): PaymentView => ({
  paymentId: "pay_0001",
  v: 4,
  userId: "usr_anna0001",
  purpose: "bill",
  orderId: "ord_0001",
  fen: 500,
  by: "wechat",
  status: "succeeded",
  ...more,
});
const back = (fen: number, stage: "asked" | "stood" | "declined" = "stood") => ({
  refunds: [{ refundId: "pay_0001-r1", fen, why: "correction" as const, stage }],
});
const pay = (fen = 500, paymentId = "pay_0001"): Row => ({
  kind: "pay",
  paymentId,
  ref: "42",
  fen,
});
const refund = (fen: number, refundId = "pay_0001-r1"): Row => ({
  kind: "refund",
  paymentId: "pay_0001",
  refundId,
  ref: "50",
  fen,
});
const kinds = (found: readonly { kind: string }[]) => found.map(({ kind }) => kind);

test.each<[string, Row[], PaymentView | null, string[]]>([
  ["both have it", [pay()], ours(), []],
  ["we never gave that number", [pay()], null, ["unknown-payment"]],
  ["paid twice under one number", [pay(), pay()], ours(), ["double-debit"]],
  ["another amount", [pay(499)], ours(), ["amount"]],
  ["paid there, open here", [pay()], ours({ status: "open" }), ["missing-here"]],
  ["paid there, closed here", [pay()], ours({ status: "closed" }), ["missing-here"]],
  ["closed here, and all of it goes back", [pay()], ours({ status: "closed", ...back(500) }), []],
  ["closed here, a part goes back", [pay()], ours({ status: "closed", ...back(400) }), [
    "missing-here",
  ]],
  ["a refund that both have", [pay(), refund(200)], ours(back(200)), []],
  ["a refund that we do not know", [pay(), refund(200)], ours(), ["refund-missing-here"]],
  ["a refund that is still unknown here", [pay(), refund(200)], ours(back(200, "asked")), [
    "refund-missing-here",
  ]],
  ["a refund of another amount", [pay(), refund(201)], ours(back(200)), ["refund-amount"]],
])("in a bill: %s", (_name, rows, our, then) => {
  expect(kinds(compareRows(rows, new Map([["pay_0001", our]])))).toEqual(then);
});

test.each<[string, PaymentView, { status: string; fen?: number } | null, string | null]>([
  ["paid", ours(), { status: "succeeded", fen: 500 }, null],
  ["not known now", ours(), null, null],
  ["open", ours(), { status: "open" }, "missing-there"],
  ["never heard of", ours(), { status: "payment.unknown" }, "missing-there"],
  ["another amount", ours(), { status: "succeeded", fen: 501 }, "amount"],
  ["given back", ours(back(500)), { status: "closed" }, null],
  [
    "paid, though closed here",
    ours({ status: "closed" }),
    { status: "succeeded", fen: 500 },
    "missing-here",
  ],
  ["closed as here", ours({ status: "closed" }), { status: "closed" }, null],
])("asked, the provider says: %s", (_name, our, said, kind) => {
  expect(saidDiffers(our, said)?.kind ?? null).toBe(kind);
});

test("two successes of one bill are a double debit, unless one went back", () => {
  const second = ours({ paymentId: "pay_0002" });
  expect(kinds(doubleDebits([ours(), second]))).toEqual(["double-debit"]);
  expect(doubleDebits([ours(), { ...second, ...back(500) }])).toEqual([]);
  expect(doubleDebits([ours(), { ...second, orderId: "ord_0002" }])).toEqual([]);
});

test("unusual debits: too large, too often, given back too often", () => {
  const dated = (at: number, more: Partial<PaymentView> = {}) => ({
    at,
    view: ours({ paymentId: `pay_${at}`, ...more }),
  });
  expect(unusualDebits([dated(1, { fen: 300_000 })])).toEqual([]);
  expect(unusualDebits([dated(1, { fen: 300_001 })])[0]?.facts.rule).toBe("large");
  const six = [0, 1, 2, 3, 4, 5].map((i) => dated(i * 120_000));
  expect(unusualDebits(six)[0]?.facts.rule).toBe("often");
  expect(unusualDebits(six.slice(1))).toEqual([]);
  expect(unusualDebits(six.map((one) => ({ ...one, at: one.at * 2 })))).toEqual([]);
  const given = [0, 1, 2, 3].map((i) => dated(i * 3_600_000, back(100)));
  expect(unusualDebits(given)[0]?.facts.rule).toBe("refunds");
  expect(unusualDebits(given.slice(1))).toEqual([]);
});

const day = "2026-03-02";
const line = (more: Record<string, string | number> = {}) => {
  const values = {
    bank_ref: "B1",
    booked_on: "2026-03-03",
    provider: "wechat",
    settlement_day: day,
    gross_fen: 1_000,
    refund_fen: 200,
    fee_fen: 5,
    net_fen: 795,
    ...more,
  };
  return bankColumns.map((name) => values[name]).join(",");
};
const file = (...lines: string[]) => [bankColumns.join(","), ...lines].join("\n");
const settled = { provider: "wechat" as const, day, paidFen: 1_000, refundedFen: 200, feeFen: 5 };

test.each<[string, string[], string[]]>([
  ["agrees", [line()], []],
  ["is not there", [], ["bank-missing"]],
  ["is there twice", [line(), line({ bank_ref: "B2" })], ["bank-double"]],
  ["another gross", [line({ gross_fen: 1_001, net_fen: 796 })], ["bank-amount"]],
  ["another fee", [line({ fee_fen: 6, net_fen: 794 })], ["bank-amount"]],
  ["does not add up", [line({ net_fen: 794 })], ["bank-amount"]],
  ["a day that nobody settled", [line(), line({ settlement_day: "2026-03-01" })], ["bank-amount"]],
])("in a bank's file: %s", (_name, lines, then) => {
  expect(kinds(compareBank(readBankFile(file(...lines))!, [settled]))).toEqual(then);
});

test("a bank's file is read whole or not at all", () => {
  expect(readBankFile("")).toBeNull();
  expect(readBankFile(line())).toBeNull();
  const spoilts: Record<string, string | number>[] = [
    { gross_fen: "" },
    { gross_fen: "1e3" },
    { gross_fen: 1.5 },
    { gross_fen: -1 },
    { provider: "paypal" },
  ];
  for (const spoilt of spoilts) {
    expect(readBankFile(file(line(spoilt)))).toBeNull();
  }
  fc.assert(
    fc.property(mutated([file(line(), line({ bank_ref: '"B,2"' }))]), (text) => {
      for (const one of readBankFile(text) ?? []) {
        expect(Number.isSafeInteger(one.net_fen)).toBe(true);
      }
    }),
    printed(5_000),
  );
});

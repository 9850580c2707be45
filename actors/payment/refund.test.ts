// Refunds as rows: what goes back, out of which book first, and never more than was paid (M3).
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  bill,
  booked,
  type Command,
  fire,
  made,
  nope,
  over,
  reported,
  succeeded,
  system,
  yes,
} from "../../test/kit/payment-script.ts";
import { payment } from "./mod.ts";
import { refundsOf } from "./state.ts";

const back = (fen: number, key = "case-1"): Command => ({
  type: "RefundPayment",
  key,
  fen,
  why: "correction",
});
const taken = (n = 1): Command => ({
  type: "RefundAnswered",
  ref: { refundId: `pay_0001-r${n}` },
  answer: { ok: true, body: null },
});
const tooLow: Command = {
  ...taken(),
  answer: { ok: false, refusal: { code: "wallet.balance-too-low", facts: {} } },
};
const of = (op: string, n: number, body: Record<string, unknown>): Command => ({
  ...yes(op, body),
  ref: { op, refundId: `pay_0001-r${n}` },
});
const never = (n: number): Command => ({
  ...nope("query-refund", "payment.unknown"),
  ref: { op: "query-refund", refundId: `pay_0001-r${n}` },
});
const refunded = { status: "refunded", fen: 3_000 };
const paid = [...succeeded, booked];
const due: Command = {
  ...booked,
  answer: { ok: false, refusal: { code: "due.closed", facts: {} } },
};
const paidTwice = [bill, yes("create", { status: "open" }), reported("succeeded", 900)];

test.each<[string, Command[], Command, string[]]>([
  ["asked for: the wallet first", paid, back(3_000), ["RefundRequested"]],
  ["the same key again", [...paid, back(3_000)], back(3_000), []],
  ["booked: then the provider", [...paid, back(3_000)], taken(), ["RefundAsked"]],
  ["booked twice is asked once", [...paid, back(3_000), taken()], taken(), []],
  ["the balance does not hold it", [...paid, back(3_000)], tooLow, [
    "RefundDeclined",
    "IncidentRaised",
  ]],
  ["it stands", [...paid, back(3_000), taken()], of("refund", 1, refunded), [
    "RefundStood",
    "IncidentRaised",
  ]],
  [
    "told twice it stands once",
    [...paid, back(3_000), taken(), of("refund", 1, refunded)],
    of("refund", 1, refunded),
    [],
  ],
  ["unknown", [...paid, back(3_000), taken()], of("refund", 1, { status: "open" }), [
    "PaymentUnclear",
  ]],
  ["its time comes: looked up", [...paid, back(3_000), taken()], fire, ["RefundLookedUp"]],
  ["never heard of: sent again", [...paid, back(3_000), taken(), fire], never(1), ["RefundAsked"]],
  [
    "an answer about another refund",
    [...paid, back(3_000), taken()],
    of("refund", 2, refunded),
    [],
  ],
  ["before the wallet has booked it", [...paid, back(3_000)], of("refund", 1, refunded), []],
  ["a bill that was paid already goes back by itself", paidTwice, due, [
    "DoubleDebitFound",
    "RefundAsked",
    "IncidentRaised",
  ]],
  ["compared, and paid it is", paid, yes("check", { status: "succeeded", fen: 5_000 }), []],
  ["compared, and not known", paid, nope("check", "outcome.unknown"), []],
  ["compared, and it is not there", paid, nope("check", "payment.unknown"), ["IncidentRaised"]],
  ["compared, and it is another amount", paid, yes("check", { status: "succeeded", fen: 4_999 }), [
    "IncidentRaised",
  ]],
])("%s", (_name, given, when, then) => {
  const actor = made(...given);
  const { length } = actor.log;
  actor.send(when, { principal: system });
  expect(actor.log.slice(length).map(({ type }) => type)).toEqual(then);
});

test.each<[string, Command[], Command, string]>([
  ["more than was paid", paid, back(5_001), "payment.refund-too-large"],
  ["more than is left", [...paid, back(3_000)], back(2_001, "b"), "payment.refund-too-large"],
  ["of nothing that was paid", over, back(1), "payment.closed"],
  ["of nothing that is known", [], back(1), "payment.unknown"],
  ["a comparison of nothing that is known", [], { type: "CheckPayment" }, "payment.unknown"],
])("refused: %s", (_name, given, when, code) => {
  expect(made(...given).send(when, { principal: system })).toMatchObject({ refusal: { code } });
});

test("a declined refund leaves its part to another", () => {
  const actor = made(...paid, back(5_000), tooLow);
  expect(actor.send(back(5_000, "b"), { principal: system })).toMatchObject({
    ok: true,
    body: { refundId: "pay_0001-r2" },
  });
});

test("the provider and the wallet hear what a refund is, in this order", () => {
  const actor = made(...paid);
  actor.send(back(3_000), { principal: system });
  expect(actor.take()).toMatchObject([
    { do: "tell", to: { kind: "wallet" }, type: "BookRefund", body: { fen: 3_000 } },
  ]);
  actor.send(taken(), { principal: system });
  const refundId = "pay_0001-r1";
  expect(actor.take()).toMatchObject([
    { do: "call", body: { op: "refund", refundId, fen: 3_000, totalFen: 5_000 } },
  ]);
  expect(payment.ended?.(actor.state)).toBe(false);
  actor.send(of("refund", 1, refunded), { principal: system });
  expect(payment.ended?.(actor.state)).toBe(true);
  expect(actor.read("show")).toMatchObject({
    body: { refunds: [{ refundId, fen: 3_000, stage: "stood" }] },
  });
});

test("whatever is asked and answered, no more goes back than was paid, and each once", () => {
  const n = fc.integer({ min: 1, max: 4 });
  const step = fc.oneof(
    fc.tuple(fc.integer({ min: 1, max: 5_000 }), fc.constantFrom("a", "b", "c", "d"))
      .map(([fen, key]) => back(fen, key)),
    n.map(taken),
    n.map((i) => of("refund", i, refunded)),
    n.map((i) => of("query-refund", i, refunded)),
    n.map(never),
    fc.constantFrom(fire, tooLow, reported("succeeded"), yes("check", { status: "closed" })),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const actor = made(...paid);
      for (const one of steps) actor.send(one, { principal: system });
      const parts = refundsOf(actor.state, "pay_0001");
      const fen = parts.reduce((sum, { fen, stage }) => sum + (stage === "declined" ? 0 : fen), 0);
      expect(fen).toBeLessThanOrEqual(5_000);
      const stood = actor.log.filter(({ type }) => type === "RefundStood");
      expect(stood.length).toBe(parts.filter(({ stage }) => stage === "stood").length);
    }),
    { numRuns: 1_000 },
  );
});

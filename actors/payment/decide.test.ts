// A payment as rows: what may be asked, what the provider may say in each state, what it comes to.
import { expect, test } from "vitest";
import {
  bill,
  binding,
  booked,
  close,
  closing,
  type Command,
  driver,
  fire,
  handoff,
  ID,
  made,
  nope,
  opened,
  over,
  recharge,
  reported,
  succeeded,
  who,
  yes,
} from "../../test/kit/payment-script.ts";

test.each<[string, Command[], Command, string[], string]>([
  ["it is asked for", [], recharge, ["PaymentRequested"], "creating"],
  ["the provider opened it", [recharge], yes("create", { status: "open", handoff }), [
    "PaymentOpened",
  ], "open"],
  ["unknown: asked later, booked as nothing", [recharge], nope("create", "outcome.unknown"), [
    "PaymentUnclear",
  ], "creating"],
  ["never reached the provider: the same", [recharge], nope("create", "unavailable"), [
    "PaymentUnclear",
  ], "creating"],
  ["an answer that makes no sense: the same", [recharge], yes("create", { status: "maybe" }), [
    "PaymentUnclear",
  ], "creating"],
  ["refused at once", [recharge], nope("create", "provider.refused"), ["PaymentFailed"], "failed"],
  ["failed at once", [recharge], yes("create", { status: "failed" }), ["PaymentFailed"], "failed"],
  ["paid at once", [recharge], yes("create", { status: "succeeded", fen: 5_000 }), [
    "PaymentSucceeded",
  ], "succeeded"],
  [
    "the question shows it open, the way to pay is lost: created again under its number",
    [recharge, nope("create", "outcome.unknown"), fire],
    yes("query", { status: "open" }),
    ["PaymentRecreated"],
    "creating",
  ],
  [
    "... and the answer to that has the way to pay",
    [recharge, nope("create", "outcome.unknown"), fire, yes("query", { status: "open" })],
    yes("create", { status: "open", handoff }),
    ["PaymentOpened"],
    "open",
  ],
  [
    "the question shows a debit open: it needs no way to pay",
    [{ ...bill, contract: "C-1" }, nope("create", "outcome.unknown"), fire],
    yes("query", { status: "open" }),
    ["PaymentOpened"],
    "open",
  ],
  ["the provider never heard of it: created again", [recharge], nope("query", "payment.unknown"), [
    "PaymentRecreated",
  ], "creating"],
  ["its time comes: asked", opened, fire, ["PaymentAsked"], "open"],
  ["still open", opened, yes("query", { status: "open" }), ["PaymentUnclear"], "open"],
  ["an unknown id while open is no proof", opened, nope("query", "payment.unknown"), [
    "PaymentUnclear",
  ], "open"],
  ["the question shows it paid", opened, yes("query", { status: "succeeded", fen: 5_000 }), [
    "PaymentSucceeded",
  ], "succeeded"],
  ["paid, but how much is not said", opened, yes("query", { status: "succeeded" }), [
    "PaymentUnclear",
  ], "open"],
  ["paid, but another amount", opened, yes("query", { status: "succeeded", fen: 4_999 }), [
    "PaymentFailed",
    "IncidentRaised",
  ], "failed"],
  ["reported paid", opened, reported("succeeded"), ["PaymentSucceeded"], "succeeded"],
  ["reported with another amount: asked, not booked", opened, reported("succeeded", 1), [
    "AmountMisreported",
    "IncidentRaised",
  ], "open"],
  ["reported failed", opened, reported("failed"), ["PaymentFailed"], "failed"],
  ["reported closed", opened, reported("closed"), ["PaymentClosed"], "closed"],
  ["given up: closed at the provider first", opened, close, ["PaymentClosing"], "closing"],
  ["given up while it is made", [recharge], close, ["PaymentClosing"], "closing"],
  ["given up twice", closing, close, [], "closing"],
  ["confirmed closed", closing, yes("close", { status: "closed" }), ["PaymentClosed"], "closed"],
  ["the provider has nothing to close", closing, nope("close", "payment.unknown"), [
    "PaymentClosed",
  ], "closed"],
  ["paid just before the close", closing, yes("close", { status: "succeeded", fen: 5_000 }), [
    "PaymentSucceeded",
  ], "succeeded"],
  [
    "the close is not known: asked",
    closing,
    nope("close", "outcome.unknown"),
    ["PaymentUnclear"],
    "closing",
  ],
  ["closing goes on with a question", closing, fire, ["PaymentAsked"], "closing"],
  ["still open while closing: closed again", closing, yes("query", { status: "open" }), [
    "PaymentClosing",
  ], "closing"],
  [
    "opened while closing: asked again",
    [recharge, close],
    yes("create", { status: "open", handoff }),
    ["PaymentUnclear"],
    "closing",
  ],
  ["closed stays closed", over, reported("closed"), [], "closed"],
  ["given up when closed", over, close, [], "closed"],
  ["a late failure changes nothing", over, reported("failed"), [], "closed"],
  [
    "a late word of the provider changes nothing",
    over,
    yes("query", { status: "open" }),
    [],
    "closed",
  ],
  ["a late no changes nothing", over, nope("query", "outcome.unknown"), [], "closed"],
  ["a late success goes back by itself", over, reported("succeeded"), [
    "RefundAsked",
    "IncidentRaised",
  ], "closed"],
  [
    "told again, it goes back once",
    [...over, reported("succeeded")],
    reported("succeeded"),
    [],
    "closed",
  ],
  [
    "a late success of another amount is nothing to pay back",
    over,
    reported("succeeded", 9_999),
    ["IncidentRaised"],
    "closed",
  ],
  ["the refund stands", [...over, reported("succeeded")], yes("refund", { status: "refunded" }), [
    "RefundStood",
    "IncidentRaised",
  ], "closed"],
  [
    "the refund is not known: tried again",
    [...over, reported("succeeded")],
    nope("refund", "outcome.unknown"),
    ["PaymentUnclear"],
    "closed",
  ],
  ["and its time comes: looked up", [...over, reported("succeeded")], fire, [
    "RefundLookedUp",
  ], "closed"],
  [
    "looked up, and never heard of: asked for again",
    [...over, reported("succeeded"), fire],
    nope("query-refund", "payment.unknown"),
    ["RefundAsked"],
    "closed",
  ],
  [
    "looked up, and there",
    [...over, reported("succeeded"), fire],
    yes("query-refund", { status: "refunded", fen: 5_000 }),
    ["RefundStood", "IncidentRaised"],
    "closed",
  ],
  ["a late success shown by a check", over, yes("check", { status: "succeeded", fen: 5_000 }), [
    "RefundAsked",
    "IncidentRaised",
  ], "closed"],
  ["no refund is due", over, fire, [], "closed"],
  ["no refund was asked for", over, yes("refund", { status: "refunded" }), [], "closed"],
  ["paid stays paid", succeeded, reported("succeeded"), [], "succeeded"],
  ["a failure after the success changes nothing", succeeded, reported("failed"), [], "succeeded"],
  ["a timer after the success does nothing", succeeded, fire, [], "succeeded"],
  [
    "a refund that nobody asked for",
    succeeded,
    yes("refund", { status: "refunded" }),
    [],
    "succeeded",
  ],
  ["the wallet has it", succeeded, booked, ["PaymentDelivered"], "succeeded"],
  ["told twice it has it once", [...succeeded, booked], booked, [], "succeeded"],
  [
    "the wallet would not take it: a person",
    succeeded,
    { ...booked, answer: { ok: false, refusal: { code: "overloaded", facts: {} } } },
    ["PaymentDelivered", "IncidentRaised"],
    "succeeded",
  ],
  [
    "a bound account without its contract is none",
    [binding],
    yes("create", { status: "succeeded" }),
    ["PaymentUnclear"],
    "creating",
  ],
  [
    "money of a wrong amount is with a person: no refund by itself",
    [...opened, yes("query", { status: "succeeded", fen: 1 })],
    reported("succeeded", 1),
    [],
    "failed",
  ],
  [
    "the order's answer is not waited for",
    succeeded,
    { ...booked, type: "OrderAnswered" },
    [],
    "succeeded",
  ],
])("%s", (_name, given, when, events, status) => {
  const actor = made(...given);
  const step = actor.send(when, { principal: who(when) });
  expect({ refusal: step.refusal, events: step.events.map(({ type }) => type) }).toEqual({
    events,
  });
  expect(actor.state.status).toBe(status);
});

test.each<[string, Command[], Command, string, Record<string, unknown>]>([
  [
    "a bill that its order does not ask for",
    [],
    { ...bill, orderId: "ord_0002" },
    "auth.forbidden",
    { purpose: "bill" },
  ],
  ["a recharge for another", [], { ...recharge, userId: "usr_other001" }, "auth.forbidden", {
    purpose: "recharge",
  }],
  ["a contract from a driver", [], { ...recharge, contract: "C-1" }, "auth.forbidden", {
    purpose: "recharge",
  }],
  ["a recharge of nothing", [], { ...recharge, fen: 0 }, "command.malformed", {
    why: "the amount does not fit the purpose",
  }],
  ["a binding that costs", [], { ...binding, fen: 1 }, "command.malformed", {
    why: "the amount does not fit the purpose",
  }],
  ["a split above the amount", [], { ...bill, fen: 899 }, "command.malformed", {
    why: "the amount does not fit the purpose",
  }],
  ["another payment under the same id", opened, { ...recharge, fen: 1 }, "payment.other-open", {
    paymentId: ID,
  }],
  ["a report of no payment", [], reported("succeeded"), "payment.unknown", { paymentId: ID }],
  ["a close of no payment", [], close, "payment.unknown", { paymentId: ID }],
  ["a close of what is paid", succeeded, close, "payment.closed", { status: "succeeded" }],
  [
    "the same wrong amount again",
    [...opened, reported("succeeded", 1)],
    reported("succeeded", 1),
    "payment.amount-wrong",
    { fen: 5_000 },
  ],
])("%s is refused", (_name, given, when, code, facts) => {
  const actor = made(...given);
  const step = actor.send(when, { principal: who(when) });
  expect(step.refusal).toEqual({ code, facts });
});

test("one provider cannot speak for the other, a stranger cannot close", () => {
  const alipay = { kind: "provider" as const, id: "alipay" };
  expect(made(...opened).send(reported("succeeded"), { principal: alipay }).refusal).toEqual({
    code: "payment.forged",
    facts: { by: "wechat" },
  });
  const other = { kind: "driver" as const, id: "usr_other001" };
  expect(made(...opened).send(close, { principal: other }).refusal?.code).toBe("payment.unknown");
  expect(made(...opened).send(reported("succeeded"), { principal: driver }).refusal?.code).toBe(
    "auth.forbidden",
  );
});

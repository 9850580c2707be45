// A payment as rows: what may be asked, what the provider may say in each state, what it comes to.
import { expect, test } from "vitest";
import { chargingSettings } from "../../wire/settings.ts";
import { stepper } from "../kit/stepper.ts";
import { payment } from "./mod.ts";

const ANNA = "usr_anna0001";
const ID = "pay_0001";
const T0 = 1_777_860_000_000;
const settings = chargingSettings.parse({});
const driver = { kind: "driver" as const, id: ANNA };
const order = { kind: "actor" as const, id: "order/ord_0001" };
const system = { kind: "system" as const, id: "outbox" };
const provider = { kind: "provider" as const, id: "wechat" };

type Command = { type: string; [field: string]: unknown };
const recharge = {
  type: "OpenPayment",
  userId: ANNA,
  purpose: "recharge",
  fen: 5_000,
  energyFen: 0,
  serviceFen: 0,
  by: "wechat",
};
const bill = {
  ...recharge,
  purpose: "bill",
  orderId: "ord_0001",
  fen: 900,
  energyFen: 600,
  serviceFen: 300,
};
const binding = { ...recharge, purpose: "binding", fen: 0 };
const handoff = { kind: "sandbox", value: "x" };
const yes = (op: string, body: Record<string, unknown>) => ({
  type: "ProviderAnswered",
  ref: { op },
  answer: { ok: true, body },
});
const nope = (op: string, code: string) => ({
  type: "ProviderAnswered",
  ref: { op },
  answer: { ok: false, refusal: { code, facts: {} } },
});
const reported = (outcome: string, fen = 5_000, more: Record<string, unknown> = {}) => ({
  type: "ProviderReported",
  outcome,
  fen,
  providerRef: "4200",
  ...more,
});
const close = { type: "ClosePayment" };
const fire = { type: "TimerFired", name: "ask" };
const booked = { type: "BookAnswered", ref: {}, answer: { ok: true, body: null } };

function who({ type, purpose }: Command) {
  if (type === "OpenPayment") return purpose === "bill" ? order : driver;
  if (type === "ProviderReported") return provider;
  return type === "ClosePayment" ? driver : system;
}
function made(...commands: Command[]) {
  const actor = stepper(payment, { id: ID, at: T0, settings, principal: driver });
  for (const command of commands) actor.send(command, { principal: who(command) });
  actor.take();
  return actor;
}
const opened = [recharge, yes("create", { status: "open", handoff })];
const closing = [...opened, close];
const over = [...closing, yes("close", { status: "closed" })];
const succeeded = [...opened, reported("succeeded")];

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
    "the question shows it open",
    [recharge],
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
  ["and its time comes", [...over, reported("succeeded")], fire, ["RefundAsked"], "closed"],
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

test("the same request is answered by what there is", () => {
  expect(made(...opened).send(recharge).body).toMatchObject({
    paymentId: ID,
    status: "open",
    handoff,
  });
});

test("the driver waits until there is a way to pay, or nothing better to say", () => {
  const waits = made();
  const asked = waits.send(recharge, { commandId: "tap-1" });
  expect(asked.later).toBe(true);
  const step = waits.send(yes("create", { status: "open", handoff }), { principal: system });
  expect(step.effects).toEqual([
    { do: "answer", to: "tap-1", body: expect.objectContaining({ status: "open", handoff, v: 2 }) },
  ]);
  const unclear = made();
  unclear.send(recharge, { commandId: "tap-2" });
  const later = unclear.send(nope("create", "outcome.unknown"), { principal: system });
  expect(later.effects).toEqual([
    { do: "answer", to: "tap-2", body: expect.objectContaining({ status: "creating" }) },
  ]);
  const refused = made();
  refused.send(recharge, { commandId: "tap-3" });
  expect(refused.send(nope("create", "provider.refused"), { principal: system }).effects).toEqual([
    {
      do: "answer",
      to: "tap-3",
      refused: { code: "provider.refused", facts: { paymentId: ID } },
    },
  ]);
});

test("what comes of a success: wallet, order, user, each told once", () => {
  const sent = (actor: ReturnType<typeof made>, when: Command) =>
    actor.send(when, { principal: who(when) }).effects.map((effect) =>
      effect.do === "tell" ? [effect.to.kind, effect.type, effect.last] : effect.do
    );
  expect(sent(made(...opened), reported("succeeded"))).toEqual([["wallet", "BookPayment", true]]);
  expect(sent(made(...succeeded), booked)).toEqual([["user", "CollectDebts", true]]);
  const paid = made(bill, yes("create", { status: "open", handoff }), reported("succeeded", 900));
  expect(sent(paid, booked)).toEqual([["order", "PaymentSettled", true]]);
  const bound = made(binding);
  expect(sent(bound, yes("create", { status: "succeeded", contract: "C-9" }))).toEqual([
    "answer",
    ["user", "AddBinding", true],
  ]);
  expect(bound.state).toMatchObject({ bindingId: "bnd_0001", contract: "C-9" });
});

test("an open payment is asked about by schedule, then each minute, and closed when too old", () => {
  const actor = made(...opened);
  const asked: number[] = [];
  while (actor.state.status === "open") {
    const [due] = [...actor.timers.values()];
    actor.advance(due! - actor.at);
    if (actor.state.status !== "open") break;
    asked.push(actor.at - T0);
    actor.send(yes("query", { status: "open" }), { principal: system });
  }
  expect(asked.slice(0, 6)).toEqual([3_000, 10_000, 30_000, 60_000, 120_000, 180_000]);
  expect(actor.state.status).toBe("closing");
  expect(actor.at - T0).toBe(settings.paymentOpenMs);
});

test("an outcome that stays unknown is put before a person once, and asked about without end", () => {
  const actor = made(recharge, nope("create", "outcome.unknown"));
  for (let i = 0; i < 100; i++) {
    actor.advance(600_000);
    actor.send(nope("query", "outcome.unknown"), { principal: system });
  }
  expect(actor.state.status).toBe("closing");
  expect(actor.timers.size).toBe(1);
  const incidents = actor.log.filter(({ type }) => type === "IncidentRaised");
  expect(incidents).toMatchObject([{ row: "4.1", outcome: "needs-person" }]);
});

test("a refund that does not stand is put before a person, and tried on", () => {
  const actor = made(...over, reported("succeeded"));
  for (let i = 0; i < 20; i++) {
    actor.send(nope("refund", "unavailable"), { principal: system });
    actor.advance(600_000);
  }
  expect(actor.state).toMatchObject({ status: "closed", refund: { tries: 21, stands: false } });
  expect(actor.log.filter(({ type }) => type === "IncidentRaised")).toMatchObject([
    { cause: "late-success" },
    { cause: "refund-fails", outcome: "needs-person" },
  ]);
  expect(payment.ended?.(actor.state)).toBe(false);
});

test("what is over is over once nothing more can be due", () => {
  expect(payment.ended?.(made(...over).state)).toBe(true);
  expect(payment.ended?.(made(...opened).state)).toBe(false);
  expect(payment.ended?.(made(...succeeded).state)).toBe(false);
  expect(payment.ended?.(made(...succeeded, booked).state)).toBe(true);
});

test("its user and ops see it, others do not", () => {
  const actor = made(...closing);
  const show = (kind: string, id: string) =>
    payment.read(
      "show",
      actor.state,
      null,
      {},
      { self: { kind: "payment", id: ID }, v: 3, principal: { kind, id } } as never,
    );
  const body = {
    paymentId: ID,
    v: 3,
    userId: ANNA,
    purpose: "recharge",
    fen: 5_000,
    by: "wechat",
    status: "open", // closed only once the provider says so
    handoff,
  };
  for (const [kind, id] of [["driver", ANNA], ["ops", "o"], ["system", "s"], ["actor", "a"]]) {
    expect(show(kind!, id!)).toEqual({ body });
  }
  for (const [kind, id] of [["driver", "usr_other"], ["device", ANNA], ["provider", "wechat"]]) {
    expect(show(kind!, id!)).toMatchObject({ refused: { code: "payment.unknown" } });
  }
  expect(actor.read("nothing")).toMatchObject({ refused: { code: "request.not-found" } });
});

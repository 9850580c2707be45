// The wallet's decisions as rows: given, when, then. Amounts in fen; Anna has 100 yuan.
import { expect, test } from "vitest";
import { stepper } from "../kit/stepper.ts";
import { KEEP_MS, OLD_KEPT, ORDERS_MAX, PAYMENTS_MAX } from "./state.ts";
import { wallet } from "./mod.ts";

const ANNA = "usr_anna0001";
const A = "ord_a0001";
const B = "ord_b0001";
const T0 = 1_777_860_000_000;
const order = { kind: "actor" as const, id: `order/${A}` };

const payment = (fen: number, more: Record<string, unknown> = {}) => ({
  type: "BookPayment",
  paymentId: "pay_0001",
  purpose: "recharge",
  by: "wechat",
  fen,
  energyFen: 0,
  serviceFen: 0,
  ...more,
});
const hold = (fen: number, orderId = A) => ({ type: "PlaceHold", orderId, fen });
const release = (orderId = A) => ({ type: "ReleaseHold", orderId, why: "test" });
const capture = (billFen: number, fromBalance = true) => ({
  type: "CaptureHold",
  orderId: A,
  billFen,
  energyFen: billFen - 1,
  serviceFen: 1,
  fromBalance,
});
const fromBalance = (fen: number, split = true) => ({
  type: "PayFromBalance",
  orderId: A,
  fen,
  energyFen: split ? fen - 1 : 0,
  serviceFen: split ? 1 : 0,
});
const bill = (fen: number, paymentId = "pay_0002", split = true) =>
  payment(fen, {
    paymentId,
    purpose: "bill",
    orderId: A,
    energyFen: split ? fen - 1 : 0,
    serviceFen: split ? 1 : 0,
  });

const back = (fen: number, refundId = "pay_0001-r1") => ({
  type: "BookRefund",
  paymentId: "pay_0001",
  refundId,
  by: "wechat",
  fen,
});

type Command = { type: string; [field: string]: unknown };
function anna(fen = 10_000, ...commands: Command[]) {
  const actor = stepper(wallet, { id: ANNA, at: T0, settings: null, principal: order });
  actor.send({ type: "OpenWallet", currency: "CNY" });
  if (fen > 0) actor.send(payment(fen));
  for (const command of commands) actor.send(command);
  return actor;
}

const done = (body: unknown, balanceFen: number) => ({ body, balanceFen });
const refused = (code: string, facts: Record<string, unknown> = {}) => ({ code, facts });
test.each<[string, Command[], Command, ReturnType<typeof done>]>([
  ["a hold is set aside", [], hold(6_000), done({ fen: 6_000 }, 4_000)],
  [
    "the same hold again is the same answer",
    [hold(6_000)],
    hold(6_000),
    done({ fen: 6_000 }, 4_000),
  ],
  [
    "a hold of another size for the order stays as it was",
    [hold(6_000)],
    hold(7_000),
    done({ fen: 6_000 }, 4_000),
  ],
  ["all of the balance may be held", [], hold(10_000), done({ fen: 10_000 }, 0)],
  ["a released hold is free again", [hold(6_000)], release(), done({ releasedFen: 6_000 }, 10_000)],
  [
    "released twice is released once",
    [hold(6_000), release()],
    release(),
    done({ releasedFen: 6_000 }, 10_000),
  ],
  ["a release before its hold leaves a tombstone", [], release(), done({ releasedFen: 0 }, 10_000)],
  [
    "a bill below the hold frees the rest",
    [hold(6_000)],
    capture(2_000),
    done({ capturedFen: 2_000, releasedFen: 4_000, dueFen: 0 }, 8_000),
  ],
  [
    "a bill of the hold takes all of it",
    [hold(6_000)],
    capture(6_000),
    done({ capturedFen: 6_000, releasedFen: 0, dueFen: 0 }, 4_000),
  ],
  [
    "a bill above the hold takes the rest from the balance",
    [hold(6_000)],
    capture(9_000),
    done({ capturedFen: 9_000, releasedFen: 0, dueFen: 0 }, 1_000),
  ],
  [
    "but not where that is not allowed",
    [hold(6_000)],
    capture(9_000, false),
    done({ capturedFen: 6_000, releasedFen: 0, dueFen: 3_000 }, 4_000),
  ],
  [
    "nor a part of it, where the balance is too low",
    [hold(6_000)],
    capture(11_000),
    done({ capturedFen: 6_000, releasedFen: 0, dueFen: 5_000 }, 4_000),
  ],
  [
    "captured twice is captured once",
    [hold(6_000), capture(2_000)],
    capture(2_000),
    done({ capturedFen: 2_000, releasedFen: 4_000, dueFen: 0 }, 8_000),
  ],
  [
    "a release after the capture changes nothing",
    [hold(6_000), capture(2_000)],
    release(),
    done({ releasedFen: 4_000 }, 8_000),
  ],
  ["a bill is paid from the balance", [], fromBalance(3_000), done({ fen: 3_000 }, 7_000)],
  [
    "paid twice is paid once",
    [fromBalance(3_000)],
    fromBalance(3_000),
    done({ fen: 3_000 }, 7_000),
  ],
  [
    "what a capture left due is paid later",
    [hold(6_000), capture(9_000, false)],
    fromBalance(3_000, false),
    done({ fen: 3_000 }, 1_000),
  ],
  [
    "what is captured in full is not paid again",
    [hold(6_000), capture(2_000)],
    fromBalance(2_000),
    done({ fen: 2_000 }, 8_000),
  ],
  ["a recharge is the user's", [], payment(500, { paymentId: "pay_0009" }), done(null, 10_500)],
  ["the same payment is booked once", [], payment(10_000), done(null, 10_000)],
  ["a bill paid by provider leaves the balance", [hold(6_000)], bill(2_000), done(null, 4_000)],
  [
    "a due paid by provider",
    [hold(6_000), capture(9_000, false)],
    bill(3_000, "pay_0002", false),
    done(null, 4_000),
  ],
  ["a refund leaves the balance", [], back(3_000), done(null, 7_000)],
  ["the same refund is booked once", [back(3_000)], back(3_000), done(null, 7_000)],
  ["opened again it stays", [], { type: "OpenWallet", currency: "CNY" }, done(null, 10_000)],
  ["it has no timers", [], { type: "TimerFired", name: "x" }, done(null, 10_000)],
])("%s", (_name, given, when, then) => {
  const actor = anna(10_000, ...given);
  const principal = when.type === "TimerFired" ? { kind: "system" as const, id: "timer" } : order;
  const step = actor.send(when, { principal });
  expect({ ok: step.ok, body: step.body }).toEqual({ ok: true, body: then.body });
  expect(actor.state).toMatchObject({ balanceFen: then.balanceFen });
});

test.each<[string, Command[], Command, ReturnType<typeof refused>]>([
  [
    "a hold above the balance",
    [],
    hold(10_001),
    refused("wallet.balance-too-low", { needFen: 10_001, availableFen: 10_000 }),
  ],
  [
    "a bill that was paid already",
    [bill(2_000)],
    bill(2_000, "pay_0003"),
    refused("due.closed", {
      orderId: A,
    }),
  ],
  [
    "a refund above the balance",
    [],
    back(10_001),
    refused("wallet.balance-too-low", { needFen: 10_001, availableFen: 10_000 }),
  ],
  ["a refund of nothing", [], back(0), refused("command.malformed", { why: "no amount" })],
  [
    "a hold in another currency",
    [],
    { ...hold(1), currency: "EUR" },
    refused("wallet.hold-refused", { currency: "CNY" }),
  ],
  ["a hold after its release", [release()], hold(1), refused("wallet.hold-closed", { orderId: A })],
  [
    "a hold after its capture",
    [hold(5), capture(2)],
    hold(5),
    refused("wallet.hold-closed", { orderId: A }),
  ],
  ["a capture without a hold", [], capture(5), refused("wallet.hold-unknown", { orderId: A })],
  [
    "a capture after the release",
    [hold(5), release()],
    capture(5),
    refused("wallet.hold-closed", { orderId: A }),
  ],
  [
    "a capture of a bill that is paid",
    [hold(50), bill(9)],
    capture(9),
    refused("wallet.hold-closed", { orderId: A }),
  ],
  [
    "a capture of nothing",
    [hold(50)],
    { ...capture(1), billFen: 0 },
    refused("command.malformed", { why: "no amount" }),
  ],
  [
    "a payment of nothing",
    [],
    { ...bill(1), fen: 0 },
    refused("command.malformed", { why: "no amount" }),
  ],
  [
    "a bill of nothing",
    [],
    { ...fromBalance(1), fen: 0 },
    refused("command.malformed", { why: "no amount" }),
  ],
  [
    "a split that is not the bill",
    [hold(50)],
    { ...capture(9), serviceFen: 2 },
    refused("command.malformed", { why: "the split is not the bill" }),
  ],
  [
    "a bill above the balance",
    [],
    fromBalance(10_001),
    refused("wallet.balance-too-low", { needFen: 10_001, availableFen: 10_000 }),
  ],
  [
    "a bill that is not its split",
    [],
    fromBalance(5, false),
    refused("command.malformed", { why: "the split is not the amount", dueFen: 0 }),
  ],
  [
    "a payment that is not its split",
    [],
    bill(5, "pay_0002", false),
    refused("command.malformed", { why: "the split is not the amount", dueFen: 0 }),
  ],
  [
    "a payment that books a due twice",
    [hold(5), capture(9, false)],
    bill(4),
    refused("command.malformed", { why: "the split is not the amount", dueFen: 4 }),
  ],
])("%s is refused", (_name, given, when, then) => {
  const actor = anna(10_000, ...given);
  const before = actor.state;
  expect(actor.send(when).refusal).toEqual(then);
  expect(actor.state).toEqual(before);
});

test("nobody's wallet holds nothing", () => {
  const actor = stepper(wallet, { id: ANNA, at: T0, settings: null, principal: order });
  expect(actor.send(hold(1)).refusal).toEqual(refused("wallet.unknown", { userId: ANNA }));
});

test("drivers, ops and providers move no money themselves", () => {
  for (const kind of ["driver", "ops", "provider", "device", "system"] as const) {
    const step = anna().send(hold(1), { principal: { kind, id: ANNA } });
    expect(step.refusal?.code).toBe("auth.forbidden");
  }
});

test("books are bounded: the oldest settled ones go, but none that may still be asked for", () => {
  const actor = anna();
  for (let i = 0; i < ORDERS_MAX; i++) {
    actor.send(hold(1, `ord_${10_000 + i}`));
    actor.send(release(`ord_${10_000 + i}`));
  }
  expect(actor.send(hold(1, B)).refusal).toEqual(refused("overloaded", { orders: ORDERS_MAX }));
  expect(actor.send(release(B)).refusal?.code).toBe("overloaded");
  expect(actor.send({ ...fromBalance(5), orderId: B }).refusal?.code).toBe("overloaded");
  expect(actor.send({ ...bill(5), orderId: B }).refusal?.code).toBe("overloaded");
  actor.at += KEEP_MS;
  expect(actor.send(hold(1, B)).ok).toBe(true);
  const { orders } = actor.state as { orders: Record<string, unknown> };
  expect(Object.keys(orders)).toHaveLength(OLD_KEPT);
  expect(orders).toHaveProperty(B);
  expect(orders).not.toHaveProperty("ord_10000");
});

test("a wallet in use for years carries no more than the books of some days", () => {
  const actor = anna();
  for (let i = 0; i < 200; i++, actor.at += KEEP_MS / 8) {
    actor.send(hold(1, `ord_${10_000 + i}`));
    actor.send(release(`ord_${10_000 + i}`));
    actor.send(payment(1, { paymentId: `pay_${10_000 + i}` }));
  }
  const { orders, booked } = actor.state as { orders: object; booked: object };
  expect(Object.keys(orders)).toHaveLength(OLD_KEPT);
  expect(Object.keys(booked)).toHaveLength(OLD_KEPT);
});

test("booked payments are bounded the same way", () => {
  const actor = anna();
  for (let i = 1; i < PAYMENTS_MAX; i++) actor.send(payment(1, { paymentId: `pay_${10_000 + i}` }));
  const more = payment(1, { paymentId: "pay_more" });
  expect(actor.send(more).refusal).toEqual(refused("overloaded", { payments: PAYMENTS_MAX }));
  actor.at += KEEP_MS;
  expect(actor.send(more).ok).toBe(true);
});

test("its owner and ops who handle money see it, others are told that there is none", () => {
  const actor = anna(10_000, hold(6_000));
  const show = (principal: Parameters<typeof stepper>[1]["principal"]) => {
    const ctx = { self: { kind: "wallet", id: ANNA }, v: actor.v, principal } as never;
    return wallet.read("show", actor.state, null, {}, ctx);
  };
  const view = {
    body: {
      id: ANNA,
      v: 3,
      currency: "CNY",
      balanceFen: 4_000,
      heldFen: 6_000,
      holds: [{ orderId: A, fen: 6_000 }],
      deposits: [],
      creditUsedFen: 0,
      paidCharges: 0,
    },
  };
  const unknown = { refused: refused("wallet.unknown", { userId: ANNA }) };
  expect(show({ kind: "driver", id: ANNA })).toEqual(view);
  expect(show({ kind: "ops", id: "ops_1", roles: ["finance"] })).toEqual(view);
  expect(show({ kind: "ops", id: "ops_1", roles: ["admin"] })).toEqual(view);
  expect(show({ kind: "system", id: "projector" })).toEqual(view);
  expect(show({ kind: "ops", id: "ops_1", roles: ["operator"] })).toEqual(unknown);
  expect(show({ kind: "driver", id: "usr_other" })).toEqual(unknown);
  expect(show({ kind: "device", id: ANNA })).toEqual(unknown);
});

test("its newest lines say what each movement was for", () => {
  const actor = anna(10_000, hold(6_000), capture(2_000), fromBalance(1), release(B));
  expect(actor.read("recent")).toEqual({
    body: {
      lines: [
        {
          at: "2026-05-04T02:00:00.000Z",
          v: 4,
          cause: "capture",
          orderId: A,
          fen: 4_000,
          balanceFen: 8_000,
        },
        {
          at: "2026-05-04T02:00:00.000Z",
          v: 3,
          cause: "hold",
          orderId: A,
          fen: -6_000,
          balanceFen: 4_000,
        },
        {
          at: "2026-05-04T02:00:00.000Z",
          v: 2,
          cause: "recharge",
          paymentId: "pay_0001",
          fen: 10_000,
          balanceFen: 10_000,
        },
      ],
    },
  });
  expect(actor.read("nothing")).toMatchObject({ refused: { code: "request.not-found" } });
});

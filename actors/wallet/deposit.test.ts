// Deposits as rows: held once, settled once, back in the posting of a hold, and again where that came to
// nothing. Anna has 100 yuan.
import { expect, test } from "vitest";
import { stepper } from "../kit/stepper.ts";
import { DEPOSITS_MAX, KEEP_MS } from "./state.ts";
import { wallet } from "./mod.ts";

const ANNA = "usr_anna0001";
const A = "ord_a0001";
const R = "rsv_r0001";
const T0 = 1_777_860_000_000;
const by = (id = R) => ({ principal: { kind: "actor" as const, id: `reservation/${id}` } });
const order = { kind: "actor" as const, id: `order/${A}` };
const deposit = (fen: number, reservationId = R) => ({ type: "PlaceDeposit", reservationId, fen });
const settle = (feeFen: number, reservationId = R) => (
  { type: "SettleDeposit", reservationId, feeFen, why: "test" }
);
const hold = (fen: number) => ({ type: "PlaceHold", orderId: A, fen, reservationId: R });
const undo = { type: "ReleaseHold", orderId: A, why: "declined", reservationId: R };

function anna() {
  const actor = stepper(wallet, { id: ANNA, at: T0, settings: null, principal: order });
  actor.send({ type: "OpenWallet", currency: "CNY" });
  const paid = { paymentId: "pay_0001", purpose: "recharge", by: "wechat", fen: 10_000 };
  actor.send({ type: "BookPayment", ...paid, energyFen: 0, serviceFen: 0 });
  return actor;
}
const book = (actor: ReturnType<typeof anna>) => {
  const sums: Record<string, number> = {};
  for (const event of actor.log) {
    for (const { account, fen } of "postings" in event ? event.postings : []) {
      sums[account] = (sums[account] ?? 0) + fen;
    }
  }
  return sums;
};

test("held once, whoever asks twice; the fee is taken, the rest comes back, once", () => {
  const actor = anna();
  expect(actor.send(deposit(2_000), by()).body).toEqual({ fen: 2_000 });
  expect(actor.send(deposit(2_000), by())).toMatchObject({ body: { fen: 2_000 }, events: [] });
  expect(actor.read("show")).toMatchObject({
    body: { balanceFen: 8_000, heldFen: 0, deposits: [{ reservationId: R, fen: 2_000 }] },
  });
  expect(actor.send(settle(500), by()).body).toEqual({ feeFen: 500, refundFen: 1_500 });
  expect(actor.send(settle(0), by())).toMatchObject({
    body: { feeFen: 500, refundFen: 1_500 },
    events: [],
  });
  expect(actor.send(deposit(2_000), by()).refusal).toEqual({
    code: "wallet.hold-closed",
    facts: { reservationId: R },
  });
  expect(book(actor)).toEqual({
    "provider:wechat": 10_000,
    [`wallet:${ANNA}`]: -9_500,
    [`deposit:${R}`]: 0,
    "revenue:reservation": -500,
  });
});

test("refused: too little, a stranger, more than anybody has open", () => {
  const actor = anna();
  expect(actor.send(deposit(10_001), by()).refusal).toEqual({
    code: "wallet.balance-too-low",
    facts: { needFen: 10_001, availableFen: 10_000 },
  });
  expect(actor.send(deposit(1), by("rsv_other1")).refusal?.code).toBe("auth.forbidden");
  expect(actor.send(settle(1), by("rsv_other1")).refusal?.code).toBe("auth.forbidden");
  for (let i = 0; i < DEPOSITS_MAX; i++) {
    const id = `rsv_n${String(i).padStart(4, "0")}`;
    actor.send(deposit(1, id), by(id));
    actor.send(settle(0, id), by(id));
  }
  expect(actor.send(deposit(1), by()).refusal?.code).toBe("overloaded");
  expect(actor.send(settle(1), by()).refusal?.code).toBe("overloaded");
  actor.at += KEEP_MS;
  expect(actor.send(deposit(1), by()).ok).toBe(true);
});

test("settled before it came: it may not come any more", () => {
  const actor = anna();
  expect(actor.send(settle(2_000), by()).body).toEqual({ feeFen: 0, refundFen: 0 });
  expect(actor.send(deposit(2_000), by()).refusal?.code).toBe("wallet.hold-closed");
  expect(book(actor)[`wallet:${ANNA}`]).toBe(-10_000);
});

test("a hold that needs it: one posting returns the deposit and places the hold", () => {
  const actor = anna();
  actor.send(deposit(2_000), by());
  const placed = actor.send(hold(10_000));
  expect(placed.events).toMatchObject([{
    type: "HoldPlaced",
    deposit: { reservationId: R, fen: 2_000 },
    balanceFen: 0,
    postings: [
      { account: `deposit:${R}`, fen: 2_000 },
      { account: `wallet:${ANNA}`, fen: 8_000 },
      { account: `hold:${A}`, fen: -10_000 },
    ],
  }]);
  expect(actor.read("recent")).toMatchObject({
    body: {
      lines: [
        { cause: "hold", fen: -10_000, balanceFen: 0 },
        { cause: "deposit-return", fen: 2_000, balanceFen: 10_000 },
        { cause: "deposit", fen: -2_000, balanceFen: 8_000 },
        { cause: "recharge" },
      ],
    },
  });
  expect(actor.send(settle(2_000), by()).body).toEqual({ feeFen: 0, refundFen: 2_000 });
});

test("a hold that is refused moves nothing", () => {
  const actor = anna();
  actor.send(deposit(2_000), by());
  expect(actor.send(hold(10_001)).refusal).toEqual({
    code: "wallet.balance-too-low",
    facts: { needFen: 10_001, availableFen: 10_000 },
  });
  expect(book(actor)[`deposit:${R}`]).toBe(-2_000);
});

test("a start that came to nothing: the deposit stands again, out of what the hold returns", () => {
  const actor = anna();
  actor.send(deposit(2_000), by());
  actor.send(hold(5_000));
  expect(actor.send(undo).events).toMatchObject([{
    type: "HoldReleased",
    fen: 5_000,
    deposit: { reservationId: R, fen: 2_000 },
    balanceFen: 8_000,
  }]);
  expect(book(actor)).toMatchObject({ [`hold:${A}`]: 0, [`deposit:${R}`]: -2_000 });
  expect(actor.send(settle(2_000), by()).body).toEqual({ feeFen: 2_000, refundFen: 0 });
  expect(actor.read("recent")).toMatchObject({
    body: {
      lines: [
        { cause: "reservation-fee", fen: -2_000, balanceFen: 8_000 },
        { cause: "deposit-return", fen: 2_000, balanceFen: 10_000 },
        { cause: "deposit", fen: -2_000, balanceFen: 8_000 },
        { cause: "release", fen: 5_000, balanceFen: 10_000 },
        {},
        {},
        {},
        {},
      ],
    },
  });
});

test("what was spent meanwhile cannot stand again: as much as there is", () => {
  const actor = anna();
  actor.send(deposit(9_000), by());
  actor.send(hold(4_000));
  const spent = { paymentId: "pay_0001", refundId: "pay_0001-r1", by: "wechat", fen: 6_000 };
  actor.send({ type: "BookRefund", ...spent });
  expect(actor.send(undo).events).toMatchObject([{ deposit: { fen: 4_000 }, balanceFen: 0 }]);
});

test("a hold without its deposit is an ordinary one; its release brings none back", () => {
  const actor = anna();
  expect(actor.send(hold(5_000)).events).toMatchObject([{ type: "HoldPlaced", balanceFen: 5_000 }]);
  expect(actor.send(undo).events[0]).not.toHaveProperty("deposit");
});

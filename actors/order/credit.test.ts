// 先充后补: who may charge on credit, for how much, and how what was used becomes a debt and is paid.
import { expect, test } from "vitest";
import { ChargeTown, driver, no, ok, ORDER, USER } from "../../test/kit/charge-town.ts";

const OTHER = "ord_01kcharge0aaaabbbbccccother";
const onCredit = { pay: { by: "credit", autoCapture: true } };
const finance = { kind: "ops" as const, id: "ops_fin01", roles: ["finance"] };
const setCredit = (town: ChargeTown, limitFen: number | null) =>
  town.send(
    { kind: "user", id: USER },
    { type: "SetCredit", limitFen, reason: "known to us" },
    finance,
  ).reply;
/** Without a fen, but trusted with 50 yuan. */
const trusted = (fen = 0) => {
  const town = new ChargeTown().person(fen);
  setCredit(town, 5_000);
  return town;
};
const tapped = (town: ChargeTown, orderId = ORDER) => {
  const { id } = town.start(onCredit, orderId);
  town.run();
  return town.answer({ kind: "order", id: orderId }, id);
};
const recharge = (town: ChargeTown, fen: number, paymentId = "pay_recharge0001") => {
  const split = { energyFen: 0, serviceFen: 0 };
  const body = { userId: USER, purpose: "recharge", fen, ...split, by: "wechat" };
  const payment = { kind: "payment", id: paymentId };
  town.send(payment, { type: "OpenPayment", ...body }, driver(USER));
  town.run();
  const report = { type: "ProviderReported", outcome: "succeeded", fen, providerRef: "42" };
  town.send(payment, report, { kind: "provider", id: "wechat" });
  town.run();
};
const used = (wh = 10_000, fen = 0) => {
  const town = trusted(fen).charging(onCredit);
  town.ended(wh);
  town.run();
  return town;
};

test("the charge is held by lent money, at most the limit, and stops before it", () => {
  const town = trusted().charging(onCredit);
  expect(town.view()).toMatchObject({ status: "charging", holdFen: 5_000, next: ["stop", "help"] });
  expect(town.told("StartConnector")).toMatchObject([{ holdFen: 5_000 }]);
  expect(town.book()).toMatchObject({ [`credit:${USER}`]: 5_000, [`hold:${ORDER}`]: -5_000 });
  expect(town.balanceFen).toBe(0);
});

test("what was used is owed at once and blocks; the rest of the limit is free", () => {
  const town = used();
  expect(town.view()).toMatchObject({
    status: "awaiting-payment",
    holdFen: 0,
    dues: [{ fen: 1_000, status: "open" }],
  });
  expect(town.notices()).toEqual(["charge.credit-used"]);
  expect(town.book()).toMatchObject({
    [`credit:${USER}`]: 0,
    [`hold:${ORDER}`]: 0,
    [`due:${ORDER}`]: 1_000,
    "revenue:energy": -700,
    "revenue:service": -300,
  });
  expect(tapped(town, OTHER)).toEqual(no("user.debt-open", { orderId: ORDER, fen: 1_000 }));
});

test("the next recharge pays it, and the user may charge again at once", () => {
  const town = used();
  recharge(town, 1_500);
  expect(town.view()).toMatchObject({ status: "paid", dues: [{ fen: 1_000, status: "paid" }] });
  expect(town.balanceFen).toBe(500);
  expect(town.state("user", USER)).toMatchObject({ debts: [] });
  expect(town.book()).toMatchObject({ [`due:${ORDER}`]: 0 });
  expect(tapped(town, OTHER)).toMatchObject(ok({ status: "starting" }));
});

test("a recharge that is too small takes nothing; the debt stands", () => {
  const town = used();
  recharge(town, 900);
  expect(town.view()).toMatchObject({ status: "awaiting-payment", dues: [{ fen: 1_000 }] });
  expect(town.balanceFen).toBe(900);
});

test("a balance that covers it pays at once: nothing is owed", () => {
  const town = used(10_000, 3_000);
  expect(town.view()).toMatchObject({ status: "paid" });
  expect(town.balanceFen).toBe(2_000);
  expect(town.state("user", USER)).toMatchObject({ debts: [] });
});

test("a start that failed gives the credit back", () => {
  const town = trusted();
  tapped(town);
  town.says("ConnectorStartFailed", { why: "device-refused", proven: true });
  town.run();
  expect(town.book()).toMatchObject({ [`credit:${USER}`]: 0, [`hold:${ORDER}`]: 0 });
});

test("credit is for those who have paid before: the rules, one by one", () => {
  const fresh = new ChargeTown().person(20_000);
  expect(tapped(fresh)).toEqual(
    no("wallet.credit-refused", { why: "too-new", paid: 0, paidMin: 3 }),
  );
  expect(fresh.incidents()).toEqual(["1.4 wallet.credit-refused handled"]);
  for (const n of [1, 2, 3]) {
    const orderId = `ord_01kcharge0aaaabbbbccccpaid${n}`;
    fresh.start({}, orderId);
    fresh.run();
    const started = { registerWh: 1_000, deviceAt: fresh.at, segments: [] };
    fresh.says("ConnectorStarted", started, orderId);
    fresh.ended(1_000, {}, orderId);
    fresh.run();
  }
  expect(tapped(fresh, OTHER)).toMatchObject(ok({ status: "starting", holdFen: 5_000 }));
});

test("after 逾期 there is no credit for 90 days, whatever was paid since", () => {
  const town = used();
  town.advance(86_400_000);
  expect(town.view()).toMatchObject({ status: "overdue" });
  recharge(town, 5_000);
  expect(town.view()).toMatchObject({ status: "paid" });
  setCredit(town, null);
  const late = "ord_01kcharge0aaaabbbbcccclate0";
  expect(tapped(town, late)).toEqual(no("wallet.credit-refused", { why: "was-overdue" }));
  town.advance(90 * 86_400_000);
  expect(tapped(town, OTHER)).toEqual(
    no("wallet.credit-refused", { why: "too-new", paid: 1, paidMin: 3 }),
  );
});

test("ops may give a user none, and only those of finance may say so", () => {
  const town = trusted();
  setCredit(town, 0);
  expect(tapped(town)).toEqual(no("wallet.credit-refused", { why: "not-allowed" }));
  const body = { type: "SetCredit", limitFen: 9_000, reason: "a friend" };
  const service = { kind: "ops" as const, id: "ops_srv01", roles: ["service"] };
  expect(town.send({ kind: "user", id: USER }, body, service).reply).toEqual(no("auth.forbidden"));
});

test("lent money is not topped up", () => {
  const town = trusted(20_000).charging(onCredit);
  const { reply } = town.order({ type: "TopUpHold", fen: 1_000 });
  expect(reply).toEqual(no("wallet.credit-refused", { why: "limit" }));
});

test("the wallet itself lends no more than the limit, over all orders", () => {
  const town = trusted().charging(onCredit);
  const credit = { limitFen: 5_000, paidMin: 0 };
  const from = { kind: "actor" as const, id: `order/${OTHER}` };
  const hold = { type: "PlaceHold", orderId: OTHER, fen: 1, credit };
  const wallet = { kind: "wallet", id: USER };
  expect(town.send(wallet, hold, from).reply).toEqual(
    no("wallet.credit-refused", { why: "limit", limitFen: 5_000, usedFen: 5_000 }),
  );
  const raise = { type: "RaiseHold", orderId: ORDER, toFen: 9_000 };
  expect(town.send(wallet, raise, from).reply).toEqual(
    no("wallet.credit-refused", { why: "limit" }),
  );
});

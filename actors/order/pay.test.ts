// How a bill is paid: hold, balance, provider; one way at a time; overdue and what settles it.
import { expect, test } from "vitest";
import { ChargeTown, driver, no, ok, ORDER, settings, USER } from "../../test/kit/charge-town.ts";

const order = { kind: "order", id: ORDER };
const byHand = { pay: { by: "wallet", autoCapture: false } };
const pay = (town: ChargeTown, by: string, id?: string) => {
  const { id: command } = town.order({ type: "PayOrder", purpose: "charge", by }, undefined, id);
  town.run();
  return town.answer(order, command);
};
/** A charge of 10 yuan that waits for the driver. */
const due = (fen = 20_000, more: Record<string, unknown> = byHand) => {
  const town = new ChargeTown().person(fen).charging(more);
  town.ended(10_000);
  town.run();
  return town;
};
const provider = { kind: "provider" as const, id: "wechat" };
const P1 = `pay_${ORDER.slice(4)}-1`;
const P2 = `pay_${ORDER.slice(4)}-2`;
const report = (town: ChargeTown, outcome: string, paymentId = P1, fen = 1_000) => {
  const body = { outcome, fen, providerRef: "4200001" };
  const out = town.send(
    { kind: "payment", id: paymentId },
    { type: "ProviderReported", ...body },
    provider,
  );
  town.run();
  return out.reply;
};

test("without consent the bill waits for the driver, who pays it from the hold", () => {
  const town = due();
  expect(town.view()).toMatchObject({
    status: "awaiting-payment",
    holdFen: 6_600,
    dues: [{ fen: 1_000, status: "open" }],
    next: ["pay", "help", "appeal"],
  });
  expect(pay(town, "wallet")).toEqual(ok({ status: "succeeded" }));
  expect(town.view()).toMatchObject({ status: "paid", holdFen: 0 });
  expect(town.balanceFen).toBe(19_000);
});

test("paid through a provider by hand: the hold goes back", () => {
  const town = due();
  expect(pay(town, "wechat")).toEqual(
    ok({ paymentId: P1, status: "open", handoff: { kind: "sandbox", value: "pay-here" } }),
  );
  expect(town.view()).toMatchObject({ dues: [{ status: "paying", paymentId: P1 }] });
  expect(report(town, "succeeded")).toEqual(ok());
  expect(town.view()).toMatchObject({ status: "paid", holdFen: 0 });
  expect(town.balanceFen).toBe(20_000);
  expect(town.book()).toMatchObject({
    "provider:wechat": 21_000,
    "revenue:energy": -700,
    "revenue:service": -300,
  });
});

test("one way of paying at a time", () => {
  const town = due();
  pay(town, "wechat");
  expect(pay(town, "wallet")).toEqual(no("payment.other-open", { paymentId: P1 }));
  expect(pay(town, "alipay")).toEqual(no("payment.other-open", { paymentId: P1 }));
});

test("a payment that was given up opens the way for another", () => {
  const town = due();
  pay(town, "wechat");
  const close = town.send({ kind: "payment", id: P1 }, { type: "ClosePayment" }, driver(USER));
  expect(close.reply).toMatchObject({ ok: true, body: { status: "open" } });
  town.run();
  expect(town.view()).toMatchObject({ dues: [{ status: "open" }] });
  expect(town.notices()).toEqual([]);
  expect(pay(town, "alipay")).toMatchObject(ok({ paymentId: P2, status: "open" }));
  report(town, "succeeded", P1); // the closed one succeeds late: it refunds itself
  expect(town.status).toBe("awaiting-payment");
  expect(town.state("payment", P1)).toMatchObject({ status: "closed", refund: { stands: true } });
  expect(
    town.send({ kind: "payment", id: P2 }, {
      type: "ProviderReported",
      outcome: "succeeded",
      fen: 1_000,
      providerRef: "2088",
    }, { kind: "provider", id: "alipay" }).reply,
  ).toEqual(ok());
  town.run();
  expect(town.view()).toMatchObject({ status: "paid" });
  expect(town.book()).toMatchObject({ "provider:alipay": 1_000, "provider:wechat": 20_000 });
});

test("a provider that refuses says so, and the summary stays", () => {
  const town = due();
  town.provider.create = () => no("provider.refused", { why: "limit" });
  expect(pay(town, "wechat")).toEqual(no("provider.refused", { paymentId: P1 }));
  expect(town.view()).toMatchObject({ status: "awaiting-payment", dues: [{ status: "open" }] });
  expect(town.incidents()).toEqual(["4.1 provider.refused handled"]);
});

test("a debit by consent that fails is told to the driver, who pays otherwise", () => {
  const town = new ChargeTown().person(20_000).bind("wechat");
  town.provider.create = () => no("provider.refused");
  town.charging({ pay: { by: "wechat", autoCapture: true } });
  town.ended(10_000);
  town.run();
  expect(town.status).toBe("awaiting-payment");
  expect(town.notices()).toEqual(["charge.payment-failed"]);
  expect(pay(town, "wallet")).toEqual(ok({ status: "succeeded" }));
  expect(town.balanceFen).toBe(19_000);
});

test("a bill above the hold takes the rest from the balance", () => {
  const town = new ChargeTown().person(20_000).charging();
  town.ended(100_000); // 100 yuan over a hold of 66
  town.run();
  expect(town.view()).toMatchObject({ status: "paid", dues: [{ fen: 10_000 }] });
  expect(town.balanceFen).toBe(10_000);
});

test("a bill above hold and balance leaves the rest due, and it can be paid by provider", () => {
  const town = new ChargeTown().person(7_000).charging();
  town.ended(100_000);
  town.run();
  expect(town.view()).toMatchObject({
    status: "awaiting-payment",
    holdFen: 0,
    dues: [{ fen: 3_400, status: "open" }],
  });
  expect(town.incidents()).toEqual(["4.4 hold-too-small handled"]);
  expect(town.notices()).toEqual(["charge.payment-failed"]);
  expect(pay(town, "wallet")).toEqual(
    no("wallet.balance-too-low", { needFen: 3_400, availableFen: 400 }),
  );
  pay(town, "wechat");
  report(town, "succeeded", P1, 3_400);
  expect(town.view()).toMatchObject({ status: "paid", dues: [{ fen: 10_000 }] });
  expect(town.book()).toMatchObject({
    [`due:${ORDER}`]: 0,
    "revenue:energy": -7_000,
    "revenue:service": -3_000,
    "provider:wechat": 10_400,
  });
});

test("a driver whose own capture falls short hears how much is missing", () => {
  const town = new ChargeTown().person(7_000).charging(byHand);
  town.ended(100_000);
  town.run();
  expect(pay(town, "wallet")).toEqual(no("wallet.balance-too-low", { needFen: 3_400 }));
  expect(town.view()).toMatchObject({ dues: [{ fen: 3_400, status: "open" }] });
});

test.each([
  ["while it runs", () => new ChargeTown().person(20_000).charging(), "charging"],
  ["once declined", () => {
    const town = new ChargeTown().person(0);
    town.start();
    town.run();
    return town;
  }, "declined"],
])("there is nothing to pay %s", (_when, make, status) => {
  expect(pay(make(), "wallet")).toEqual(no("order.nothing-due", { status }));
});

test("what is paid is closed; credit is not offered yet", () => {
  const town = due();
  expect(pay(town, "credit")).toEqual(no("wallet.credit-refused"));
  pay(town, "wallet");
  expect(pay(town, "wallet")).toEqual(no("due.closed", { purpose: "charge" }));
});

test("the same tap on pay is answered the same", () => {
  const town = due();
  const first = pay(town, "wechat", "tap-1");
  expect(pay(town, "wechat", "tap-1")).toEqual(first);
  expect(town.told("OpenPayment")).toHaveLength(1);
});

test("unpaid after the limit: a debt that blocks new charges until it is paid", () => {
  const town = due();
  town.advance(settings.payLimitMs - 1);
  expect(town.status).toBe("awaiting-payment");
  town.advance(1);
  expect(town.view()).toMatchObject({ status: "overdue", dues: [{ status: "overdue" }] });
  expect(town.incidents()).toEqual(["4.2 unpaid handled"]);
  expect(town.notices().at(-1)).toBe("charge.overdue");
  const other = "ord_01kcharge0aaaabbbbccccother";
  const tap = town.start({}, other);
  town.run();
  expect(town.answer({ kind: "order", id: other }, tap.id)).toEqual(
    no("user.debt-open", { orderId: ORDER, fen: 1_000 }),
  );
  expect(pay(town, "wallet")).toEqual(ok({ status: "succeeded" }));
  expect(town.state("user", USER)).toMatchObject({ debts: [] });
});

test("an overdue bill is taken from the next recharge", () => {
  const town = new ChargeTown().person(7_000).charging();
  town.ended(100_000);
  town.advance(settings.payLimitMs);
  expect(town.view()).toMatchObject({ status: "overdue", dues: [{ fen: 3_400 }] });
  recharge(town, "pay_recharge0001", 1_000); // too little: nothing is taken
  expect(town.status).toBe("overdue");
  expect(town.balanceFen).toBe(1_400);
  recharge(town, "pay_recharge0002", 5_000);
  expect(town.status).toBe("paid");
  expect(town.balanceFen).toBe(3_000);
  expect(town.state("user", USER)).toMatchObject({ debts: [] });
  expect(town.notices()[0]).toBe("charge.payment-failed");
  expect(town.notices().at(-1)).toBe("charge.overdue");
});

test("an overdue bill with its hold still standing is taken from the hold after a recharge", () => {
  const town = due();
  town.advance(settings.payLimitMs);
  recharge(town, "pay_recharge0001", 1_000);
  expect(town.view()).toMatchObject({ status: "paid", holdFen: 0 });
  expect(town.balanceFen).toBe(20_000);
});

test("a recharge leaves an overdue bill alone while another way of paying is open", () => {
  const town = new ChargeTown().person(7_000).charging();
  town.ended(100_000);
  town.advance(settings.payLimitMs);
  pay(town, "wechat");
  recharge(town, "pay_recharge0001", 5_000);
  expect(town.view()).toMatchObject({ status: "overdue", dues: [{ paymentId: P1 }] });
  report(town, "succeeded", P1, 3_400);
  expect(town.status).toBe("paid");
  expect(town.balanceFen).toBe(5_400);
});

function recharge(town: ChargeTown, paymentId: string, fen: number) {
  const split = { energyFen: 0, serviceFen: 0 };
  const body = { userId: USER, purpose: "recharge", fen, ...split, by: "wechat" };
  town.send({ kind: "payment", id: paymentId }, { type: "OpenPayment", ...body }, driver(USER));
  town.run();
  report(town, "succeeded", paymentId, fen);
}

test("money for an order that does not wait for it is put before a person", () => {
  const town = due();
  pay(town, "wallet");
  const settled = { paymentId: "pay_stray00001", outcome: "succeeded", fen: 1_000, by: "wechat" };
  const from = { kind: "actor" as const, id: "payment/pay_stray00001" };
  expect(town.order({ type: "PaymentSettled", ...settled }, from).reply).toEqual(ok());
  expect(town.incidents()).toEqual(["4.1 second-payment needs-person"]);
  expect(town.status).toBe("paid");
});

test("only the payment itself and the order's own user are heard", () => {
  const town = due();
  const settled = { paymentId: P1, outcome: "succeeded", fen: 1_000, by: "wechat" };
  const from = { kind: "actor" as const, id: "payment/pay_other00001" };
  expect(town.order({ type: "PaymentSettled", ...settled }, from).reply).toEqual(
    no("auth.forbidden"),
  );
  expect(town.order({ type: "CollectDue" }, { kind: "actor", id: "user/usr_other001" }).reply)
    .toEqual(no("auth.forbidden"));
});

test("an amount that is not the due settles nothing", () => {
  const town = due();
  pay(town, "wechat");
  const settled = { paymentId: P1, outcome: "succeeded", fen: 999, by: "wechat" };
  town.order({ type: "PaymentSettled", ...settled }, { kind: "actor", id: `payment/${P1}` });
  expect(town.view()).toMatchObject({ status: "awaiting-payment", dues: [{ status: "open" }] });
  expect(town.incidents()).toEqual(["4.1 payment.amount-wrong handled"]);
});

test("a hold that the wallet no longer has does not stop the driver from paying", () => {
  const town = due();
  const from = { kind: "actor" as const, id: `order/${ORDER}` };
  const release = { type: "ReleaseHold", orderId: ORDER, why: "by hand" };
  town.send({ kind: "wallet", id: USER }, release, from);
  expect(pay(town, "wallet")).toEqual(no("wallet.hold-closed", { orderId: ORDER }));
  expect(pay(town, "wallet")).toEqual(ok({ status: "succeeded" }));
});

// Answers that come late, twice, or make no sense: never a crash, never money, always an answer.
import { expect, test } from "vitest";
import { ChargeTown, kept, no, ok, ORDER, system, T0, USER } from "../../test/kit/charge-town.ts";

const order = { kind: "order", id: ORDER };
const P1 = `pay_${ORDER.slice(4)}-1`;
const answer = (town: ChargeTown, type: string, reply: unknown, ref = {}) =>
  town.send(order, { type, ref, answer: reply }, system);
/** A charge of 10 yuan that waits for its driver. */
const due = () => {
  const town = new ChargeTown().person(20_000)
    .charging({ pay: { by: "wallet", autoCapture: false } });
  town.ended(10_000);
  town.run();
  return town;
};

test("a pile that keeps the connector without its tariff is no basis for a charge", () => {
  const town = new ChargeTown().person(20_000);
  town.pile.KeepConnector = () => ok({ stationId: "stn_north" });
  const tap = town.start();
  town.run();
  expect(town.answer(order, tap.id)).toEqual(no("pile.no-tariff"));
  expect(town.told("LetConnectorGo")).toHaveLength(1);
});

test("a user's yes without the bound account that the charge needs", () => {
  const town = new ChargeTown().person(20_000).bind("wechat");
  const tap = town.start({ pay: { by: "wechat", autoCapture: true } });
  answer(town, "UserAnswered", ok({ binding: "none" }));
  answer(town, "KeepAnswered", ok(kept));
  expect(town.answer(order, tap.id)).toEqual(no("payment.not-bound", { by: "wechat" }));
  town.run();
  expect(town.status).toBe("declined");
});

test("an authorising order shows what it knows so far", () => {
  const town = new ChargeTown().person(20_000);
  town.start();
  expect(town.view()).toMatchObject({ status: "authorizing", tariffVersion: "tv_1", holdFen: 0 });
  while (town.told("KeepConnector").length === 0) town.step();
  expect(town.view()).toMatchObject({ status: "authorizing", stationId: "stn_north" });
});

test("answers that nobody waits for any more change nothing but a note", () => {
  const town = due();
  const before = town.state(order.kind, ORDER);
  answer(town, "UserAnswered", ok({}));
  answer(town, "HoldAnswered", no("wallet.balance-too-low"));
  answer(town, "StartAnswered", no("pile.offline"));
  answer(town, "StopAnswered", no("pile.not-kept"));
  answer(town, "CaptureAnswered", ok({ capturedFen: 1, releasedFen: 0, dueFen: 0 }));
  answer(town, "WalletPayAnswered", ok({}));
  answer(town, "ReleaseAnswered", ok({}));
  answer(town, "PaymentAnswered", no("provider.refused"), { paymentId: P1 });
  town.says("ConnectorWaits", { why: "unplugged" });
  town.says("MeterAdvanced", { registerWh: 9, deviceAt: T0, segments: [] });
  town.says("ConnectorStarted", { registerWh: 1_000, deviceAt: T0, segments: [] });
  town.says("ConnectorStarted", { registerWh: 1_000, deviceAt: T0 + 1, segments: [] });
  town.says("ConnectorStartFailed", { why: "late-start", proven: true });
  for (const name of ["authorize", "start", "stuck", "of-an-older-release"]) {
    town.send(order, { type: "TimerFired", name }, system);
  }
  expect(town.state(order.kind, ORDER)).toEqual(before);
});

test("an order that is none hears no answers and no timers", () => {
  const town = new ChargeTown();
  expect(answer(town, "HoldAnswered", ok({})).reply).toEqual(ok());
  expect(town.send(order, { type: "TimerFired", name: "pay" }, system).reply).toEqual(ok());
  for (const from of ["payment/pay_0001", "user/usr_0001"]) {
    const settled = { paymentId: "pay_0001", outcome: "closed", fen: 0, by: "wechat" };
    const command = from.startsWith("pay")
      ? { type: "PaymentSettled", ...settled }
      : { type: "CollectDue" };
    expect(town.order(command, { kind: "actor", id: from }).reply).toMatchObject(
      no("order.unknown"),
    );
  }
});

test("a wallet's answer that makes no sense leaves the bill open, and a person looks", () => {
  const town = due();
  const { id } = town.order({ type: "PayOrder", purpose: "charge", by: "wallet" });
  answer(town, "CaptureAnswered", ok({ captured: "yes" }), { answerTo: id });
  expect(town.answer(order, id)).toEqual(no("outcome.unknown"));
  expect(town.incidents()).toEqual(["4.1 outcome.unknown needs-person"]);
  town.run(); // the true answer finds no attempt any more: the next tap captures again, once
  const again = town.order({ type: "PayOrder", purpose: "charge", by: "wallet" });
  town.run();
  expect(town.answer(order, again.id)).toEqual(ok({ status: "succeeded" }));
  expect(town.balanceFen).toBe(19_000);
});

test("a payment that is over before its opening is answered", () => {
  const town = due();
  const { id } = town.order({ type: "PayOrder", purpose: "charge", by: "wechat" });
  const closed = { type: "PaymentSettled", paymentId: P1, outcome: "failed", fen: 1_000 };
  town.order({ ...closed, by: "wechat" }, { kind: "actor", id: `payment/${P1}` });
  expect(town.view()).toMatchObject({ dues: [{ status: "open" }] });
  answer(town, "PaymentAnswered", no("provider.refused"), { paymentId: P1, answerTo: id });
  expect(town.answer(order, id)).toEqual(ok({ paymentId: P1, status: "failed" }));
});

test("a payment's view that makes no sense is shown as failed, its outcome still comes", () => {
  const town = due();
  const { id } = town.order({ type: "PayOrder", purpose: "charge", by: "wechat" });
  answer(town, "PaymentAnswered", ok({ status: 7 }), { paymentId: P1, answerTo: id });
  expect(town.answer(order, id)).toEqual(ok({ paymentId: P1, status: "failed" }));
  expect(town.view()).toMatchObject({ dues: [{ status: "paying" }] });
});

test("a failed start that is not proven hears of no session when it is asked to stop", () => {
  const town = new ChargeTown().person(20_000);
  town.pile.StopConnector = () => no("pile.not-kept");
  town.start();
  town.run();
  town.order({ type: "StopCharge" });
  town.says("ConnectorStartFailed", { why: "device-silent", proven: false });
  town.run();
  expect(town.view()).toMatchObject({ status: "start-failed", holdFen: 0 });
  expect(town.balanceFen).toBe(20_000);
});

test("a stop that the pile knows nothing of while it runs waits for the end on its way", () => {
  const town = new ChargeTown().person(20_000).charging();
  town.pile.StopConnector = () => no("pile.not-kept");
  town.order({ type: "StopCharge" });
  town.run();
  expect(town.status).toBe("stopping");
});

test("two readings at one moment keep the power that was known", () => {
  const town = new ChargeTown().person(20_000).charging();
  const read = (wh: number, more = {}) =>
    town.says("MeterAdvanced", {
      registerWh: 1_000 + wh,
      deviceAt: T0 + 10_000,
      segments: [],
      ...more,
    });
  read(10, { powerW: 5_000 });
  read(20);
  expect(town.view()).toMatchObject({ live: { n: 2, powerW: 5_000, socPct: null } });
  expect(town.state("user", USER)).toMatchObject({ openOrders: [ORDER] });
});

// The way to 充电中 and every way in which it fails; what was asked for is always undone.
import { expect, test } from "vitest";
import {
  ChargeTown,
  driver,
  no,
  ok,
  ops,
  ORDER,
  settings,
  T0,
  USER,
} from "../../test/kit/charge-town.ts";

const order = { kind: "order", id: ORDER };
const undone = (town: ChargeTown) => {
  expect(town.state("user", USER)).toMatchObject({ openOrders: [] });
  expect(town.state<{ orders: object }>("wallet", USER).orders).not.toMatchObject({
    [ORDER]: { status: "held" },
  });
};

test("user and pile are asked at once, the wallet only after both", () => {
  const town = new ChargeTown().person(20_000);
  town.start();
  expect(town.step() && town.step()).toBe(true);
  expect(town.delivered.slice(-2).map(({ message }) => message.do === "tell" && message.type))
    .toEqual(["OpenOrder", "KeepConnector"]);
  expect(town.told("PlaceHold")).toEqual([]);
});

test("a start that the user's standing forbids frees the connector", () => {
  const town = new ChargeTown().person(20_000);
  town.send({ kind: "user", id: USER }, { type: "BlockUser", reason: "fraud" }, ops);
  const tap = town.start();
  town.run();
  expect(town.answer(order, tap.id)).toEqual(no("user.blocked", { since: T0 }));
  expect(town.told("LetConnectorGo")).toHaveLength(1);
  expect(town.told("CloseOrder")).toEqual([]);
});

test("nobody answers in time: declined, and a late yes is undone in the same lane", () => {
  const town = new ChargeTown().person(20_000);
  town.pile.KeepConnector = () => null;
  const tap = town.start();
  town.advance(settings.authorizeMs);
  expect(town.answer(order, tap.id)).toEqual(no("order.no-answer"));
  expect(town.status).toBe("declined");
  town.pile.KeepConnector = () => ok({});
  town.run();
  expect(town.delivered.slice(-2).map(({ message }) => message.do === "tell" && message.type))
    .toEqual(["KeepConnector", "LetConnectorGo"]);
  expect(town.status).toBe("declined");
  expect(town.incidents()).toEqual(["3.1 order.no-answer handled"]);
  undone(town);
});

test("no answer while the wallet is asked: the hold is released behind its question", () => {
  const town = new ChargeTown().person(20_000);
  town.start();
  while (town.told("KeepConnector").length === 0) town.step();
  // the wallet has the question in its lane when the time is over
  town.send(order, { type: "TimerFired", name: "authorize" }, { kind: "system", id: "timer" });
  town.run();
  expect(town.told("PlaceHold")).toHaveLength(1);
  expect(town.told("ReleaseHold")).toHaveLength(1);
  expect(town.balanceFen).toBe(20_000);
  undone(town);
});

test("a stop before anything was promised gives the start up", () => {
  const town = new ChargeTown().person(20_000);
  const tap = town.start();
  expect(town.order({ type: "StopCharge" }).reply).toMatchObject({ body: { status: "declined" } });
  town.run();
  expect(town.answer(order, tap.id)).toMatchObject(no("order.not-charging"));
  undone(town);
});

test("not plugged in: the order waits with a prompt and goes on by itself", () => {
  const town = new ChargeTown().person(20_000);
  town.start();
  town.run();
  town.says("ConnectorWaits", { why: "unplugged" });
  expect(town.view()).toMatchObject({ status: "starting", waiting: "unplugged" });
  town.started();
  expect(town.view()).toMatchObject({ status: "charging" });
  expect(town.incidents()).toEqual(["2.3 unplugged retrying"]);
});

test("a failed start keeps the hold until the pile has proven that nothing runs", () => {
  const town = new ChargeTown().person(20_000);
  town.start();
  town.run();
  town.says("ConnectorStartFailed", { why: "device-silent", proven: false });
  town.run();
  expect(town.view()).toMatchObject({
    status: "start-failed",
    why: "device-silent",
    holdFen: 6_600,
  });
  expect(town.balanceFen).toBe(13_400);
  expect(town.notices()).toEqual(["charge.start-failed"]);
  town.says("ConnectorStartFailed", { why: "late-start", proven: true });
  town.says("ConnectorStartFailed", { why: "late-start", proven: true });
  town.run();
  expect(town.view()).toMatchObject({ status: "start-failed", holdFen: 0 });
  expect(town.balanceFen).toBe(20_000);
  expect(town.incidents()).toEqual(["2.4 device-silent retrying"]);
  undone(town);
});

test("a proven failure releases at once", () => {
  const town = new ChargeTown().person(20_000);
  town.start();
  town.run();
  const cause = { code: "NotPlugged", by: "user" };
  town.says("ConnectorStartFailed", { why: "unplugged", cause, proven: true });
  town.run();
  expect(town.view()).toMatchObject({ status: "start-failed", cause, holdFen: 0 });
  expect(town.balanceFen).toBe(20_000);
  undone(town);
});

test("the pile does not take the start on: nothing runs, all is undone", () => {
  const town = new ChargeTown().person(20_000);
  town.pile.StartConnector = () => no("pile.offline");
  town.start();
  town.run();
  expect(town.view()).toMatchObject({ status: "start-failed", why: "pile.offline" });
  expect(town.balanceFen).toBe(20_000);
  undone(town);
});

test("a pile that says nothing at all is asked to stop beyond its own time limit", () => {
  const town = new ChargeTown().person(20_000);
  town.start();
  town.advance(settings.startMs);
  expect(town.status).toBe("starting");
  town.advance(30_000);
  expect(town.told("StopConnector")).toEqual([{ orderId: ORDER, connector: 1, by: "platform" }]);
  town.says("ConnectorStartFailed", { why: "device-silent", proven: true });
  town.run();
  expect(town.view()).toMatchObject({ status: "start-failed", why: "device-silent" });
  expect(town.balanceFen).toBe(20_000);
});

test("stopped while starting: it ends as a failed start that the driver wanted", () => {
  const town = new ChargeTown().person(20_000);
  town.start();
  town.run();
  expect(town.order({ type: "StopCharge" }).reply).toMatchObject({ body: { status: "stopping" } });
  town.says("ConnectorStartFailed", { why: "device-refused", proven: true });
  town.run();
  expect(town.view()).toMatchObject({ status: "start-failed", why: "stopped-by-user" });
  expect(town.incidents()).toEqual([]);
});

test("stopped while starting, but it had begun: the energy is billed", () => {
  const town = new ChargeTown().person(20_000);
  town.start();
  town.run();
  town.order({ type: "StopCharge" });
  town.started();
  expect(town.view()).toMatchObject({ status: "stopping", startedAt: "2026-05-04T02:00:00.000Z" });
  town.ended(100);
  town.run();
  expect(town.view()).toMatchObject({ status: "paid", ending: "user", bill: { totalFen: 10 } });
});

test("a stop that the pile does not know of proves that nothing ran", () => {
  const town = new ChargeTown().person(20_000);
  town.pile.StopConnector = () => no("pile.not-kept");
  town.start();
  town.run();
  town.order({ type: "StopCharge" });
  town.run();
  expect(town.view()).toMatchObject({ status: "start-failed", why: "stopped-by-user", holdFen: 0 });
  undone(town);
});

test("a stop that nothing proves is put before a person", () => {
  const town = new ChargeTown().person(20_000).charging();
  town.order({ type: "StopCharge" });
  town.advance(1_800_000);
  expect(town.incidents()).toEqual(["2.4 stop-unproven needs-person"]);
  expect(town.status).toBe("stopping");
});

test("by a bound account: no hold, no money limit, the debit comes at the end", () => {
  const town = new ChargeTown().person(0).bind("wechat");
  town.provider.create = () => ok({ status: "succeeded", fen: 1_000 });
  town.charging({ pay: { by: "wechat", autoCapture: true } });
  expect(town.told("StartConnector")).toMatchObject([{ holdFen: null }]);
  expect(town.told("PlaceHold")).toEqual([]);
  expect(town.view()).toMatchObject({ holdFen: 0 });
  town.ended(10_000);
  town.run();
  expect(town.view()).toMatchObject({ status: "paid" });
  expect(town.told("OpenPayment")).toMatchObject([
    { purpose: "bill", fen: 1_000, by: "wechat", contract: "C-1", energyFen: 700 },
  ]);
  expect(town.book()).toEqual({
    "provider:wechat": 1_000,
    "revenue:energy": -700,
    "revenue:service": -300,
  });
});

test.each(["wechat", "alipay"] as const)("by %s without a bound account: refused", (by) => {
  const town = new ChargeTown().person(20_000);
  const tap = town.start({ pay: { by, autoCapture: true } });
  town.run();
  expect(town.answer(order, tap.id)).toEqual(no("payment.not-bound", { by }));
});

test("without its safeguard the pile hears of the start before the money is held", () => {
  const town = new ChargeTown({ without: ["start.hold-before-command"] }).person(100);
  town.start();
  town.run();
  expect(town.status).toBe("declined");
  expect(town.told("StartConnector")).toHaveLength(1); // what the safeguard prevents
});

test.each([
  ["an old tap", { ageMs: 60_001 }, no("start.too-old", { ageMs: 60_001, maxMs: 60_000 })],
])("%s is refused before anything moves", (_what, more, refusal) => {
  const town = new ChargeTown().person(20_000);
  expect(town.start(more).reply).toEqual(refusal);
  expect(town.idle).toBe(true);
});

test("the same order is not begun twice", () => {
  const town = new ChargeTown().person(20_000);
  const tap = town.start();
  const again = { pileId: "P0001", connector: 1, tariffVersion: "tv_1", limit: {}, ageMs: 0 };
  const pay = { by: "wallet", autoCapture: true };
  expect(town.order({ type: "StartCharge", ...again, pay }, driver(USER), "other").reply).toEqual(
    no("order.exists", { orderId: ORDER }),
  );
  town.run();
  expect(town.start().reply).toEqual(town.answer(order, tap.id)); // the same key, the same answer
  expect(town.told("PlaceHold")).toHaveLength(1);
});

test("a second charge of the same user is refused while one runs", () => {
  const town = new ChargeTown().person(20_000).charging();
  const other = "ord_01kcharge0aaaabbbbccccother";
  const tap = town.start({ connector: 2 }, other);
  town.run();
  expect(town.answer({ kind: "order", id: other }, tap.id)).toEqual(
    no("user.order-open", { orderId: ORDER }),
  );
});

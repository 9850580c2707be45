// A charge begun by card: it runs before it is allowed, and ends if it is not.
import { expect, test } from "vitest";
import {
  ChargeTown,
  driver,
  no,
  ok,
  ORDER,
  PILE,
  settings,
  T0,
  tariff,
  USER,
} from "../../test/kit/charge-town.ts";

const pile = { kind: "actor" as const, id: `pile/${PILE}` };
const card = {
  type: "StartByCard",
  userId: USER,
  pileId: PILE,
  connector: 1,
  stationId: "stn_north",
  tariff,
  registerWh: 1_000,
  deviceAt: T0,
  ratedPowerW: 60_000,
  txId: 7,
};
const order = { kind: "order", id: ORDER };
const begin = (town: ChargeTown) => {
  const { id } = town.order(card, pile, "card-1");
  return () => town.answer(order, id);
};

test("it runs at once; the pile is answered when the hold stands; the bill is captured", () => {
  const town = new ChargeTown().person(20_000);
  const answer = begin(town);
  expect(town.view()).toMatchObject({ status: "charging", card: true });
  expect(answer()).toBeUndefined();
  town.run();
  expect(answer()).toEqual(ok());
  town.ended(10_000, { reason: "local" });
  town.run();
  expect(town.view()).toMatchObject({ status: "paid", ending: "vehicle" });
  expect(town.balanceFen).toBe(19_000);
  expect(town.timers("order", ORDER).size).toBe(0);
});

test("a refused hold stops the pile; the energy is nobody's bill", () => {
  const town = new ChargeTown().person(100);
  const answer = begin(town);
  town.run();
  expect(answer()).toEqual(no("wallet.balance-too-low", { needFen: 6_600, availableFen: 100 }));
  expect(town.view()).toMatchObject({ status: "start-failed", why: "wallet.balance-too-low" });
  expect(town.told("StopConnector")).toMatchObject([{ by: "platform" }]);
  expect(town.incidents()).toEqual(["1.4 wallet.balance-too-low handled"]);
  town.ended(50, { reason: "deauthorized" });
  town.run();
  expect(town.status).toBe("start-failed");
  expect(town.balanceFen).toBe(100);
  expect(town.state("user", USER)).toMatchObject({ openOrders: [] });
});

test("a blocked user: the hold that was asked for is released", () => {
  const town = new ChargeTown().person(20_000);
  const ops = { kind: "ops" as const, id: "ops_0001" };
  town.send({ kind: "user", id: USER }, { type: "BlockUser", reason: "fraud" }, ops);
  const answer = begin(town);
  town.run();
  expect(answer()).toMatchObject(no("user.blocked"));
  expect(town.balanceFen).toBe(20_000);
});

test("nobody allows it in time: stopped like a refusal", () => {
  const town = new ChargeTown({ pick: () => 0 }).person(20_000);
  const answer = begin(town);
  town.at += settings.authorizeMs;
  town.send(order, { type: "TimerFired", name: "authorize" }, { kind: "system", id: "timer" });
  expect(answer()).toEqual(no("order.no-answer"));
  town.run();
  expect(town.balanceFen).toBe(20_000);
});

test("stopped by its user while the wallet is still asked", () => {
  const town = new ChargeTown().person(100);
  const answer = begin(town);
  town.order({ type: "StopCharge" }, driver(USER));
  town.run();
  expect(answer()).toMatchObject(no("wallet.balance-too-low"));
  expect(town.told("StopConnector")).toHaveLength(1);
});

test("its end answers a card that still waits", () => {
  const town = new ChargeTown().person(20_000);
  const answer = begin(town);
  town.ended(1_000, { reason: "local" });
  expect(answer()).toEqual(ok());
  town.run();
  expect(town.view()).toMatchObject({ status: "paid" });
  expect(town.balanceFen).toBe(19_900);
});

test.each([
  ["another pile", { pileId: "P0009" }, "auth.forbidden"],
  ["a tariff that is none", { tariff: { version: "tv_1" } }, "pile.no-tariff"],
])("%s is refused", (_what, more, code) => {
  const town = new ChargeTown().person(20_000);
  expect(town.order({ ...card, ...more }, pile).reply).toMatchObject(no(code));
});

test("the same order is not begun twice", () => {
  const town = new ChargeTown().person(20_000);
  begin(town);
  expect(town.order(card, pile, "card-2").reply).toEqual(no("order.exists", { orderId: ORDER }));
});

// Why a charge ended and what it costs: endings, bills under review, reports told twice.
import { expect, test } from "vitest";
import {
  ChargeTown,
  driver,
  no,
  ops,
  ORDER,
  PILE,
  segment,
  T0,
  USER,
} from "../../test/kit/charge-town.ts";

const finance = { kind: "ops" as const, id: "ops_0002", roles: ["finance"] };

test.each([
  ["remote", {}, "ops"],
  ["remote", { limit: "energy" }, "limit"],
  ["local", {}, "vehicle"],
  ["other", {}, "vehicle"],
  ["limit", {}, "limit"],
  ["unplugged", {}, "gun-pulled"],
  ["emergency-stop", {}, "fault"],
  ["power-loss", {}, "fault"],
  ["reset", {}, "fault"],
  ["unlock", {}, "ops"],
  ["deauthorized", {}, "fault"],
  ["fault", {}, "fault"],
])("an end by %s with %j is an ending by %s", (reason, more, ending) => {
  const town = new ChargeTown().person(20_000).charging();
  town.ended(1_000, { reason, ...more });
  expect(town.view()).toMatchObject({ ending });
});

test.each([
  ["the driver", () => driver(USER), { type: "StopCharge" }, "user"],
  ["ops", () => ops, { type: "StopCharge" }, "ops"],
  ["ops by force", () => ops, { type: "ForceStop", reason: "blocks the bay" }, "ops"],
])("a remote end is put down to %s who asked for it", (_who, principal, command, ending) => {
  const town = new ChargeTown().person(20_000).charging();
  town.order(command, principal());
  town.ended(1_000);
  expect(town.view()).toMatchObject({ ending });
});

test.each([
  ["unplugged", undefined, "2.7 unplugged handled", "charge.gun-pulled"],
  ["fault", { code: "OverCurrent", by: "pile" }, "2.8 OverCurrent handled", "charge.fault"],
  ["fault", { code: "BMS-09", by: "vehicle" }, "1.9 BMS-09 handled", "charge.vehicle-fault"],
  ["emergency-stop", undefined, "2.8 emergency-stop handled", "charge.fault"],
  ["power-loss", undefined, "2.2 power-loss handled", "charge.fault"],
])(
  "an abnormal end by %s %j is on record and told to the driver once",
  (reason, cause, on, code) => {
    const town = new ChargeTown().person(20_000).charging();
    town.ended(1_000, { reason, ...(cause ? { cause } : {}) });
    town.run();
    expect(town.incidents()).toEqual([on]);
    expect(town.notices()).toEqual([code]);
    expect(town.view()).toMatchObject({ status: "paid", bill: { totalFen: 100 } });
  },
);

test.each<[string, object, string[], string, object]>([
  ["ops by force", {}, ["1.7 ops-stopped handled"], "charge.ops-stopped", {
    why: "blocks the bay",
  }],
  [
    "a hand that nobody told",
    { reason: "unlock" },
    ["1.7 ops-stopped handled"],
    "charge.ops-stopped",
    {},
  ],
  ["the chosen energy", { limit: "energy" }, [], "charge.limit-reached", { why: "energy" }],
  ["the pile's own count of it", { reason: "limit" }, [], "charge.limit-reached", {}],
  [
    "the longest charge there is",
    { limit: "platform" },
    ["1.7 platform-max handled"],
    "charge.limit-reached",
    { why: "platform" },
  ],
])("ended by %s, its driver is told once, and why", (_who, more, on, code, why) => {
  const town = new ChargeTown().person(20_000).charging();
  if (Object.keys(more).length === 0) {
    town.order({ type: "ForceStop", reason: "blocks the bay" }, ops);
  }
  const end = { reason: "remote", deviceAt: T0 + 60_000, ...more };
  town.ended(1_000, end);
  town.ended(1_000, end);
  town.run();
  expect(town.incidents()).toEqual(on);
  expect(town.noticed()).toEqual([
    { code, facts: { orderId: ORDER, pileId: PILE, energyWh: 1_000, totalFen: 100, ...why } },
  ]);
});

test("who stopped it by hand, or at the car, is not told of it", () => {
  for (const stop of [{ type: "StopCharge" }, null]) {
    const town = new ChargeTown().person(20_000).charging();
    if (stop) town.order(stop);
    town.ended(1_000);
    town.run();
    expect(town.noticed()).toEqual([]);
  }
});

test("a charge of no cost is paid at once and frees its hold", () => {
  const town = new ChargeTown().person(20_000).charging({
    pay: { by: "wallet", autoCapture: false },
  });
  town.ended(0);
  town.run();
  expect(town.view()).toMatchObject({ status: "paid", bill: { totalFen: 0 }, holdFen: 0 });
  expect(town.balanceFen).toBe(20_000);
});

test("an end whose start was never told is billed from its own registers", () => {
  const town = new ChargeTown().person(20_000);
  town.start();
  town.run();
  town.ended(2_000);
  town.run();
  expect(town.view()).toMatchObject({ status: "paid", bill: { totalFen: 200 } });
});

test.each([
  ["the pile says so", { implausible: "over rated power" }, "over rated power"],
  ["segments and register differ", { registerWh: 9_000 }, "segments and register differ"],
  ["the register fell", { registerWh: 900 }, "the register fell"],
])("a bill is held for a person where %s", (_why, more, review) => {
  const town = new ChargeTown().person(20_000).charging();
  town.ended(1_000, more);
  town.run();
  expect(town.view()).toMatchObject({ status: "bill-review", holdFen: 6_600, next: ["help"] });
  expect(town.state("order", ORDER)).toMatchObject({ review });
  expect(town.incidents()).toEqual(["2.8 implausible-meter needs-person"]);
  expect(town.notices()).toEqual(["charge.bill-held"]);
  expect(town.state("user", USER)).toMatchObject({ openOrders: [] });
});

test("a held bill is charged once a person accepts it", () => {
  const town = new ChargeTown().person(20_000).charging();
  town.ended(1_000, { implausible: "jump" });
  const accept = { type: "DecideReview", accept: true, reason: "meter was read on site" };
  expect(town.order(accept, finance).reply).toMatchObject({ body: { status: "awaiting-payment" } });
  town.run();
  expect(town.view()).toMatchObject({ status: "paid", dues: [{ fen: 100, status: "paid" }] });
});

test("a held bill that a person waives costs nothing", () => {
  const town = new ChargeTown().person(20_000).charging();
  town.ended(1_000, { implausible: "jump" });
  town.order({ type: "DecideReview", accept: false, reason: "meter broken" }, finance);
  town.run();
  expect(town.view()).toMatchObject({ status: "paid", dues: [{ fen: 0, status: "paid" }] });
  expect(town.balanceFen).toBe(20_000);
});

test("a held bill is no matter for an operator, nor is a running charge for finance", () => {
  const town = new ChargeTown().person(20_000).charging();
  const accept = { type: "DecideReview", accept: true, reason: "because" };
  expect(town.order(accept, ops).reply).toEqual(no("auth.forbidden"));
  expect(town.order(accept, finance).reply).toEqual(
    no("order.nothing-due", { status: "charging" }),
  );
});

test("without its safeguard an implausible bill is charged", () => {
  const town = new ChargeTown({ without: ["bill.plausibility"] }).person(20_000).charging();
  town.ended(1_000, { implausible: "jump" });
  town.run();
  expect(town.status).toBe("paid"); // what the safeguard prevents
});

test("a second report of the end moves no money; a different one is noted", () => {
  const town = new ChargeTown().person(20_000).charging();
  town.ended(1_000);
  town.run();
  const { length } = town.log;
  town.ended(1_000);
  expect(town.log).toHaveLength(length);
  town.ended(2_000);
  town.run();
  expect(town.types("order", ORDER).slice(-1)).toEqual(["FactNoted"]);
  expect(town.balanceFen).toBe(19_900);
  expect(town.view()).toMatchObject({ status: "paid", bill: { totalFen: 100 } });
});

test("an end after a failed start proves that nothing runs; its energy is nobody's bill", () => {
  const town = new ChargeTown().person(20_000);
  town.start();
  town.run();
  town.says("ConnectorStartFailed", { why: "device-silent", proven: false });
  town.ended(500);
  town.run();
  expect(town.view()).toMatchObject({ status: "start-failed", holdFen: 0 });
  expect(town.balanceFen).toBe(20_000);
});

test("readings that go back, or say nothing new, are not taken over", () => {
  const town = new ChargeTown().person(20_000).charging();
  const read = (wh: number, at: number) =>
    town.says("MeterAdvanced", {
      registerWh: 1_000 + wh,
      deviceAt: T0 + at,
      segments: [segment(wh)],
    });
  read(500, 10_000);
  read(500, 10_000);
  read(400, 20_000);
  read(900, 5_000);
  expect(town.view()).toMatchObject({ live: { energyWh: 500, n: 1, powerW: 180_000 } });
});

test("only the order's own pile may speak of it", () => {
  const town = new ChargeTown().person(20_000).charging();
  const end = {
    reason: "remote",
    startRegisterWh: 0,
    registerWh: 0,
    deviceAt: T0,
    segments: [],
  };
  expect(town.says("ConnectorEnded", end, ORDER, "P0002").reply).toEqual(no("auth.forbidden"));
  expect(town.says("ConnectorEnded", end, "ord_nobody0001").reply).toEqual(
    no("order.unknown", { orderId: "ord_nobody0001" }),
  );
  expect(PILE).not.toBe("P0002");
});

test("a stop is answered with the final order, never refused, once it is over", () => {
  const town = new ChargeTown().person(20_000).charging();
  town.ended(1_000);
  town.run();
  expect(town.order({ type: "StopCharge" }).reply).toMatchObject({ body: { status: "paid" } });
  expect(town.order({ type: "ForceStop", reason: "late" }, ops).reply).toMatchObject({
    body: { status: "paid" },
  });
  expect(town.events("order", ORDER).slice(-1)).toEqual([
    { type: "FactNoted", fact: "force-stop", facts: { reason: "late", who: "ops_0001" } },
  ]);
});

test.each([
  ["another driver", driver("usr_other001")],
  ["ops of another station", { ...ops, scope: ["stn_south"] }],
])("%s sees no such order", (_who, principal) => {
  const town = new ChargeTown().person(20_000).charging();
  const unknown = no("order.unknown", { orderId: ORDER });
  expect(town.order({ type: "StopCharge" }, principal).reply).toEqual(unknown);
  expect(town.view(principal)).toEqual({ refused: "order.unknown" });
});

test("stopping a charge twice tells the pile once", () => {
  const town = new ChargeTown().person(20_000).charging();
  town.order({ type: "StopCharge" });
  town.order({ type: "StopCharge" });
  town.order({ type: "ForceStop", reason: "help desk" }, ops);
  town.run();
  expect(town.told("StopConnector")).toEqual([{ orderId: ORDER, connector: 1, by: "user" }]);
});

// Flow A of one charge over order, user, wallet and payment, with the pile and the provider played.
import { expect, test } from "vitest";
import { ChargeTown, no, ORDER, PILE, T0, USER } from "../../test/kit/charge-town.ts";
import { order } from "./mod.ts";

test("a charge by wallet with consent runs from the tap to the receipt", () => {
  const town = new ChargeTown().person(20_000);
  const tap = town.start();
  expect(tap.reply).toBeUndefined();
  town.run();
  expect(town.answer({ kind: "order", id: ORDER }, tap.id)).toMatchObject({
    ok: true,
    body: { id: ORDER, status: "starting", holdFen: 6_600, next: ["stop", "help"] },
  });
  expect(town.told("StartConnector")).toEqual([
    { orderId: ORDER, connector: 1, limit: {}, holdFen: 6_600 },
  ]);
  expect(town.balanceFen).toBe(13_400);

  town.started();
  expect(town.status).toBe("charging");
  town.says("MeterAdvanced", {
    registerWh: 6_000,
    deviceAt: T0 + 30_000,
    socPct: 40,
    segments: [{ ...seg, wh: 5_000 }],
  });
  expect(town.view().live).toMatchObject({ energyWh: 5_000, costFen: 500, socPct: 40, n: 1 });

  expect(town.order({ type: "StopCharge" }).reply).toMatchObject({
    ok: true,
    body: { status: "stopping" },
  });
  town.ended(10_000);
  town.run();
  expect(town.view()).toMatchObject({
    status: "paid",
    ending: "user",
    bill: { totalFen: 1_000, energyFen: 700, serviceFen: 300, energyWh: 10_000 },
    holdFen: 0,
    dues: [{ purpose: "charge", fen: 1_000, status: "paid" }],
    next: ["receipt", "appeal"],
  });
  expect(town.balanceFen).toBe(19_000);
  expect(town.book()).toEqual({
    "provider:wechat": 20_000,
    [`wallet:${USER}`]: -19_000,
    [`hold:${ORDER}`]: 0,
    "revenue:energy": -700,
    "revenue:service": -300,
  });
  expect(town.state("user", USER)).toMatchObject({ openOrders: [], debts: [] });
  expect(town.told("StopConnector")).toEqual([{ orderId: ORDER, connector: 1, by: "user" }]);
  expect(town.idle).toBe(true);
});
const seg = {
  fromAt: T0,
  toAt: T0 + 60_000,
  kind: "peak",
  energyMilliFenPerKwh: 70_000,
  serviceMilliFenPerKwh: 30_000,
  wh: 0,
  source: "pile",
};

test("a loser of the race for the connector never has a hold", () => {
  const town = new ChargeTown().person(20_000);
  town.pile.KeepConnector = () => no("pile.occupied", { connector: 1 });
  const tap = town.start();
  town.run();
  expect(town.answer({ kind: "order", id: ORDER }, tap.id)).toEqual(
    no("pile.occupied", { connector: 1 }),
  );
  expect(town.told("PlaceHold")).toEqual([]);
  expect(town.told("LetConnectorGo")).toEqual([]);
  expect(town.state("user", USER)).toMatchObject({ openOrders: [] });
  expect(town.view()).toMatchObject({ status: "declined", why: "pile.occupied", next: ["retry"] });
});

test("too little balance: the connector is let go, the driver told how much is needed", () => {
  const town = new ChargeTown().person(5_000);
  const tap = town.start();
  town.run();
  expect(town.answer({ kind: "order", id: ORDER }, tap.id)).toEqual(
    no("wallet.balance-too-low", { needFen: 6_600, availableFen: 5_000 }),
  );
  expect(town.told("LetConnectorGo")).toEqual([{ orderId: ORDER, connector: 1 }]);
  expect(town.told("ReleaseHold")).toEqual([]);
  expect(town.incidents()).toEqual(["1.4 wallet.balance-too-low handled"]);
});

test("the last message to each target says that it is the last", () => {
  const lasts = (town: ChargeTown) =>
    town.delivered.flatMap(({ from, message }) =>
      from.kind === "order" && message.do === "tell" && message.last ? [message.type] : []
    );
  const paid = new ChargeTown().person(20_000).charging();
  paid.order({ type: "StopCharge" });
  paid.ended(10_000);
  paid.run();
  expect(lasts(paid)).toEqual(["StopConnector"]); // a debt may follow until it is paid
  const free = new ChargeTown().person(20_000).charging();
  free.ended(0);
  free.run();
  expect(lasts(free)).toEqual(["CloseOrder", "ReleaseHold"]);
  const declined = new ChargeTown().person(0);
  declined.start();
  declined.run();
  expect(lasts(declined)).toEqual(["LetConnectorGo", "CloseOrder"]);
});

test("an order is over once it is declined, paid, or proven never to have run", () => {
  const over = (town: ChargeTown) => order.ended?.(town.state("order", ORDER));
  const town = new ChargeTown().person(20_000);
  town.start();
  town.run();
  expect(over(town)).toBe(false);
  town.says("ConnectorStartFailed", { why: "device-silent", proven: false });
  expect(over(town)).toBe(false);
  town.says("ConnectorStartFailed", { why: "device-silent", proven: true });
  expect(over(town)).toBe(true);
  const paid = new ChargeTown().person(20_000).charging();
  expect(over(paid)).toBe(false);
  paid.ended(10);
  paid.run();
  expect(over(paid)).toBe(true);
  const declined = new ChargeTown().person(0);
  declined.start();
  declined.run();
  expect(over(declined)).toBe(true);
});

test("reads are for those who may know of the order; there is no other read than show", () => {
  const town = new ChargeTown().person(20_000).charging();
  const at = { kind: "order", id: ORDER };
  for (const kind of ["system", "actor"] as const) {
    expect(town.read(at, "show", { kind, id: "x" })).toMatchObject({ ok: true });
  }
  for (const kind of ["device", "provider"] as const) {
    expect(town.read(at, "show", { kind, id: PILE })).toMatchObject(no("order.unknown"));
  }
  const here = { kind: "ops" as const, id: "ops_0001", scope: ["stn_north"] };
  expect(town.read(at, "show", here)).toMatchObject({ ok: true, body: { v: 5 } });
  expect(town.read(at, "all", here)).toMatchObject(no("request.not-found"));
  expect(town.read({ kind: "order", id: "ord_none0001" }, "show", here)).toMatchObject(
    no("order.unknown"),
  );
});

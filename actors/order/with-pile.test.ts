// Orders against the real pile: what both say to each other fits, from the tap to the last reading.
import { expect, test } from "vitest";
import { no, ok, ops, ORDER, PILE, settings, USER } from "../../test/kit/charge-town.ts";
import { RealTown } from "../../test/kit/real-town.ts";

type Body = Record<string, unknown>;
const at = { kind: "pile", id: PILE };

const begun = (fen = 20_000, more: Body = {}) => {
  const town = new RealTown().person(fen);
  town.start(more);
  town.run();
  return town;
};

test("tap, plug, charge, stop, bill: both sides agree on every watt-hour", () => {
  const town = begun();
  expect(town.status).toBe("starting");
  expect(town.commands).toEqual(["start"]);
  town.fact("ReportStarted", { registerWh: 5_000, orderId: ORDER });
  expect(town.status).toBe("charging");
  town.advance(300_000);
  town.fact("ReportMeter", { registerWh: 10_000, powerW: 60_000, socPct: 51 });
  expect(town.view().live).toMatchObject({ energyWh: 5_000, powerW: 60_000, socPct: 51 });
  town.order({ type: "StopCharge" });
  town.run();
  expect(town.commands).toEqual(["start", "stop"]);
  town.advance(2_000);
  town.fact("ReportEnded", { registerWh: 10_030, orderId: ORDER, reason: "remote" });
  expect(town.view()).toMatchObject({
    status: "paid",
    ending: "user",
    bill: { energyWh: 5_030, totalFen: 503, startRegisterWh: 5_000, stopRegisterWh: 10_030 },
  });
  expect(town.balanceFen).toBe(20_000 - 503);
  expect(town.incidents()).toEqual(["2.5 reading-gap retrying"]); // five minutes without one
});

test.each([
  ["local", undefined, "vehicle", []],
  ["unplugged", undefined, "gun-pulled", ["charge.gun-pulled"]],
  ["fault", { code: "BST-3", by: "vehicle" }, "fault", ["charge.vehicle-fault"]],
])("an end by %s that the pile reports is billed by its meter", (reason, cause, ending, told) => {
  const town = begun();
  town.fact("ReportStarted", { registerWh: 5_000, orderId: ORDER });
  town.advance(60_000);
  const why = { reason, ...(cause ? { cause } : {}) };
  town.fact("ReportEnded", { registerWh: 6_000, orderId: ORDER, ...why });
  expect(town.view()).toMatchObject({ status: "paid", ending, bill: { totalFen: 100 } });
  const ofCharge = town.notices().filter((code) => code.startsWith("charge."));
  expect(ofCharge).toEqual(told);
});

test("a device that refuses the start: told, and the hold is free", () => {
  const town = new RealTown().person(20_000);
  town.device.start = () => ok({ outcome: "refused", code: "busy" });
  town.start();
  town.advance(settings.startMs + 120_000);
  expect(town.view()).toMatchObject({ status: "start-failed", holdFen: 0 });
  expect(town.balanceFen).toBe(20_000);
  expect(town.notices()).toEqual(["charge.start-failed"]);
  expect(town.state("user", USER)).toMatchObject({ openOrders: [] });
});

test("a device that never answers: asked, tried again, given up, proven idle, released", () => {
  const town = new RealTown().person(20_000);
  town.device.start = () => no("outcome.unknown");
  town.start();
  town.advance(settings.startMs + 120_000);
  expect(town.commands).toContain("ask");
  expect(town.view()).toMatchObject({ status: "start-failed", holdFen: 0 });
  expect(town.balanceFen).toBe(20_000);
});

test("stopped while starting: the pile undoes it and the hold is free", () => {
  const town = begun();
  expect(town.order({ type: "StopCharge" }).reply).toMatchObject({ body: { status: "stopping" } });
  town.advance(120_000);
  expect(town.view()).toMatchObject({ status: "start-failed", why: "stopped-by-user", holdFen: 0 });
  expect(town.balanceFen).toBe(20_000);
});

test("an offline pile is refused before money moves", () => {
  const town = new RealTown().person(20_000);
  town.loseLink();
  const tap = town.start();
  town.run();
  expect(town.answer({ kind: "order", id: ORDER }, tap.id)).toMatchObject(no("pile.offline"));
  expect(town.told("PlaceHold")).toEqual([]);
});

test("by card: accepted and billed, or blocked and nobody's bill", () => {
  const card = { registerWh: 5_000, idTag: "CARD1", cardUserId: USER };
  const good = new RealTown().person(20_000);
  good.fact("ReportStarted", card);
  const orderId = orderOf(good);
  expect(good.state<{ status: string }>("order", orderId).status).toBe("charging");
  good.advance(60_000);
  good.fact("ReportEnded", { registerWh: 6_000, idTag: "CARD1", reason: "local" });
  expect(good.state("order", orderId)).toMatchObject({ status: "paid", paidFen: 100 });

  const poor = new RealTown().person(100);
  poor.fact("ReportStarted", card);
  expect(poor.state("order", orderOf(poor))).toMatchObject({
    status: "start-failed",
    proven: true,
  });
  expect(poor.commands).toContain("stop");
  poor.advance(10_000);
  poor.fact("ReportEnded", { registerWh: 5_040, idTag: "CARD1", reason: "deauthorized" });
  expect(poor.state("order", orderOf(poor))).toMatchObject({ status: "start-failed" });
  expect(poor.balanceFen).toBe(100);
  expect(poor.read(at, "show", ops)).toMatchObject({ ok: true, body: { unattributedWh: 40 } });
});
const orderOf = (town: RealTown): string =>
  town.log.find(({ event }) => event.type === "CardChargeStarted")!.actor.id;

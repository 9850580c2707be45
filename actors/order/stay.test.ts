// The bay after the charge, with the real pile: what is free, what it costs, who is told, how it is paid,
// and how ops release it.
import { expect, test } from "vitest";
import { driver, no, ok, ORDER, PILE, settings, USER } from "../../test/kit/charge-town.ts";
import { RealTown } from "../../test/kit/real-town.ts";
import type { Safeguard } from "../../wire/safeguards.ts";
import type { ChargingSettings } from "../../wire/settings.ts";

const MIN = 60_000;
const order = { kind: "order", id: ORDER };
const operator = { kind: "ops" as const, id: "ops_0001", roles: ["operator"] };
const service = { kind: "ops" as const, id: "ops_0002", roles: ["service"] };
const byHand = { pay: { by: "wallet", autoCapture: false } };

function charging(
  more: Record<string, unknown> = {},
  fen = 20_000,
  without: Safeguard[] = [],
  changed: Partial<ChargingSettings> = {},
) {
  const town = new RealTown(without, changed).person(fen);
  town.start(more);
  town.run();
  town.fact("ReportStarted", { registerWh: 5_000, orderId: ORDER });
  town.advance(MIN);
  return town;
}
/** A charge of 1 yuan is over and paid or not; its car is still plugged in. */
function over(...as: Parameters<typeof charging>) {
  const town = charging(...as);
  town.fact("ReportEnded", { registerWh: 6_000, orderId: ORDER, reason: "local" });
  return town;
}
const unplug = (town: RealTown) => town.fact("ReportPlug", { plugged: false });
const bays = (town: RealTown) => town.notices().filter((code) => code.startsWith("bay."));
const due = (town: RealTown) =>
  (town.view().dues as { purpose: string; fen: number; status: string }[])
    .find(({ purpose }) => purpose === "overstay");
const stay = (town: RealTown) => town.view().stay as Record<string, unknown>;

test("leaving within the grace costs nothing, and its driver heard of the rule", () => {
  const town = over();
  expect(town.noticed().at(-1)).toMatchObject({
    code: "bay.ended",
    facts: { fenPerMinute: 50, capFen: 5_000, orderId: ORDER },
  });
  town.advance(15 * MIN - 1);
  unplug(town);
  expect(due(town)).toBeUndefined();
  expect(bays(town)).toEqual(["bay.ended", "bay.fee-soon"]);
  expect(stay(town)).toMatchObject({ leftAt: expect.any(String) });
  expect(town.timers("order", ORDER).has("stay")).toBe(false);
});

test("told at the end, before the grace ends, at the start of the fee, then hourly", () => {
  const town = over();
  const at = (minutes: number) => {
    town.advance(minutes * MIN);
    return bays(town).length;
  };
  expect([at(9), at(1), at(4), at(1), at(59), at(1), at(59), at(1)]).toEqual(
    [1, 2, 2, 3, 3, 4, 4, 6],
  );
  expect(bays(town).slice(1)).toEqual(
    ["bay.fee-soon", "bay.fee-runs", "bay.fee-runs", "bay.fee-capped", "bay.fee-due"],
  );
});

test("after the grace each whole minute costs, until the gun is out; by consent it is taken", () => {
  const town = over();
  const paidFen = town.balanceFen;
  town.advance(15 * MIN + 10 * MIN + 59_000);
  unplug(town);
  expect(due(town)).toMatchObject({ fen: 500, status: "paid" });
  expect(town.balanceFen).toBe(paidFen - 500);
  expect(town.book()["revenue:overstay"]).toBe(-500);
  expect(town.view().status).toBe("paid");
  town.advance(600 * MIN);
  expect(due(town)).toMatchObject({ fen: 500 });
});

test("late news of the unplugging: the fee ends when the gun was out", () => {
  const town = over(byHand);
  const outAt = town.at + 20 * MIN + 1;
  town.advance(28 * MIN);
  town.fact("ReportPlug", { plugged: false, deviceAt: outAt });
  expect(due(town)).toMatchObject({ fen: 5 * 50 });
});

test("capped: due at the cap though the car still stands there", () => {
  const town = over(byHand);
  town.advance((15 + 180) * MIN);
  expect(due(town)).toMatchObject({ fen: 5_000, status: "open" });
  unplug(town);
  expect(due(town)).toMatchObject({ fen: 5_000 });
  expect(town.told("CountOverstay")).toHaveLength(1);
});

test("ended by the pile's own fault: no word of a fee before it could begin", () => {
  const town = charging();
  const cause = { code: "over-temperature", by: "pile" };
  town.fact("ReportFault", { cause, severity: "critical" });
  town.fact("ReportEnded", { registerWh: 6_000, orderId: ORDER, reason: "fault" });
  town.advance(60 * MIN);
  expect(due(town)).toBeUndefined();
  expect(bays(town)).toEqual([]);
  town.send({ kind: "pile", id: PILE }, { type: "EnablePile", reason: "looked at" }, operator);
  town.run();
  town.advance(1);
  expect(bays(town)).toEqual(["bay.fee-soon"]);
});

test("offline, faulted and out of service are free, whatever overlaps", () => {
  const town = over(byHand);
  town.advance(20 * MIN); // 5 paid
  town.loseLink();
  town.advance(30 * MIN);
  town.openLink();
  town.advance(5 * MIN); // 10 paid
  const cause = { code: "leakage", by: "pile" };
  town.fact("ReportFault", { cause, severity: "critical" });
  town.advance(10 * MIN);
  town.loseLink();
  town.advance(10 * MIN);
  town.send({ kind: "pile", id: PILE }, { type: "EnablePile", reason: "looked at" }, operator);
  town.run();
  town.openLink();
  town.advance(5 * MIN); // 15 paid
  unplug(town);
  expect(due(town)).toMatchObject({ fen: 15 * 50, status: "open" });
  expect(stay(town)).toMatchObject({ bill: { blockedMs: 50 * MIN } });
});

test("a pile that is offline over the end of the grace: told when it is back, free until then", () => {
  const town = over(byHand);
  town.loseLink();
  town.advance(60 * MIN);
  expect(bays(town)).toEqual(["bay.ended"]);
  town.openLink();
  expect(bays(town)).toEqual(["bay.ended"]);
  town.advance(1);
  expect(bays(town)).toEqual(["bay.ended", "bay.fee-soon"]);
  town.advance(5 * MIN);
  expect(bays(town).at(-1)).toBe("bay.fee-runs");
  town.advance(2 * MIN);
  unplug(town);
  expect(due(town)).toMatchObject({ fen: 100 });
});

test("charging again at the same gun ends the stay; giving up before does not", () => {
  const town = over(byHand);
  const again = "ord_01kcharge0aaaabbbbccccd222";
  town.order({ type: "PayOrder", purpose: "charge", by: "wallet" });
  town.run();
  town.advance(20 * MIN);
  town.start(byHand, again);
  town.run();
  town.send({ kind: "order", id: again }, { type: "StopCharge" }, driver(USER));
  town.run();
  town.advance(5 * MIN);
  expect(stay(town)).not.toHaveProperty("leftAt");
  const third = "ord_01kcharge0aaaabbbbccccd333";
  town.start(byHand, third);
  town.run();
  town.fact("ReportStarted", { registerWh: 6_000, orderId: third });
  expect(due(town)).toMatchObject({ fen: 500 });
});

const pay = (town: RealTown, by: string) => {
  const { id } = town.order({ type: "PayOrder", purpose: "overstay", by });
  town.run();
  return town.answer(order, id);
};
const owing = (fen = 20_000) => {
  const town = over(byHand, fen);
  town.order({ type: "PayOrder", purpose: "charge", by: "wallet" });
  town.advance(25 * MIN);
  unplug(town);
  expect(due(town)).toMatchObject({ fen: 500, status: "open" });
  return town;
};

test("paid by hand, from the balance or through a provider, once", () => {
  const town = owing();
  expect(town.view().next).toEqual(["receipt", "appeal", "pay-overstay", "appeal-overstay"]);
  expect(pay(town, "wallet")).toEqual(ok({ status: "succeeded" }));
  expect(pay(town, "wallet")).toEqual(no("due.closed", { purpose: "overstay" }));
  const other = owing();
  const paymentId = `pay_${ORDER.slice(4)}-s1`;
  expect(pay(other, "wechat")).toEqual(ok({ paymentId, status: "open" }));
  expect(pay(other, "alipay")).toMatchObject(no("payment.other-open", { paymentId }));
  other.send({ kind: "payment", id: paymentId }, {
    type: "ProviderReported",
    outcome: "succeeded",
    fen: 500,
    providerRef: "420",
  }, { kind: "provider", id: "wechat" });
  other.run();
  expect(due(other)).toMatchObject({ status: "paid" });
  expect(other.book()).toMatchObject({ "revenue:overstay": -500, "provider:wechat": 20_500 });
});

test("not paid in time it is a debt: no new charge until the next recharge has paid it", () => {
  const town = owing(6_700); // enough for a hold, not for the fee as well
  town.send({ kind: "wallet", id: USER }, {
    type: "PlaceHold",
    orderId: "ord_other00001",
    fen: 6_500,
  }, { kind: "actor", id: "order/ord_other00001" });
  expect(pay(town, "wallet")).toMatchObject(no("wallet.balance-too-low"));
  town.advance(settings.payLimitMs);
  expect(due(town)).toMatchObject({ status: "overdue" });
  expect(bays(town).at(-1)).toBe("bay.fee-overdue");
  const next = "ord_01kcharge0aaaabbbbccccd444";
  const tap = town.start({}, next);
  town.run();
  expect(town.answer({ kind: "order", id: next }, tap.id)).toMatchObject(
    no("user.debt-open", { orderId: ORDER, fen: 500 }),
  );
  const body = { paymentId: "pay_second0001", purpose: "recharge", by: "wechat", fen: 1_000 };
  const split = { energyFen: 0, serviceFen: 0 };
  const from = { kind: "actor" as const, id: "payment/pay_second0001" };
  town.send({ kind: "wallet", id: USER }, { type: "BookPayment", ...body, ...split }, from);
  town.send({ kind: "user", id: USER }, { type: "CollectDebts" }, from);
  town.run();
  expect(due(town)).toMatchObject({ status: "paid" });
  expect(town.state("user", USER)).toMatchObject({ debts: [] });
});

test("an appeal is a ticket; granted, the fee comes back once and counts no more", () => {
  const town = owing();
  pay(town, "wallet");
  const before = town.balanceFen;
  town.order({ type: "AppealOverstay", text: "道闸打不开" });
  town.run();
  const ticket = { kind: "ticket", id: `tkt_${ORDER.slice(4)}-bay` };
  expect(town.read(ticket, "show", service)).toMatchObject({
    body: { status: "open", userId: USER, lines: [{ text: "道闸打不开" }] },
  });
  const decision = { type: "DecideOverstay", waive: true, reason: "gate was shut" };
  expect(town.order(decision, operator).reply).toMatchObject(no("auth.forbidden"));
  town.order(decision, service);
  town.run();
  expect(due(town)).toMatchObject({ status: "waived" });
  expect(town.balanceFen).toBe(before + 500);
  expect(town.book()["revenue:overstay"]).toBe(0);
  expect(town.read(ticket, "show", service)).toMatchObject({ body: { status: "closed" } });
  expect(town.state("user", USER)).toMatchObject({ overstays: [] });
  expect(town.order(decision, service).reply).toMatchObject(no("order.nothing-due"));
  expect(stay(town)).toMatchObject({ appeal: { status: "granted", reason: "gate was shut" } });
});

test("gun and bay are released only after the driver was told, with a second confirmation", () => {
  const town = over(byHand);
  const release = (more: Record<string, unknown> = {}, who = operator) => {
    const { reply } = town.order(
      { type: "ReleaseBay", reason: "blocks", shut: true, ...more },
      who,
    );
    town.run();
    return reply;
  };
  const confirm = `${PILE}/1`;
  expect(release({ confirm })).toMatchObject(no("bay.not-told"));
  expect(release({ confirm }, service)).toMatchObject(no("auth.forbidden"));
  town.order({ type: "WarnBay", reason: "blocks the bay" }, service);
  town.run();
  expect(bays(town).at(-1)).toBe("bay.release-warned");
  expect(release({ confirm })).toMatchObject(no("bay.too-early"));
  town.advance(settings.bayWarnMs);
  expect(release()).toMatchObject(no("bay.unconfirmed", { confirm, shut: true }));
  expect(town.commands).not.toContain("unlock");
  expect(release({ confirm })).toMatchObject({ ok: true });
  expect(town.commands.filter((kind) => kind === "unlock")).toHaveLength(1);
  expect(stay(town)).toMatchObject({
    release: { status: "unlocked", reason: "blocks", shut: true },
  });
  expect(town.read({ kind: "pile", id: PILE }, "show", operator)).toMatchObject({
    body: { disabled: true },
  });
  expect(bays(town).at(-1)).toBe("bay.released");
  expect(town.incidents()).toContain("4.2 force-unlock handled");
  town.advance(300 * MIN); // shut by us: it costs nothing
  unplug(town);
  expect(due(town)).toBeUndefined();
  expect(release({ confirm })).toMatchObject(no("bay.not-taken"));
});

test("a gun that does not unlock is tried again, then a person has to go there", () => {
  const town = over(byHand);
  town.device.unlock = () => no("outcome.unknown");
  town.order({ type: "WarnBay", reason: "blocks" }, service);
  town.advance(settings.bayWarnMs);
  const confirm = `${PILE}/1`;
  town.order({ type: "ReleaseBay", reason: "blocks", shut: false, confirm }, operator);
  town.run();
  expect(town.commands.filter((kind) => kind === "unlock")).toHaveLength(3);
  expect(stay(town)).toMatchObject({ release: { status: "failed", why: "no-answer" } });
  expect(town.incidents()).toContain("4.2 force-unlock needs-person");
  town.loseLink();
  town.order({ type: "ReleaseBay", reason: "blocks", shut: false, confirm }, operator);
  town.run();
  expect(stay(town)).toMatchObject({ release: { status: "failed", why: "offline" } });
});

test("a parking system is told and asked; where it still sees a car somebody looks", () => {
  const town = over(byHand, 20_000, [], { parking: true });
  const calls = () =>
    town.delivered.flatMap(({ message }) =>
      message.do === "call" && message.port === "parking"
        ? [(message.body.event as { event?: { kind: string } } | undefined)?.event?.kind ?? "ask"]
        : []
    );
  expect(calls()).toEqual(["charge-ended"]);
  town.advance(16 * MIN);
  expect(calls()).toEqual(["charge-ended", "fee-started"]);
  town.parked = "taken";
  unplug(town);
  town.advance(settings.bayAskMs - 1);
  expect(calls()).toEqual(["charge-ended", "fee-started", "unplugged"]);
  town.advance(1);
  expect(calls().at(-1)).toBe("ask");
  const patrol = (suffix: string) => ({ kind: "patrol", id: `ptl_${ORDER.slice(4)}${suffix}` });
  expect(town.read(patrol(""), "show", service)).toMatchObject({ body: { status: "withdrawn" } });
  expect(town.read(patrol("-p"), "show", service)).toMatchObject({
    body: { status: "open", cause: "still-parked", pileId: PILE, connector: 1 },
  });
  const free = over(byHand, 20_000, [], { parking: true });
  unplug(free);
  free.advance(settings.bayAskMs);
  expect(free.told("OpenPatrol")).toEqual([]);
});

test("whoever overstays too often is warned, then starts nothing until it is over or lifted", () => {
  const town = new RealTown().person(60_000);
  const round = (n: number) => {
    const id = `ord_01kcharge0aaaabbbbccccd00${n}`;
    town.fact("ReportPlug", { plugged: true });
    const tap = town.start({}, id);
    town.run();
    const refused = town.answer({ kind: "order", id }, tap.id);
    if (refused && !refused.ok) return refused;
    town.fact("ReportStarted", { registerWh: 5_000, orderId: id });
    town.advance(MIN);
    town.fact("ReportEnded", { registerWh: 5_000, orderId: id, reason: "local" });
    town.advance(25 * MIN);
    unplug(town);
    return bays(town).at(-1);
  };
  expect([round(1), round(2)]).toEqual(["bay.fee-due", "bay.overstays-warned"]);
  expect(round(3)).toBe("bay.starts-barred");
  expect(round(4)).toMatchObject(no("user.barred", { overstays: 3 }));
  const lift = { type: "LiftStartBar", reason: "appeal" };
  const to = { kind: "user", id: USER };
  expect(town.send(to, lift, operator).reply).toMatchObject(no("auth.forbidden"));
  expect(town.send(to, lift, service).reply).toEqual(ok());
  expect(round(5)).toBe("bay.starts-barred");
  town.advance(settings.overstayBarMs);
  expect(town.read(to, "show", service)).not.toHaveProperty("body.startsBarredUntil");
  town.advance(settings.overstayWindowMs);
  expect(round(6)).toBe("bay.fee-due");
});

test.each<[Safeguard, (town: RealTown) => void]>([
  ["bay.measured", (town) => expect(stay(town).since).toBe(town.view().createdAt)],
  ["bay.notices", (town) => expect(bays(town)).toEqual([])],
  ["bay.fee", (town) => expect(due(town)).toBeUndefined()],
  ["due.overstay", (town) => expect(due(town)!.fen).toBeGreaterThan(500)],
])("without %s its clause does not hold", (name, look) => {
  const town = over(byHand, 20_000, [name]);
  town.advance(25 * MIN);
  unplug(town);
  look(town);
});

// A hold that is nearly used: the warning, the top-up, and what it comes to when the charge is over.
import { expect, test } from "vitest";
import {
  ChargeTown,
  driver,
  no,
  ok,
  ORDER,
  segment,
  settings,
  T0,
  USER,
} from "../../test/kit/charge-town.ts";

const order = { kind: "order", id: ORDER };
/** The meter so far: a kWh is a yuan, the hold is 66. */
const reads = (town: ChargeTown, wh: number) => {
  town.says("MeterAdvanced", {
    registerWh: 1_000 + wh,
    deviceAt: T0 + wh,
    segments: [segment(wh)],
  });
  town.run();
};
const topUp = (town: ChargeTown, body: Record<string, unknown> = { fen: 4_000 }) => {
  const { id, reply } = town.order({ type: "TopUpHold", ...body });
  if (reply) return reply;
  town.run();
  return town.answer(order, id);
};
const charging = (fen = 20_000, more = {}) => new ChargeTown().person(fen).charging(more);

test("at 80 % of the hold the driver is warned, once, with what to do", () => {
  const town = charging();
  reads(town, 52_000);
  expect(town.notices()).toEqual([]);
  expect(town.view()).not.toHaveProperty("holdLow");
  reads(town, 52_800);
  reads(town, 60_000);
  expect(town.notices()).toEqual(["charge.hold-low"]);
  expect(town.incidents()).toEqual(["4.4 hold-nearly-spent handled"]);
  expect(town.view()).toMatchObject({ holdLow: true, next: ["stop", "top-up", "help"] });
});

test("topped up, the charge goes on with the larger hold, and may be warned about again", () => {
  const town = charging();
  reads(town, 60_000);
  expect(topUp(town)).toMatchObject(ok({ status: "charging", holdFen: 10_600 }));
  expect(town.view()).not.toHaveProperty("holdLow");
  expect(town.balanceFen).toBe(9_400);
  expect(town.told("RaiseLimit")).toEqual([{ orderId: ORDER, connector: 1, holdFen: 10_600 }]);
  reads(town, 90_000);
  expect(town.notices()).toEqual(["charge.hold-low", "charge.hold-low"]);
  town.ended(100_000);
  town.run();
  expect(town.view()).toMatchObject({ status: "paid", holdFen: 0 });
  expect(town.balanceFen).toBe(10_000);
  expect(town.book()).toMatchObject({ [`hold:${ORDER}`]: 0, [`wallet:${USER}`]: -10_000 });
});

test("without a sum it is as much as a new hold would be", () => {
  const town = charging();
  expect(topUp(town, {})).toMatchObject(ok({ holdFen: 13_200 }));
});

test("what the balance cannot hold is refused, and the charge goes on as it was", () => {
  const town = charging(7_000);
  expect(topUp(town)).toEqual(
    no("wallet.balance-too-low", { needFen: 4_000, availableFen: 400 }),
  );
  expect(town.view()).toMatchObject({ status: "charging", holdFen: 6_600 });
  expect(town.told("RaiseLimit")).toEqual([]);
  expect(topUp(town, { fen: 400 })).toMatchObject(ok({ holdFen: 7_000 }));
});

test("one top-up at a time; the same tap is answered the same", () => {
  const town = charging();
  town.order({ type: "TopUpHold", fen: 1_000 }, driver(USER), "tap-1");
  expect(topUp(town, { fen: 2_000 })).toEqual(no("payment.other-open", { by: "wallet" }));
  town.run();
  town.order({ type: "TopUpHold", fen: 1_000 }, driver(USER), "tap-1");
  town.run();
  expect(town.view()).toMatchObject({ holdFen: 7_600 });
});

test("an end that overtakes the top-up: held, then captured, the rest is free", () => {
  const town = charging();
  const tap = town.order({ type: "TopUpHold", fen: 4_000 });
  town.ended(10_000);
  town.run();
  expect(town.answer(order, tap.id)).toMatchObject({ ok: true });
  expect(town.view()).toMatchObject({ status: "paid", holdFen: 0 });
  expect(town.balanceFen).toBe(19_000);
});

test("a charge that came to nothing answers a late top-up with what it is", () => {
  const town = charging();
  const tap = town.order({ type: "TopUpHold", fen: 4_000 });
  town.ended(0);
  town.run();
  expect(town.answer(order, tap.id)).toEqual(no("order.not-charging", { status: "paid" }));
  expect(town.balanceFen).toBe(20_000);
});

test("only a running charge with a hold is topped up, by its own driver", () => {
  expect(topUp(charging(20_000, { pay: { by: "wallet", autoCapture: false } }))).toMatchObject({
    ok: true,
  });
  const bound = new ChargeTown().person(20_000).bind("wechat")
    .charging({ pay: { by: "wechat", autoCapture: true } });
  expect(topUp(bound)).toEqual(no("wallet.hold-unknown", { by: "wechat" }));
  const ended = charging();
  ended.ended(10_000);
  ended.run();
  expect(topUp(ended)).toEqual(no("order.not-charging", { status: "paid" }));
  const stranger = charging().order({ type: "TopUpHold" }, driver("usr_other001"));
  expect(stranger.reply).toEqual(no("order.unknown", { orderId: ORDER }));
});

test("an unpaid bill is remembered at 5 min, 1 h, 12 h and 23 h, then it is overdue", () => {
  const town = charging(20_000, { pay: { by: "wallet", autoCapture: false } });
  town.ended(10_000);
  town.run();
  const at: number[] = [];
  town.onRecord = () => {
    const last = town.log.at(-1)!;
    if (last.event.type === "PaymentReminded") at.push(last.at - T0);
  };
  town.advance(settings.payLimitMs);
  expect(at).toEqual([300_000, 3_600_000, 43_200_000, 82_800_000]);
  const reminders = at.map(() => "charge.payment-reminder");
  expect(town.notices()).toEqual([...reminders, "charge.overdue"]);
  expect(town.timers("order", ORDER)).toEqual(new Map());
});

test("paid, no more is said", () => {
  const town = charging(20_000, { pay: { by: "wallet", autoCapture: false } });
  town.ended(10_000);
  town.advance(3_600_000);
  town.order({ type: "PayOrder", purpose: "charge", by: "wallet" });
  town.advance(settings.payLimitMs);
  expect(town.notices()).toEqual(["charge.payment-reminder", "charge.payment-reminder"]);
});

test("what was to be taken by itself is remembered from the moment that it failed", () => {
  const town = charging(7_000);
  town.ended(100_000);
  town.run();
  town.advance(300_000);
  expect(town.notices()).toEqual(["charge.payment-failed", "charge.payment-reminder"]);
});

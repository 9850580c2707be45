// The auditor on money that goes back through its provider.
import { describe, expect, test } from "vitest";
import { ChargeTown, driver, no, ok, USER } from "../../test/kit/charge-town.ts";
import { type AuditRow, Books, type Rule } from "./mod.ts";

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2030, 0, 1);
const PAYMENT = { kind: "payment", id: "pay_recharge0001" };
const FINANCE = { kind: "ops" as const, id: "ops_0001", roles: ["finance"] };

/** 200 yuan were recharged. */
function recharged(): ChargeTown {
  const town = new ChargeTown().person(0);
  const split = { energyFen: 0, serviceFen: 0 };
  const body = { purpose: "recharge", fen: 20_000, ...split, by: "wechat" };
  town.send(PAYMENT, { type: "OpenPayment", userId: USER, ...body }, driver(USER));
  town.run();
  const paid = { type: "ProviderReported", outcome: "succeeded", providerRef: "42", fen: 20_000 };
  town.send(PAYMENT, paid, { kind: "provider", id: "wechat" });
  town.run();
  return town;
}
function back(town: ChargeTown, fen: number, key = "case-1"): ChargeTown {
  town.send(PAYMENT, { type: "RefundPayment", key, fen, why: "correction" }, FINANCE);
  town.run();
  return town;
}
const rowsOf = (town: ChargeTown): AuditRow[] =>
  town.log.map(({ actor, at, v, event }) => (
    { tenant: "main", ...actor, v, at, events: [structuredClone(event)] }
  ));
function foundIn(rows: readonly AuditRow[]) {
  const books = new Books();
  for (const row of rows) books.take(row);
  return books.differences(NOW, 0);
}
/** Without those events. */
const without = (rows: AuditRow[], ...types: string[]) =>
  rows.filter(({ events }) => !types.includes(events[0]!.type));
const given = (rows: AuditRow[]) => without(rows).filter(({ events }) => isRefund(events[0]!.type));
const isRefund = (type: string) => type.startsWith("Refund");

test("the stories hold what they are about", () => {
  const types = given(rowsOf(back(recharged(), 300))).map(({ events }) => events[0]!.type);
  expect(types).toEqual(["RefundRequested", "RefundBooked", "RefundAsked", "RefundStood"]);
  expect(rowsOf(doubleDebit()).some(({ events }) => events[0]!.type === "DoubleDebitFound"))
    .toBe(true);
});

/** A bill that is paid from the wallet by another way, while the provider's money is on its way. */
function doubleDebit(): ChargeTown {
  const town = recharged().charging({ pay: { by: "wallet", autoCapture: false } });
  town.ended(20_000);
  town.run();
  town.order({ type: "PayOrder", purpose: "charge", by: "wechat" });
  town.run();
  const order = town.log.find(({ actor }) => actor.kind === "order")!.actor.id;
  const pay = { type: "CaptureHold", orderId: order, billFen: 2_000, fromBalance: true };
  const split = { energyFen: 1_400, serviceFen: 600 };
  town.send({ kind: "wallet", id: USER }, { ...pay, ...split }, {
    kind: "actor",
    id: `order/${order}`,
  });
  town.provider.query = () => ok({ status: "succeeded", fen: 2_000, providerRef: "w-1" });
  town.advance(10_000);
  town.run();
  return town;
}

test.each<[string, string, () => ChargeTown]>([
  ["a part goes back", "RefundStood", () => back(recharged(), 300)],
  [
    "all of it goes back, in two parts",
    "RefundStood",
    () => back(back(recharged(), 300), 19_700, "case-2"),
  ],
  ["more than the balance: declined", "RefundDeclined", () => {
    return back(recharged().charging(), 20_000);
  }],
  ["of a user with a charge that was paid from the balance", "OrderPaid", () => {
    const town = recharged().charging();
    town.ended(12_345);
    town.run();
    return back(town, 5_000);
  }],
  ["the provider's answer was lost, and looked up", "RefundLookedUp", () => {
    const town = recharged();
    town.provider.refund = () => no("outcome.unknown");
    town.provider["query-refund"] = () => no("payment.unknown");
    back(town, 20_000);
    town.provider.refund = () => ok({ status: "refunded" });
    town.advance(DAY_MS);
    town.run();
    return town;
  }],
])("no difference: %s (%s)", (_name, type, story) => {
  const rows = rowsOf(story());
  expect(rows.flatMap(({ events }) => events.map((event) => event.type))).toContain(type);
  expect(foundIn(rows)).toEqual([]);
});

test("a second debit of one bill goes back without having been booked", () => {
  expect(foundIn(rowsOf(doubleDebit()))).toEqual([]);
});

test("a refund of a payment of months ago is no difference, nor is one that is sent again", () => {
  const town = recharged();
  const first = rowsOf(town);
  const books = new Books();
  for (const row of first) books.take(row);
  expect(books.differences(first.at(-1)!.at + 60 * DAY_MS, 0)).toEqual([]);
  town.provider.refund = () => no("outcome.unknown");
  town.provider["query-refund"] = () => no("payment.unknown");
  back(town, 300);
  const { length } = town.log;
  for (const row of rowsOf(town).slice(first.length)) books.take(row);
  expect(books.differences(NOW, 0)).toEqual([]);
  town.provider.refund = () => ok({ status: "refunded" });
  town.advance(DAY_MS);
  town.run();
  const again = rowsOf(town).slice(length);
  expect(again.map(({ events }) => events[0]!.type)).toContain("RefundAsked");
  for (const row of again) books.take(row);
  expect(books.differences(NOW, 0)).toEqual([]);
});

describe("a difference:", () => {
  test.each<[string, Rule[], (rows: AuditRow[]) => AuditRow[]]>([
    [
      "sent to the provider, and never taken from the wallet",
      ["refund-booked"],
      (rows) => without(rows, "RefundBooked"),
    ],
    [
      "taken from the wallet, and nobody asked for it",
      ["refund-booked"],
      (rows) => without(rows, "RefundRequested", "RefundAsked", "RefundStood"),
    ],
    [
      "taken from the wallet, and never sent",
      ["refund-booked"],
      (rows) => without(rows, "RefundAsked", "RefundStood"),
    ],
    [
      "taken twice",
      ["refund-booked", "balance-shown"],
      (rows) => [...rows, rows.find(({ events }) => events[0]!.type === "RefundBooked")!],
    ],
    ["another amount is sent", ["refund-booked"], (rows) => {
      for (const { events } of rows) {
        if (events[0]!.type === "RefundAsked") (events[0] as { fen?: number }).fen = 301;
      }
      return rows;
    }],
    [
      "declined, and taken all the same",
      ["refund-booked"],
      (rows) =>
        without(rows, "RefundStood").map((row) => {
          const [{ type, refundId }] = row.events as [{ type: string; refundId?: string }];
          if (type !== "RefundAsked") return row;
          return { ...row, events: [{ type: "RefundDeclined", refundId, code: "any" }] };
        }),
    ],
    ["more goes back than was paid", ["refund-bounded", "payment-booked"], (rows) => {
      for (const { events } of rows) {
        if (events[0]!.type === "PaymentRequested") (events[0] as { fen?: number }).fen = 299;
      }
      return rows;
    }],
  ])("%s", (_name, rules, spoil) => {
    const found = foundIn(spoil(rowsOf(back(recharged(), 300)))).map(({ rule }) => rule);
    expect(new Set(found)).toEqual(new Set(rules));
  });

  test("a second debit is booked as well as given back", () => {
    const rows = rowsOf(doubleDebit());
    const { paymentId } = rows.flatMap(({ kind, id, events }) =>
      kind === "payment" && events[0]!.type === "DoubleDebitFound" ? [{ paymentId: id }] : []
    )[0]!;
    const postings = [{ account: "provider:wechat", fen: 2_000 }, {
      account: `wallet:${USER}`,
      fen: -2_000,
    }];
    const balanceFen = 20_000;
    const event = { type: "PaymentBooked", paymentId, fen: 2_000, postings, balanceFen };
    const row = { tenant: "main", kind: "wallet", id: USER, v: 99, at: 1, events: [event] };
    expect(foundIn([...rows, row]).map(({ rule }) => rule)).toContain("payment-booked");
  });
});

// The auditor's books: a sound story has no difference, and each way to be wrong has its own.
import { expect, test } from "vitest";
import { ChargeTown, driver, ORDER, USER } from "../../test/kit/charge-town.ts";
import { type AuditRow, Books, type Rule } from "./mod.ts";

const NOW = Date.UTC(2030, 0, 1);

/** A charge paid from its hold, one on a provider's money, and a recharge: as archive rows. */
function story(): AuditRow[] {
  const town = new ChargeTown();
  town.person(0);
  const recharge = { purpose: "recharge", fen: 20_000, energyFen: 0, serviceFen: 0, by: "wechat" };
  const first = { kind: "payment", id: "pay_recharge0001" };
  town.send(first, { type: "OpenPayment", userId: USER, ...recharge }, driver(USER));
  town.run();
  const paid = { type: "ProviderReported", outcome: "succeeded", providerRef: "42" };
  town.send(first, { ...paid, fen: 20_000 }, { kind: "provider", id: "wechat" });
  town.run();
  town.charging();
  town.ended(12_345);
  town.run();
  return town.log.map(({ actor, at, v, event }) => (
    { tenant: "main", ...actor, v, at, events: [structuredClone(event)] }
  ));
}
const foundIn = (rows: readonly AuditRow[], graceMs = 0) => {
  const books = new Books();
  for (const row of rows) books.take(row);
  return books.differences(NOW, graceMs).map(({ rule }) => rule);
};
/** What a test spoils of an event. */
interface Spoilt {
  postings: { fen: number }[];
  balanceFen: number;
  fen: number;
  bill: { totalFen: number; lines: { fen: number }[] };
  segments: { kind: string; wh: number }[];
}
const eventIn = (rows: AuditRow[], type: string) =>
  rows.flatMap(({ events }) => events).find((event) => event.type === type) as unknown as Spoilt;

test("a sound story has no difference", () => {
  expect(story().length).toBeGreaterThan(10);
  expect(foundIn(story())).toEqual([]);
});

const wrong: [string, Rule[], (rows: AuditRow[]) => AuditRow[] | undefined][] = [
  ["a fen is made up", ["book-sum", "hold-closed"], (rows) => {
    eventIn(rows, "HoldPlaced").postings[1]!.fen -= 1;
  }],
  ["half a fen", ["book-sum", "balance-shown", "hold-closed"], (rows) => {
    for (const posting of eventIn(rows, "HoldPlaced").postings) posting.fen += 0.5;
  }],
  ["a balance is shown that is not in the book", ["balance-shown"], (rows) => {
    eventIn(rows, "HoldPlaced").balanceFen += 100;
  }],
  ["a hold outlives its order", ["hold-closed", "paid-in-full"], (rows) => {
    return rows.filter(({ events }) => !events.some((one) => "capturedFen" in one && "v" in one));
  }],
  ["a bill of another total", ["bill-recomputed", "paid-in-full"], (rows) => {
    eventIn(rows, "ChargeEnded").bill.totalFen += 1;
    eventIn(rows, "OrderPaid").fen += 1;
  }],
  ["a line of a bill takes from another", ["bill-recomputed"], (rows) => {
    const { lines } = eventIn(rows, "ChargeEnded").bill;
    lines[0]!.fen += 2;
    lines[1]!.fen -= 2;
  }],
  ["a price that was never agreed", ["bill-recomputed"], (rows) => {
    eventIn(rows, "ChargeEnded").segments[0]!.kind = "sharp";
  }],
  ["energy that nobody metered", ["bill-recomputed"], (rows) => {
    eventIn(rows, "ChargeEnded").segments[0]!.wh += 1_000;
  }],
  ["paid twice", ["paid-in-full"], (rows) => [...rows, ...rows.slice(-1)]],
  ["a payment that nobody made", ["payment-booked"], (rows) => {
    return rows.filter(({ kind }) => kind !== "payment");
  }],
  ["a payment that was booked nowhere", ["payment-booked", "balance-shown"], (rows) => {
    return rows.filter(({ events }) => !events.some(({ type }) => type === "PaymentBooked"));
  }],
];
test.each(wrong)("%s", (_name, rules, spoil) => {
  const rows = story();
  const found = foundIn(spoil(rows) ?? rows);
  expect(new Set(found)).toEqual(new Set(rules));
});

test.each(wrong)(
  "%s: it is of one owner, and with that one left out nothing is",
  (_name, _rules, spoil) => {
    const rows = story();
    const books = new Books();
    for (const row of spoil(rows) ?? rows) books.take(row);
    const owners = new Set(books.differences(NOW, 0).map(({ owner }) => owner));
    owners.delete(""); // the sum of all accounts
    expect(owners).toEqual(new Set([`main/${USER}`]));
    expect(books.differences(NOW, 0, (owner) => owners.has(owner))).toEqual([]);
  },
);

test("a rule that is left out leaves the others", () => {
  const rows = story();
  eventIn(rows, "HoldPlaced").postings[1]!.fen -= 1;
  const books = new Books();
  for (const row of rows) books.take(row);
  const left = books.differences(NOW, 0, (_owner, rule) => rule === "book-sum");
  expect(left.map(({ rule }) => rule)).toEqual(["hold-closed"]);
});

test("what may still be on its way is given its time", () => {
  const rows = story().filter(({ events }) => !events.some((one) => "releasedFen" in one));
  expect(foundIn(rows)).not.toEqual([]);
  expect(foundIn(rows, NOW)).toEqual([]);
  expect(rows.some(({ id }) => id === ORDER)).toBe(true);
});

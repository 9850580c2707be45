// Deposits as the auditor folds them: a sound story has no difference, each way to be wrong has its own.
import { expect, test } from "vitest";
import { minutes, ReserveTown, RSV } from "../../test/kit/reserve-town.ts";
import { type AuditEvent, type AuditRow, Books } from "./mod.ts";

const NOW = Date.UTC(2030, 0, 1);
const rowsOf = (town: ReserveTown): AuditRow[] =>
  town.log.filter(({ actor }) => actor.kind === "wallet" || actor.kind === "reservation")
    .map(({ actor, at, v, event }) => (
      { tenant: "main", ...actor, v, at, events: [structuredClone(event)] }
    ));
/** The driver's first money has no payment of its own here. */
const foundIn = (rows: readonly AuditRow[]) => {
  const books = new Books();
  for (const row of rows) books.take(row);
  return books.differences(NOW, 0).map(({ rule }) => rule)
    .filter((rule) => rule !== "payment-booked" && rule !== "paid-in-full");
};
function missed(): AuditRow[] {
  const town = new ReserveTown().person(10_000);
  town.reserve();
  town.advance(minutes(30));
  return rowsOf(town);
}
const eventIn = (rows: AuditRow[], type: string): AuditEvent =>
  rows.flatMap(({ events }) => events).find((event) => event.type === type)!;

test("a no-show, a cancel, a start that came to nothing and one that did: no difference", () => {
  expect(foundIn(missed())).toEqual([]);
  const cancelled = new ReserveTown().person(10_000);
  cancelled.reserve();
  cancelled.advance(minutes(25));
  cancelled.cancel();
  expect(foundIn(rowsOf(cancelled))).toEqual([]);
  const begun = new ReserveTown().person(10_000);
  begun.reserve();
  begun.begin({ tariffVersion: "old" }, "ord_first0001");
  begun.begin();
  expect(foundIn(rowsOf(begun))).toEqual([]);
});

test("an appeal that waits for a person is no difference; decided, its fee is", () => {
  const town = new ReserveTown().person(10_000);
  for (let i = 0; i < 3; i++) {
    town.reserve({}, `rsv_0appeal${i}`);
    town.tapped({ type: "AppealReservation", text: "blocked" }, `rsv_0appeal${i}`);
  }
  expect(foundIn(rowsOf(town))).toEqual([]);
});

test.each([
  ["deposit-settled", (rows: AuditRow[]) => {
    eventIn(rows, "NoShowRecorded")["feeFen"] = 1_000;
  }],
  ["deposit-settled", (rows: AuditRow[]) => {
    eventIn(rows, "DepositSettled")["feeFen"] = 0;
  }],
  ["hold-closed", (rows: AuditRow[]) => {
    const [deposit] = eventIn(rows, "DepositSettled")["postings"] as { fen: number }[];
    deposit!.fen -= 1;
  }],
])("wrong: %s", (rule, spoil) => {
  const rows = missed();
  spoil(rows);
  expect(foundIn(rows)).toContain(rule);
});

test("a reservation that is over and whose deposit still lies there", () => {
  const rows = missed().filter(({ events }) => events[0]!.type !== "DepositSettled");
  expect(new Set(foundIn(rows))).toEqual(new Set(["hold-closed", "deposit-settled"]));
  expect(rows.some(({ id }) => id === RSV)).toBe(true);
});

import { expect, test } from "vitest";
import { TestClock } from "../../test/kit/http-world.ts";
import type { JournalRecord } from "../../wire/envelope.ts";
import type { PileView } from "../../wire/pile.ts";
import { createBoard, createRowsOf, statusOf } from "./mod.ts";

const viewOf = (_kind: string, state: unknown) => state;
const recordOf = (state: unknown, v: number, events: object[] = []): JournalRecord =>
  ({ state, v, at: 1_000, events }) as unknown as JournalRecord;
const connector = (status: string, orderId?: string, powerW?: number) => ({
  no: 1,
  plug: "gb-dc",
  ratedPowerW: 60_000,
  reservable: true,
  status,
  plugged: true,
  ...(orderId ? { orderId } : {}),
  ...(powerW === undefined ? {} : { powerW }),
});
const pileOf = (...connectors: object[]): PileView =>
  ({
    id: "P1",
    v: 1,
    stationId: "stn_0001",
    presence: "online",
    disabled: false,
    connectors,
  }) as unknown as PileView;

test("a pile is called by what matters most about it", () => {
  expect(statusOf(pileOf(connector("free"), connector("charging")))).toBe("charging");
  expect(statusOf(pileOf(connector("kept"), connector("free")))).toBe("starting");
  expect(statusOf(pileOf(connector("free"), connector("faulted")))).toBe("faulted");
  expect(statusOf({ ...pileOf(connector("charging")), presence: "offline" })).toBe("offline");
  expect(statusOf({ ...pileOf(connector("free")), disabled: true })).toBe("disabled");
});

test("the board keeps the newest record, and power between records from ticks", () => {
  const clock = new TestClock();
  const board = createBoard({ clock, viewOf });
  const changed: string[] = [];
  board.onPile((_tenant, { view, powerW }) => changed.push(`${view.v}:${powerW}`));
  const at = { tenant: "main", kind: "pile", id: "P1" };
  const two = [connector("charging", "ord_0001", 30_000), connector("charging", "ord_0002")];
  board.take(at, recordOf({ ...pileOf(...two), v: 5 }, 5));
  board.take(at, recordOf({ ...pileOf(...two), v: 4 }, 4));
  board.tick("main", "ord_0002", 20_000);
  board.tick("main", "ord_9999", 1);
  board.tick("other", "ord_0002", 1);
  board.take(at, recordOf({ ...pileOf(...two), v: 6 }, 6));
  board.take(at, recordOf({ ...pileOf(connector("occupied")), v: 7 }, 7));
  expect(changed).toEqual(["5:30000", "5:50000", "6:50000", "7:0"]);
  expect(board.pile("main", "P1")!.status).toBe("occupied");
  expect(board.piles("other")).toEqual([]);
  board.take({ tenant: "main", kind: "order", id: "ord_0001" }, recordOf({}, 1));
  expect(board.pilesOf("main", "stn_0001")).toHaveLength(1);
});

test("a pile that was taken down is in no list, until it stands again", () => {
  const board = createBoard({ clock: new TestClock(), viewOf });
  const at = { tenant: "main", kind: "pile", id: "P1" };
  const pile = pileOf(connector("free"));
  board.take(at, recordOf({ ...pile, v: 5, disabled: true }, 5));
  expect(board.piles("main")).toHaveLength(1);
  board.take(at, recordOf({ ...pile, v: 6, disabled: true, takenDown: true }, 6));
  expect([board.piles("main"), board.pilesOf("main", "stn_0001")]).toEqual([[], []]);
  expect(board.pile("main", "P1")).toMatchObject({ view: { takenDown: true } });
  board.take(at, recordOf({ ...pile, v: 7 }, 7));
  expect(board.pilesOf("main", "stn_0001")).toHaveLength(1);
});

test("rows follow from one record: orders, piles, incidents, lines of a wallet", () => {
  const rowsOf = createRowsOf(viewOf);
  const order = {
    id: "ord_0001",
    userId: "usr_0001",
    status: "charging",
    createdAt: "2026-03-02T04:00:00.000Z",
    live: { n: 1 },
    next: ["stop"],
  };
  const at = { tenant: "main", kind: "order", id: "ord_0001" };
  const incident = {
    type: "IncidentRaised",
    sv: 1,
    row: "2.7",
    cause: "gun-pulled",
    actor: "order/ord_0001",
    words: "charge.gun-pulled",
    action: "billed",
    outcome: "handled",
    facts: {},
  };
  const rows = rowsOf(at, recordOf(order, 3, [{ type: "ChargeStarted", sv: 1 }, incident]));
  expect(rows.map(({ collection, id, v }) => [collection, id, v])).toEqual([
    ["orders", "main/ord_0001", 3],
    ["incidents", "main/order/ord_0001/3/1", 3],
  ]);
  expect(rows[0]!.doc.view).not.toHaveProperty("live");
  expect(rows[1]!.doc.view).toMatchObject({ id: "order/ord_0001/3/1", row: "2.7" });
  expect(rowsOf(at, recordOf({ ...order, status: "authorizing" }, 1))).toEqual([]);
  const lines = [{ v: 6, fen: 1 }, { v: 7, fen: -2 }, { v: 7, fen: 2 }];
  const wallet = rowsOf({ ...at, kind: "wallet", id: "usr_0001" }, recordOf({ lines }, 7));
  expect(wallet.map(({ id, doc }) => [id, doc.view])).toEqual([
    ["main/usr_0001/7/0", lines[1]],
    ["main/usr_0001/7/1", lines[2]],
  ]);
  expect(rowsOf({ ...at, kind: "lock" }, recordOf({ v: 1 }, 1))).toEqual([]);
});

test("a driver's row has what was missed, as it is on record", () => {
  const rowsOf = createRowsOf(viewOf);
  const at = { tenant: "main", kind: "user", id: "usr_0001" };
  const noShows = [{ reservationId: "rsv_0001", at: 500 }, { reservationId: "rsv_0002", at: 900 }];
  const user = { id: "usr_0001", blocked: false, registeredAt: "2026-03-02T04:00:00.000Z" };
  const reserving = { noShows, barredUntil: 5_000 };
  const missed = { missedAt: 900, missed: noShows, barredUntil: 5_000 };
  expect(rowsOf(at, recordOf({ ...user, reserving }, 3))).toMatchObject([{ doc: missed }]);
  const [never] = rowsOf(at, recordOf(user, 2));
  expect(never?.doc).not.toHaveProperty("missedAt");
});

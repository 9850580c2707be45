// What one live message does to one copy: gaps, repeats and old links, as rows and as any story.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Fact, Tick } from "../wire/live.ts";
import { behind, emptyRoom, takeFact, takeSnapshot, takeTick, takeWall } from "./rooms.ts";

const room = "order:ord_0001";
const at = "2026-01-01T00:00:00Z";
const fact = (v: number): Fact => ({
  room,
  v,
  at,
  type: "ChargeMetered",
  sv: 1,
  data: { events: [], view: { v } },
});
const tick = (linkEpoch: number, n: number): Tick => ({
  room,
  n,
  t: at,
  linkEpoch,
  energyWh: n,
  powerW: 1,
  socPct: null,
  costFen: 0,
  elapsedMs: 0,
});

test("without a snapshot every fact is a gap", () => {
  expect(takeFact(emptyRoom(), fact(1))).toBe("gap");
});

test.each([[6, "applied", 6], [5, "dropped", 5], [1, "dropped", 5], [7, "gap", 5]])(
  "at v 5 the fact %i is %s",
  (v, verdict, after) => {
    const copy = emptyRoom();
    takeSnapshot(copy, 5, { v: 5 });
    expect(takeFact(copy, fact(v))).toBe(verdict);
    expect(copy.v).toBe(after);
    expect(copy.view).toEqual({ v: after });
  },
);

test("a snapshot older than the copy changes nothing", () => {
  const copy = emptyRoom();
  takeSnapshot(copy, 5, "new");
  expect(takeSnapshot(copy, 4, "old")).toBe("dropped");
  expect(copy.view).toBe("new");
});

test.each([[3, 8, "applied"], [3, 7, "dropped"], [2, 99, "dropped"], [4, 1, "applied"]])(
  "after tick (3, 7) the tick (%i, %i) is %s",
  (linkEpoch, n, verdict) => {
    const copy = emptyRoom();
    takeTick(copy, tick(3, 7), 10);
    expect(takeTick(copy, tick(linkEpoch, n), 20)).toBe(verdict);
    expect(copy.tickAtMs).toBe(verdict === "applied" ? 20 : 10);
  },
);

test("a tick never changes view or v", () => {
  const copy = emptyRoom();
  takeSnapshot(copy, 5, "view");
  takeTick(copy, tick(1, 1), 0);
  expect([copy.v, copy.view]).toEqual([5, "view"]);
});

test("only rooms that are known and behind are asked for again", () => {
  const copies = new Map([["a", { ...emptyRoom(), v: 3 }], ["b", { ...emptyRoom(), v: 3 }]]);
  expect(behind(copies, { a: 4, b: 3, c: 9 })).toEqual(["a"]);
});

test("wall changes follow one another, a full wall begins anew", () => {
  const copy = emptyRoom();
  const wall = "wall:all";
  expect(takeWall(copy, { room: wall, seq: 1, set: [] })).toBe("gap");
  expect(takeWall(copy, { room: wall, seq: 4, full: [] })).toBe("applied");
  expect(takeWall(copy, { room: wall, seq: 5, set: [] })).toBe("applied");
  expect(takeWall(copy, { room: wall, seq: 5, set: [] })).toBe("dropped");
  expect(takeWall(copy, { room: wall, seq: 7, set: [] })).toBe("gap");
});

test("in any order and with repeats, the view is always that of v and v never falls", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 60 }), (heard) => {
    const copy = emptyRoom();
    takeSnapshot(copy, 0, { v: 0 });
    for (const v of heard) {
      const before = copy.v;
      const verdict = takeFact(copy, fact(v));
      expect(verdict === "applied").toBe(v === before + 1);
      expect(copy.v).toBeGreaterThanOrEqual(before);
      expect(copy.view).toEqual({ v: copy.v });
    }
  }));
});

// What a page counts on of a stay: until when it is free, and what it costs by now.
import { expect, test } from "vitest";
import type { StayView } from "../wire/order-stay.ts";
import { stayNow } from "./stay.ts";

const T0 = Date.UTC(2026, 0, 1);
const MIN = 60_000;
const iso = (minutes: number) => new Date(T0 + minutes * MIN).toISOString();
const stay = (more: Partial<StayView> = {}): StayView => ({
  rule: { graceMinutes: 15, fenPerMinute: 50, capFen: 5_000 },
  minuteMs: MIN,
  since: iso(0),
  graceUntil: iso(15),
  freeMs: 0,
  ...more,
});
const told = { feeFrom: iso(15) };
const bill = { fen: 300, graceMinutes: 15, blockedMs: 0, minutes: 6, rule: stay().rule };

test.each<[string, StayView, number, ReturnType<typeof stayNow>]>([
  ["free at first", stay(), 5, { phase: "free", leftMs: 10 * MIN, fen: 0, capped: false }],
  ["costs each whole minute", stay(told), 20.9, {
    phase: "costs",
    leftMs: 0,
    fen: 250,
    capped: false,
  }],
  ["less what was free", stay({ ...told, freeMs: 3 * MIN }), 25, {
    phase: "costs",
    leftMs: 0,
    fen: 350,
    capped: false,
  }],
  ["stands still while we are in the way", stay({ ...told, blockedSince: iso(20) }), 90, {
    phase: "blocked",
    leftMs: 0,
    fen: 250,
    capped: false,
  }],
  ["capped", stay(told), 900, { phase: "costs", leftMs: 0, fen: 5_000, capped: true }],
  ["by its bill once it has gone", stay({ ...told, leftAt: iso(21), bill }), 900, {
    phase: "left",
    leftMs: 0,
    fen: 300,
    capped: false,
  }],
])("%s", (_name, shown, minutes, now) => {
  expect(stayNow(shown, T0 + minutes * MIN)).toEqual(now);
});

// Bills: worked cases by hand, and what holds for any charge under any tariff.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Segment, Tariff } from "../../wire/tariff.ts";
import { chargingSettings } from "../../wire/settings.ts";
import {
  billOf,
  costOf,
  energyOf,
  holdFor,
  mergeSegments,
  nextEdge,
  splitReading,
  validateTariff,
} from "./mod.ts";

const settings = chargingSettings.parse({});
const HOUR = 3_600_000;
const period = (
  fromMinute: number,
  toMinute: number,
  kind: Segment["kind"],
  energyMilliFenPerKwh: number,
  serviceMilliFenPerKwh: number,
) => ({ fromMinute, toMinute, kind, energyMilliFenPerKwh, serviceMilliFenPerKwh });
const overstay = { graceMinutes: 15, fenPerMinute: 50, capFen: 5_000 };
const day: Tariff = {
  version: "tv_1",
  currency: "CNY",
  zone: "Asia/Shanghai",
  periods: [
    period(0, 420, "valley", 30_120, 40_000),
    period(420, 660, "flat", 70_450, 40_000),
    period(660, 840, "peak", 110_780, 45_000),
    period(840, 1440, "flat", 70_450, 40_000),
  ],
  overstay,
};
const segment = (wh: number, energy: number, service: number, kind: Segment["kind"] = "flat") => ({
  fromAt: 0,
  toAt: 1,
  kind,
  energyMilliFenPerKwh: energy,
  serviceMilliFenPerKwh: service,
  wh,
  source: "pile" as const,
});

const chargeOf = (segments: Segment[], startRegisterWh = 0) => ({
  segments,
  startRegisterWh,
  stopRegisterWh: startRegisterWh + energyOf(segments),
  startAt: 0,
  stopAt: HOUR,
});

describe("worked bills", () => {
  test.each<[string, Segment[], number, [string, string, number, number][]]>([
    ["nothing charged costs nothing", [], 0, []],
    ["one kWh at 1.1045 yuan is 110 fen", [segment(1_000, 70_450, 40_000)], 110, [
      ["energy", "flat", 1_000, 70],
      ["service", "flat", 1_000, 40],
    ]],
    ["half a fen rounds up", [segment(500, 1_000, 0)], 1, [
      ["energy", "flat", 500, 1],
      ["service", "flat", 500, 0],
    ]],
    ["less than half a fen is free", [segment(499, 1_000, 0)], 0, [
      ["energy", "flat", 499, 0],
      ["service", "flat", 499, 0],
    ]],
    [
      "two halves make one fen: the larger remainder gets it",
      [segment(1_000, 500, 0), segment(1_000, 600, 0, "peak")],
      1,
      [
        ["energy", "flat", 1_000, 0],
        ["energy", "peak", 1_000, 1],
        ["service", "flat", 1_000, 0],
        ["service", "peak", 1_000, 0],
      ],
    ],
    [
      "segments of one rate are one line",
      [segment(300, 70_000, 40_000), segment(700, 70_000, 40_000)],
      110,
      [
        ["energy", "flat", 1_000, 70],
        ["service", "flat", 1_000, 40],
      ],
    ],
    [
      "910 kWh at the dearest price stay exact",
      [segment(910_000, 99_999_999, 99_999_999)],
      181_999_998,
      [
        ["energy", "flat", 910_000, 90_999_999],
        ["service", "flat", 910_000, 90_999_999],
      ],
    ],
  ])("%s", (_name, segments, total, lines) => {
    const bill = billOf(chargeOf(segments), day);
    expect(bill.totalFen).toBe(total);
    expect(
      bill.lines.map((line) => "kind" in line ? [line.purpose, line.kind, line.wh, line.fen] : []),
    )
      .toEqual(lines);
    expect(costOf(segments)).toBe(total);
  });
});

test("a charge over the peak is cut at its edges, linear by time", () => {
  const from = { at: Date.parse("2026-03-02T10:30:00+08:00"), registerWh: 5_000 };
  const to = { at: from.at + 4 * HOUR, registerWh: 45_000 };
  expect(splitReading(day, from, to).map(({ kind, wh }) => [kind, wh])).toEqual([
    ["flat", 5_000],
    ["peak", 30_000],
    ["flat", 5_000],
  ]);
});

test("a clock that stands still loses no energy", () => {
  const from = { at: Date.parse("2026-03-02T10:30:00+08:00"), registerWh: 5_000 };
  for (const at of [from.at, from.at - HOUR]) {
    const segments = splitReading(day, from, { at, registerWh: 6_000 });
    expect(segments).toMatchObject([{ kind: "flat", wh: 1_000, fromAt: from.at, toAt: from.at }]);
  }
});

// any tariff that the validator lets through
const anyTariff = fc.record({
  cuts: fc.uniqueArray(fc.integer({ min: 1, max: 1439 }), { maxLength: 10 }),
  zone: fc.constantFrom("Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe", "UTC"),
  prices: fc.array(fc.tuple(fc.nat(200_000), fc.nat(100_000)), { minLength: 11, maxLength: 11 }),
  kinds: fc.array(fc.constantFrom<Segment["kind"][]>("sharp", "peak", "flat", "valley"), {
    minLength: 11,
    maxLength: 11,
  }),
}).map(({ cuts, zone, prices, kinds }): Tariff => {
  const edges = [0, ...cuts.sort((a, b) => a - b), 1440];
  const periods = edges.slice(0, -1).map((from, i) =>
    period(from, edges[i + 1]!, kinds[i]!, prices[i]![0], prices[i]![1])
  );
  return { version: "tv_any", currency: "CNY", zone, periods, overstay };
});
/** Around the clock changes of 2026, where cutting is hardest, and anywhere else. */
const anyStart = fc.oneof(
  fc.integer({ min: Date.UTC(2026, 2, 28), max: Date.UTC(2026, 2, 30) }),
  fc.integer({ min: Date.UTC(2026, 9, 24), max: Date.UTC(2026, 9, 26) }),
  fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2040, 0, 1) }),
);
/** Readings of a charge: gaps in time and energy. */
const anySteps = fc.array(
  fc.record({ ms: fc.integer({ min: 0, max: 6 * HOUR }), wh: fc.nat(60_000) }),
  { minLength: 1, maxLength: 12 },
);

function metered(tariff: Tariff, start: number, steps: readonly { ms: number; wh: number }[]) {
  let last = { at: start, registerWh: 1_000_000 };
  let segments: Segment[] = [];
  for (const { ms, wh } of steps) {
    const next = { at: last.at + ms, registerWh: last.registerWh + wh };
    segments = mergeSegments(segments, splitReading(tariff, last, next));
    last = next;
  }
  return { segments, stop: last };
}

test("any charge: no Wh is lost, lines add up, the total is rounded once", () => {
  fc.assert(
    fc.property(anyTariff, anyStart, anySteps, (tariff, start, steps) => {
      expect(validateTariff(tariff)).toBeNull();
      const { segments, stop } = metered(tariff, start, steps);
      const wh = stop.registerWh - 1_000_000;
      expect(energyOf(segments)).toBe(wh);
      const bill = billOf(chargeOf(segments, 1_000_000), tariff);
      expect(bill.lines.reduce((sum, { fen }) => sum + fen, 0)).toBe(bill.totalFen);
      expect(bill.energyFen + bill.serviceFen).toBe(bill.totalFen);
      expect(costOf(segments)).toBe(bill.totalFen);
      const priced = bill.lines.flatMap((line) => "wh" in line ? [line] : []);
      for (const { fen, wh, milliFenPerKwh } of priced) {
        expect(Math.abs(fen - wh * milliFenPerKwh / 1e6)).toBeLessThanOrEqual(1);
      }
      const ofEnergy = priced.filter(({ purpose }) => purpose === "energy");
      expect(ofEnergy.reduce((sum, line) => sum + line.wh, 0)).toBe(wh);
    }),
    { numRuns: 1_000 },
  );
});

test("any cut: segments lie in one period each, in order, without a gap", () => {
  fc.assert(
    fc.property(anyTariff, anyStart, fc.integer({ min: 1, max: 30 * HOUR }), (tariff, at, ms) => {
      const segments = splitReading(tariff, { at, registerWh: 0 }, {
        at: at + ms,
        registerWh: ms * 10, // a stretch without a Wh has no segment: here each has some
      });
      expect(segments[0]!.fromAt).toBe(at);
      expect(segments.at(-1)!.toAt).toBe(at + ms);
      segments.forEach((one, i) => {
        const next = segments[i + 1];
        if (next) expect(next.fromAt).toBe(one.toAt);
        const edge = nextEdge(tariff, one.fromAt);
        expect(edge === null || edge >= one.toAt).toBe(true);
      });
    }),
    { numRuns: 1_000 },
  );
});

test("a reading on the line between two others moves no edge by more than a Wh", () => {
  fc.assert(
    fc.property(
      anyTariff,
      anyStart,
      fc.integer({ min: 1, max: 2_000 }),
      fc.integer({ min: 1, max: 10 }),
      (tariff, at, seconds, perSecondWh) => {
        const whole = { at: at + seconds * 20_000, registerWh: seconds * 20 * perSecondWh };
        const middle = { at: at + seconds * 10_000, registerWh: seconds * 10 * perSecondWh };
        const start = { at, registerWh: 0 };
        const once = splitReading(tariff, start, whole);
        const twice = mergeSegments(
          splitReading(tariff, start, middle),
          splitReading(tariff, middle, whole),
        );
        const coalesced = mergeSegments([], once);
        expect(twice.length).toBe(coalesced.length);
        twice.forEach((one, i) => {
          expect(Math.abs(one.wh - coalesced[i]!.wh)).toBeLessThanOrEqual(1);
        });
      },
    ),
    { numRuns: 1_000 },
  );
});

test("mergeSegments keeps every Wh though the list is full", () => {
  const many = Array.from({ length: 450 }, (_, i) => segment(i, (i % 7) * 1_000, 0));
  const merged = mergeSegments([], many);
  expect(merged.length).toBeLessThanOrEqual(200);
  expect(energyOf(merged)).toBe(energyOf(many));
  expect(costOf(merged)).toBe(costOf(many));
});

describe("holdFor", () => {
  const ten = Date.parse("2026-03-02T10:00:00+08:00");
  test.each<[string, Parameters<typeof holdFor>[2], Parameters<typeof holdFor>[4], number]>([
    ["60 kWh at the coming peak x 1.1", {}, {}, 10_282],
    ["a smaller target", { energyWh: 20_000 }, {}, 3_428],
    ["what the battery can take", {}, { batteryWh: 50_000, socPct: 60 }, 3_428],
    ["up to the SoC asked for", { socPct: 80 }, { batteryWh: 50_000, socPct: 40 }, 3_428],
    ["what the pile can give in the time", { timeMs: HOUR }, { ratedPowerW: 20_000 }, 3_428],
    ["a money limit is the target itself", { moneyFen: 5_000 }, {}, 5_000],
    ["... even above what 60 kWh would cost", { moneyFen: 20_000 }, {}, 20_000],
    ["never below 20 yuan", { moneyFen: 100 }, {}, 2_000],
    ["never above 300 yuan", { energyWh: 1_000_000 }, {}, 30_000],
  ])("%s", (_name, limit, car, fen) => {
    expect(holdFor(day, ten, limit, settings, car)).toBe(fen);
  });
});

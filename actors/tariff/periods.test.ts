// Which price holds when: gaps and overlaps, midnight, daylight saving both ways, edges.
import { describe, expect, test } from "vitest";
import type { Tariff, TariffPeriod } from "../../wire/tariff.ts";
import { dearestPrice, nextEdge, periodAt, validateTariff } from "./mod.ts";

type Row = [from: number, to: number, kind: TariffPeriod["kind"], fen: number];
const tariffOf = (zone: string, rows: readonly Row[]): Tariff => ({
  version: "tv_1",
  currency: "CNY",
  zone,
  periods: rows.map(([fromMinute, toMinute, kind, fen]) => ({
    fromMinute,
    toMinute,
    kind,
    energyMilliFenPerKwh: fen * 1000,
    serviceMilliFenPerKwh: 0,
  })),
  overstay: { graceMinutes: 15, fenPerMinute: 50, capFen: 5_000 },
});
const h = (hour: number, minute = 0) => hour * 60 + minute;

const shanghai = tariffOf("Asia/Shanghai", [
  [h(0), h(7), "valley", 30],
  [h(7), h(11), "flat", 70],
  [h(11), h(14), "peak", 110],
  [h(14), h(23), "flat", 70],
  [h(23), h(24), "valley", 30],
]);
/** Edge at 02:30 local: in the hour that is missing in spring and doubled in autumn. */
const berlin = tariffOf("Europe/Berlin", [[0, h(2, 30), "valley", 20], [
  h(2, 30),
  1440,
  "flat",
  40,
]]);
const at = (text: string) => Date.parse(text);

describe("validateTariff", () => {
  test.each<[string, string, Row[], string | null]>([
    ["one period for the day", "Asia/Shanghai", [[0, 1440, "flat", 1]], null],
    ["any order of periods", "Asia/Shanghai", [[720, 1440, "flat", 1], [0, 720, "peak", 2]], null],
    ["a gap at the start", "Asia/Shanghai", [[1, 1440, "flat", 1]], "station.tariff-gap"],
    ["a gap at the end", "Asia/Shanghai", [[0, 1439, "flat", 1]], "station.tariff-gap"],
    [
      "a gap between",
      "Asia/Shanghai",
      [[0, 60, "flat", 1], [61, 1440, "flat", 1]],
      "station.tariff-gap",
    ],
    [
      "an overlap",
      "Asia/Shanghai",
      [[0, 61, "flat", 1], [60, 1440, "flat", 1]],
      "station.tariff-overlap",
    ],
    [
      "the same twice",
      "Asia/Shanghai",
      [[0, 1440, "flat", 1], [0, 1440, "flat", 1]],
      "station.tariff-overlap",
    ],
    [
      "a period that ends before it begins",
      "Asia/Shanghai",
      [[600, 300, "flat", 1]],
      "station.tariff-overlap",
    ],
    ["a zone that is none", "Asia/Atlantis", [[0, 1440, "flat", 1]], "station.zone-unknown"],
  ])("%s", (_name, zone, rows, code) => {
    expect(validateTariff(tariffOf(zone, rows))?.code ?? null).toBe(code);
  });
});

describe("periodAt", () => {
  test.each<[string, Tariff, string, string]>([
    ["a minute before an edge", shanghai, "2026-03-02T06:59:59+08:00", "valley"],
    ["on an edge", shanghai, "2026-03-02T07:00:00+08:00", "flat"],
    ["just before midnight", shanghai, "2026-03-02T23:59:59.999+08:00", "valley"],
    ["at midnight", shanghai, "2026-03-03T00:00:00+08:00", "valley"],
    ["before the missing hour", berlin, "2026-03-29T00:59:59Z", "valley"],
    ["after the missing hour it is 03:00", berlin, "2026-03-29T01:00:00Z", "flat"],
    ["first 02:45 of the doubled hour", berlin, "2026-10-25T00:45:00Z", "flat"],
    ["second 02:15 of the doubled hour", berlin, "2026-10-25T01:15:00Z", "valley"],
    ["second 02:45 of the doubled hour", berlin, "2026-10-25T01:45:00Z", "flat"],
  ])("%s", (_name, tariff, when, kind) => {
    expect(periodAt(tariff, at(when)).kind).toBe(kind);
  });
});

describe("nextEdge", () => {
  test.each<[string, Tariff, string, string | null]>([
    ["within the day", shanghai, "2026-03-02T10:00:00+08:00", "2026-03-02T11:00:00+08:00"],
    [
      "on an edge: the one after",
      shanghai,
      "2026-03-02T11:00:00+08:00",
      "2026-03-02T14:00:00+08:00",
    ],
    [
      "over midnight, where the price stays",
      shanghai,
      "2026-03-02T23:30:00+08:00",
      "2026-03-03T07:00:00+08:00",
    ],
    [
      "one price: never",
      tariffOf("Asia/Shanghai", [[0, 720, "flat", 1], [720, 1440, "flat", 1]]),
      "2026-03-02T10:00:00+08:00",
      null,
    ],
    [
      "spring: the edge lies in the missing hour",
      berlin,
      "2026-03-29T00:30:00Z",
      "2026-03-29T01:00:00Z",
    ],
    ["autumn: the first 02:30", berlin, "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z"],
    [
      "autumn: the clock goes back before the edge",
      berlin,
      "2026-10-25T00:30:00Z",
      "2026-10-25T01:00:00Z",
    ],
    ["autumn: the second 02:30", berlin, "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z"],
  ])("%s", (_name, tariff, when, edge) => {
    const next = nextEdge(tariff, at(when));
    expect(next === null ? null : new Date(next).toISOString())
      .toBe(edge === null ? null : new Date(edge).toISOString());
  });

  test("is fast enough for a live tick", () => {
    const start = performance.now();
    for (let i = 0; i < 20_000; i++) nextEdge(berlin, at("2026-03-28T00:00:00Z") + i * 5_000);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});

test("dearestPrice looks no further than asked", () => {
  const ten = at("2026-03-02T10:00:00+08:00");
  expect(dearestPrice(shanghai, ten, ten + 3_600_000)).toBe(70_000);
  expect(dearestPrice(shanghai, ten, ten + 3_600_001)).toBe(110_000);
});

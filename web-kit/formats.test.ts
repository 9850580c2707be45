// Numbers as people read them: exact for money and price, never above what was measured.
import fc from "fast-check";
import { expect, test } from "vitest";
import * as formats from "./formats.ts";

const { clock, distance, kw, kwh, minuteIn, minuteOfDay, moment, money, price, span } = formats;

test.each([
  [0, "¥0.00"],
  [5, "¥0.05"],
  [123, "¥1.23"],
  [123_456_789, "¥1,234,567.89"],
  [-5, "-¥0.05"],
])("%i fen reads %s", (fen, text) => expect(money(fen)).toBe(text));

test("money reads back to the same fen", () => {
  fc.assert(fc.property(fc.integer({ min: -1e12, max: 1e12 }), (fen) => {
    const digits = money(fen).replace(/[^0-9-]/g, "");
    expect(Number(digits)).toBe(fen);
  }));
});

test.each([
  [123_450, "¥1.2345"],
  [65_830, "¥0.6583"],
  [100_000, "¥1.00"],
  [40_000, "¥0.40"],
  [1, "¥0.00001"],
])("%i milli-fen per kWh reads %s", (milliFen, text) => expect(price(milliFen)).toBe(text));

test("a price reads back to the same milli-fen and has at least two decimals", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 1e8 }), (milliFen) => {
    const text = price(milliFen).replace(/[¥,]/g, "");
    expect(Math.round(Number(text) * 100_000)).toBe(milliFen);
    expect(text).toMatch(/\.\d{2,5}$/);
  }));
});

test("energy is never shown higher than measured, and within its last digit", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 1e9 }), (wh) => {
    const shown = Number(kwh(wh).replaceAll(",", "")) * 1000;
    expect(shown).toBeLessThanOrEqual(wh + 1e-3);
    expect(wh - shown).toBeLessThan(10);
    expect(Math.round(Number(kwh(wh, 3).replaceAll(",", "")) * 1000)).toBe(wh);
  }));
});

test.each([[0, "0"], [7000, "7"], [52_340, "52.3"], [59_960, "60"], [120_000, "120"]])(
  "%i W reads %s kW",
  (watt, text) => expect(kw(watt)).toBe(text),
);

test.each([[59_000, "00:59"], [60_000, "01:00"], [3_723_000, "1:02:03"], [-5, "00:00"]])(
  "%i ms on the clock is %s",
  (ms, text) => expect(clock(ms)).toBe(text),
);

test.each([
  [8000, "8 秒", "8 s"],
  [125_000, "2 分钟", "2 min"],
  [3_600_000, "1 小时", "1 h"],
  [3_720_000, "1 小时 2 分", "1 h 2 min"],
])("%i ms in words is %s and %s", (ms, zh, en) => {
  expect(span(ms, "zh-CN")).toBe(zh);
  expect(span(ms, "en")).toBe(en);
});

test("ways are short where near and rough where far", () => {
  expect([43, 999, 1234, 250_400].map(distance)).toEqual(["40 m", "1000 m", "1.2 km", "250 km"]);
});

test("minutes and moments are those of the station's zone", () => {
  expect(minuteOfDay(510)).toBe("08:30");
  expect(minuteOfDay(1440)).toBe("24:00");
  const at = "2026-01-01T16:05:09Z";
  expect(minuteIn("Asia/Shanghai", new Date(at))).toBe(5);
  expect(minuteIn("Europe/Berlin", new Date(at))).toBe(17 * 60 + 5);
  expect(moment(at, "second", "zh-CN", "Asia/Shanghai")).toBe("00:05:09");
  expect(moment("never", "time", "en")).toBe("—");
});

// Coupons, fees and overstay: each rule and each refusal has a row.
import { describe, expect, test } from "vitest";
import type { CouponTerms } from "../../wire/coupon.ts";
import type { Bill, Segment, TariffFees } from "../../wire/tariff.ts";
import { billOf, costSoFar, overstayOf, reduce } from "./mod.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 2, 2);
/** 10 kWh at 0.70 + 0.30 yuan: 10 yuan. */
const segment: Segment = {
  fromAt: 0,
  toAt: 1,
  kind: "flat",
  energyMilliFenPerKwh: 70_000,
  serviceMilliFenPerKwh: 30_000,
  wh: 10_000,
  source: "pile",
};
const billFor = (fees?: TariffFees, stopAt = HOUR, wh = 10_000): Bill =>
  billOf({
    segments: [{ ...segment, wh }],
    startRegisterWh: 0,
    stopRegisterWh: wh,
    startAt: 0,
    stopAt,
  }, { version: "tv_1", currency: "CNY", ...(fees ? { fees } : {}) });
const coupon = (more: Partial<CouponTerms> = {}): CouponTerms => ({
  id: "cpn_first",
  off: { kind: "amount", fen: 300 },
  thresholdFen: 0,
  validFrom: NOW,
  validUntil: NOW + HOUR,
  currency: "CNY",
  ...more,
});
const percent = (of: number, maxFen?: number): Partial<CouponTerms> => ({
  off: { kind: "percent", percent: of, ...(maxFen === undefined ? {} : { maxFen }) },
});

describe("a coupon takes off", () => {
  test.each<[string, Partial<CouponTerms>, number]>([
    ["an amount", {}, 700],
    ["all of a bill that is less", { off: { kind: "amount", fen: 5_000 } }, 0],
    ["a percentage", percent(15), 850],
    ["all", percent(100), 0],
    ["at most its maximum", percent(50, 200), 800],
    ["from the threshold on", { thresholdFen: 1_000 }, 700],
  ])("%s", (_name, more, totalFen) => {
    const bill = billFor();
    const reduced = billOf({ ...chargeOf(bill), segments: [segment] }, {
      version: "tv_1",
      currency: "CNY",
    }, { terms: coupon(more), at: NOW, fen: 0 });
    expect(reduced).toEqual(reduce(bill, coupon(more), NOW));
    expect(reduced).toMatchObject({ totalFen, energyFen: 700, serviceFen: 300 });
    expect(reduced.coupon?.fen).toBe(1_000 - totalFen);
    expect(reduced.lines.at(-1)).toMatchObject({ purpose: "coupon", fen: totalFen - 1_000 });
  });

  test("half a fen goes to the driver", () => {
    const bill = billFor(undefined, HOUR, 50); // 5 fen
    expect(reduce(bill, coupon(percent(50)), NOW)).toMatchObject({ totalFen: 2 });
    expect(reduce(bill, coupon(percent(49)), NOW)).toMatchObject({ totalFen: 3 });
  });

  test.each<[string, Partial<CouponTerms>, number, string]>([
    ["before it is valid", {}, NOW - 1, "coupon.not-valid"],
    ["when it has ended", {}, NOW + HOUR, "coupon.not-valid"],
    ["a fen below its threshold", { thresholdFen: 1_001 }, NOW, "coupon.below-threshold"],
    ["in another currency", { currency: "EUR" }, NOW, "coupon.other-currency"],
  ])("nothing %s", (_name, more, at, code) => {
    expect(reduce(billFor(), coupon(more), at)).toMatchObject({ refused: { code } });
  });

  test("once", () => {
    const reduced = reduce(billFor(), coupon(), NOW) as Bill;
    expect(reduce(reduced, coupon({ id: "cpn_second" }), NOW))
      .toMatchObject({ refused: { code: "coupon.one-only", facts: { couponId: "cpn_first" } } });
  });
});

const chargeOf = ({ startRegisterWh, stopRegisterWh, startAt = 0, stopAt = 0 }: Bill) => (
  { startRegisterWh, stopRegisterWh, startAt, stopAt }
);

describe("fees", () => {
  const parking = { freeMinutes: 30, fenPerHour: 500, capFen: 2_000 };
  const MINUTE = 60_000;
  test.each<[string, TariffFees, number, [string, number, number][]]>([
    ["none", {}, HOUR, []],
    ["once a charge", { sessionFen: 200 }, HOUR, [["session", 1, 200]]],
    ["parking within the free minutes", { parking }, 30 * MINUTE, []],
    ["parking: an hour begun is an hour", { parking }, 30 * MINUTE + 1, [["parking", 1, 500]]],
    ["parking: a full hour", { parking }, 90 * MINUTE, [["parking", 1, 500]]],
    ["parking: up to its cap", { parking }, 20 * HOUR, [["parking", 20, 2_000]]],
    ["parking: a clock that ran backward", { parking }, -HOUR, []],
    ["what is missing to the minimum", { minimumFen: 1_200 }, HOUR, [["minimum", 1, 200]]],
    ["nothing where the minimum is reached", { minimumFen: 1_000 }, HOUR, []],
    [
      "other fees count towards it",
      { minimumFen: 1_200, sessionFen: 150 },
      HOUR,
      [["session", 1, 150], ["minimum", 1, 50]],
    ],
  ])("%s", (_name, fees, stopAt, lines) => {
    const bill = billFor(fees, stopAt);
    const shown = bill.lines.slice(2).map((line) =>
      "quantity" in line ? [line.purpose, line.quantity, line.fen] : []
    );
    expect(shown).toEqual(lines);
    const sum = lines.reduce((all, [, , fen]) => all + fen, 1_000);
    expect(bill).toMatchObject({ totalFen: sum, energyFen: 700, serviceFen: sum - 700 });
    expect(costSoFar({ segments: [segment], startAt: 0, stopAt }, { fees })).toBe(sum);
  });

  test("a charge that gave nothing pays none", () => {
    expect(billFor({ sessionFen: 200, minimumFen: 500, parking }, 9 * HOUR, 0))
      .toMatchObject({ totalFen: 0, lines: [] });
  });
});

describe("overstay", () => {
  const rule = { graceMinutes: 15, fenPerMinute: 50, capFen: 5_000 };
  const min = (minutes: number) => minutes * 60_000;
  test.each<[string, number, [from: number, to: number][], number]>([
    ["nothing within the grace", 15, [], 0],
    ["nothing before a minute is full", 15.99, [], 0],
    ["50 fen for the first minute", 16, [], 50],
    ["the last one below the cap", 114, [], 4_950],
    ["the cap", 115, [], 5_000],
    ["no more than the cap", 1_000, [], 5_000],
    ["nothing for times that we blocked", 30, [[20, 25]], 500],
    ["nothing where we blocked all of it", 30, [[0, 40]], 0],
    ["blocked times once, though they overlap", 30, [[20, 25], [22, 26], [23, 24]], 450],
    ["the grace runs on while blocked", 30, [[0, 10]], 750],
    ["nothing for a stay that ends before it began", -5, [], 0],
  ])("%s", (_name, stay, blocked, fen) => {
    const times = blocked.map(([from, to]) => ({ fromAt: min(from), toAt: min(to) }));
    const { fen: due } = overstayOf(rule, { endedAt: 0, untilAt: min(stay), blocked: times });
    expect(due).toBe(fen);
  });
});

// What holds for any bill (M5, E2): additive, monotone, never negative, exact to the last fen, and the
// same again from what is stored of it.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CouponTerms } from "../../wire/coupon.ts";
import { bill as billShape, type Segment, type TariffFees } from "../../wire/tariff.ts";
import { billOf, type Charge, costSoFar, energyOf, mergeSegments, reduce } from "./mod.ts";

const RUNS = { numRuns: 1_000 };
const HOUR = 3_600_000;
const kind = fc.constantFrom("sharp", "peak", "flat", "valley" as const);
const anySegment: fc.Arbitrary<Segment> = fc.record({
  fromAt: fc.nat(HOUR),
  toAt: fc.integer({ min: HOUR, max: 2 * HOUR }),
  kind,
  energyMilliFenPerKwh: fc.oneof(fc.nat(200_000), fc.constantFrom(0, 500, 1_000)),
  serviceMilliFenPerKwh: fc.oneof(fc.nat(100_000), fc.constantFrom(0, 500, 1_000)),
  wh: fc.oneof(fc.nat(90_000), fc.constantFrom(0, 1, 499, 500, 501, 1_000)),
  source: fc.constantFrom("pile", "estimated", "corrected" as const),
});
const anySegments = fc.array(anySegment, { maxLength: 12 });
const optional = { requiredKeys: [] as never[] };
const anyFees: fc.Arbitrary<TariffFees> = fc.record({
  sessionFen: fc.nat(500),
  parking: fc.record({
    freeMinutes: fc.nat(120),
    fenPerHour: fc.nat(1_000),
    capFen: fc.nat(5_000),
  }),
  minimumFen: fc.nat(2_000),
}, optional);
const NOW = 1_000_000;
/** Coupons that fit in time; their threshold may still be too high. */
const anyCoupon: fc.Arbitrary<CouponTerms> = fc.record({
  id: fc.constant("cpn_any1"),
  off: fc.oneof(
    fc.record({ kind: fc.constant("amount" as const), fen: fc.integer({ min: 1, max: 20_000 }) }),
    fc.record({
      kind: fc.constant("percent" as const),
      percent: fc.integer({ min: 1, max: 100 }),
      maxFen: fc.integer({ min: 1, max: 5_000 }),
    }, { requiredKeys: ["kind", "percent"] }),
  ),
  thresholdFen: fc.oneof(fc.constant(0), fc.nat(20_000)),
  validFrom: fc.constant(0),
  validUntil: fc.constant(NOW + 1),
  currency: fc.constant("CNY" as const),
});
const hours = fc.nat(12 * HOUR);

const chargeOf = (segments: readonly Segment[], stopAt: number): Charge => ({
  segments,
  startRegisterWh: 5_000,
  stopRegisterWh: 5_000 + energyOf(segments),
  startAt: 0,
  stopAt,
});
const tariffOf = (fees?: TariffFees) => (
  { version: "tv_any", currency: "CNY" as const, ...(fees ? { fees } : {}) }
);

test("lines add up to the total, none is negative, and live cost says the same", () => {
  fc.assert(
    fc.property(anySegments, anyFees, hours, (segments, fees, stopAt) => {
      const bill = billOf(chargeOf(segments, stopAt), tariffOf(fees));
      expect(billShape.safeParse(bill).success).toBe(true);
      expect(bill.lines.reduce((sum, { fen }) => sum + fen, 0)).toBe(bill.totalFen);
      expect(bill.energyFen + bill.serviceFen).toBe(bill.totalFen);
      for (const { fen } of bill.lines) expect(fen).toBeGreaterThanOrEqual(0);
      expect(costSoFar({ segments, startAt: 0, stopAt }, { fees })).toBe(bill.totalFen);
      expect(bill.energyWh === 0 ? bill.totalFen : 0).toBe(0);
    }),
    RUNS,
  );
});

test("a segment cut in two changes no fen, and no line", () => {
  fc.assert(
    fc.property(anySegments, anyFees, hours, fc.nat(), (segments, fees, stopAt, cut) => {
      const parts = segments.flatMap((one) => {
        const wh = one.wh === 0 ? 0 : cut % one.wh;
        return [{ ...one, wh }, { ...one, wh: one.wh - wh }];
      });
      const whole = billOf(chargeOf(segments, stopAt), tariffOf(fees));
      expect(billOf(chargeOf(parts, stopAt), tariffOf(fees))).toEqual(whole);
      const merged = mergeSegments([], parts);
      expect(billOf(chargeOf(merged, stopAt), tariffOf(fees)).totalFen).toBe(whole.totalFen);
    }),
    RUNS,
  );
});

test("two charges apart cost what they cost as one, to the fen that rounding moves", () => {
  fc.assert(
    fc.property(anySegments, anySegments, (first, second) => {
      const total = (segments: readonly Segment[]) =>
        billOf(chargeOf(segments, HOUR), tariffOf()).totalFen;
      const apart = total(first) + total(second);
      expect(Math.abs(total([...first, ...second]) - apart)).toBeLessThanOrEqual(1);
    }),
    RUNS,
  );
});

test("more energy, or a longer stay, is never cheaper", () => {
  fc.assert(
    fc.property(
      anySegments,
      anySegment,
      anyFees,
      hours,
      hours,
      (segments, more, fees, stop, on) => {
        const total = (all: readonly Segment[], stopAt: number) =>
          billOf(chargeOf(all, stopAt), tariffOf(fees)).totalFen;
        const before = total(segments, stop);
        expect(total([...segments, more], stop)).toBeGreaterThanOrEqual(before);
        expect(total(segments, stop + on)).toBeGreaterThanOrEqual(before);
      },
    ),
    RUNS,
  );
});

test("a coupon takes no more than the bill, and leaves 电费 and 服务费 as they are", () => {
  fc.assert(
    fc.property(anySegments, anyFees, anyCoupon, (segments, fees, coupon) => {
      const bill = billOf(chargeOf(segments, HOUR), tariffOf(fees));
      const reduced = reduce(bill, coupon, NOW);
      if ("refused" in reduced) {
        expect(reduced.refused.code).toBe("coupon.below-threshold");
        expect(bill.totalFen).toBeLessThan(coupon.thresholdFen);
        return;
      }
      expect(reduced.totalFen).toBeGreaterThanOrEqual(0);
      expect(reduced.coupon!.fen).toBeGreaterThanOrEqual(0);
      expect(reduced.totalFen + reduced.coupon!.fen).toBe(bill.totalFen);
      expect(reduced.lines.reduce((sum, { fen }) => sum + fen, 0)).toBe(reduced.totalFen);
      const { energyFen, serviceFen } = bill;
      expect(reduced).toMatchObject({ energyFen, serviceFen });
    }),
    RUNS,
  );
});

test("a stored bill recomputes to the same integers (M5)", () => {
  fc.assert(
    fc.property(anySegments, anyFees, anyCoupon, hours, (segments, fees, coupon, stopAt) => {
      const charge = chargeOf(segments, stopAt);
      const bill = billOf(charge, tariffOf(fees));
      const reduced = reduce(bill, coupon, NOW);
      const kept: unknown = JSON.parse(JSON.stringify("refused" in reduced ? bill : reduced));
      const stored = billShape.parse(kept);
      expect(billOf(charge, tariffOf(fees), stored.coupon)).toEqual(stored);
    }),
    RUNS,
  );
});

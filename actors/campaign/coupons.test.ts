// Coupons from the campaign to the paid bill: budget, one use, given back once, and what is paid then.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ChargeTown, no, ok, ORDER, T0, USER } from "../../test/kit/charge-town.ts";
import { stepper } from "../kit/stepper.ts";
import { order } from "../order/mod.ts";
import { payment } from "../payment/mod.ts";
import { user } from "../user/mod.ts";
import { wallet } from "../wallet/mod.ts";
import { campaign } from "./mod.ts";

const DAY = 86_400_000;
const finance = { kind: "ops" as const, id: "ops_fin01", roles: ["finance"] };
const service = { kind: "ops" as const, id: "ops_srv01", roles: ["service"] };
const spring = { kind: "campaign", id: "cmp_spring01" };
const COUPON = "cpn_spring01-1";
const terms = {
  off: { kind: "amount", fen: 400 },
  thresholdFen: 1_000,
  validFrom: T0,
  validUntil: T0 + 30 * DAY,
  currency: "CNY",
};
const plan = { type: "OpenCampaign", name: "Spring", terms, budgetFen: 1_000, perUser: 2 };
const grant = (...userIds: string[]) => ({ type: "GrantCoupons", userIds });

/** Anna with a coupon of 4 yuan from 10 on. */
function town(fen = 20_000, off: Record<string, unknown> = terms.off) {
  const town = new ChargeTown({ actors: [order, user, wallet, payment, campaign] }).person(fen);
  town.send(spring, { ...plan, terms: { ...terms, off } }, finance);
  town.send(spring, grant(USER), finance);
  town.run();
  return town;
}
const byHand = { pay: { by: "wallet", autoCapture: false } };
function due(wh = 10_000, fen = 20_000, off?: Record<string, unknown>) {
  const it = town(fen, off).charging(byHand);
  it.ended(wh);
  it.run();
  return it;
}
const pay = (it: ChargeTown, by = "wallet", couponId = COUPON) => {
  const { id, reply } = it.order({ type: "PayOrder", purpose: "charge", by, couponId });
  it.run();
  return reply ?? it.answer({ kind: "order", id: ORDER }, id);
};
const coupons = (it: ChargeTown) => {
  const out = it.read({ kind: "wallet", id: USER }, "coupons", { kind: "driver", id: USER });
  return (out as { body: { items: { id: string; status: string }[] } }).body.items;
};

test("a coupon takes off its part, the platform pays that, the driver the rest", () => {
  const it = due();
  expect(pay(it)).toEqual(ok({ status: "succeeded" }));
  expect(it.view()).toMatchObject({
    status: "paid",
    bill: { totalFen: 600, energyFen: 700, serviceFen: 300, coupon: { fen: 400 } },
    dues: [{ fen: 600, status: "paid" }],
  });
  expect(it.balanceFen).toBe(19_400);
  expect(it.book()).toMatchObject({
    coupon: 400,
    "revenue:energy": -700,
    "revenue:service": -300,
    [`hold:${ORDER}`]: 0,
  });
  expect(coupons(it)).toMatchObject([{ id: COUPON, status: "used", orderId: ORDER }]);
});

test("by consent at the start it is laid on at the end", () => {
  const it = town().charging({ pay: { by: "wallet", autoCapture: true, couponId: COUPON } });
  it.ended(10_000);
  it.run();
  expect(it.view()).toMatchObject({ status: "paid", dues: [{ fen: 600 }] });
});

test("by consent, but it does not fit: paid without it", () => {
  const it = town().charging({ pay: { by: "wallet", autoCapture: true, couponId: COUPON } });
  it.ended(9_000);
  it.run();
  expect(it.view()).toMatchObject({ status: "paid", dues: [{ fen: 900 }] });
  expect(coupons(it)).toMatchObject([{ status: "usable" }]);
});

test("a coupon that pays all of it closes the bill, and the hold goes back", () => {
  const it = due(10_000, 20_000, { kind: "percent", percent: 100, maxFen: 1_000 });
  expect(pay(it)).toEqual(ok({ status: "succeeded" }));
  expect(it.view()).toMatchObject({ status: "paid", dues: [{ fen: 0 }], holdFen: 0 });
  expect(it.balanceFen).toBe(20_000);
});

test("paid by provider: the provider takes the rest only", () => {
  const it = due();
  expect(pay(it, "wechat")).toMatchObject({ ok: true });
  expect(it.told("OpenPayment")).toMatchObject([{ fen: 600 }]);
});

test("the payment fails: the coupon goes back, once; the second time it stays with the bill", () => {
  const it = due();
  it.provider.create = () => no("provider.refused");
  expect(pay(it, "wechat")).toMatchObject({ ok: false });
  expect(it.view()).toMatchObject({ bill: { totalFen: 1_000 }, dues: [{ fen: 1_000 }] });
  expect(coupons(it)).toMatchObject([{ status: "usable" }]);
  expect(it.book()).toMatchObject({ coupon: 0, "revenue:energy": 0, "revenue:service": 0 });
  expect(pay(it, "wechat")).toMatchObject({ ok: false });
  expect(it.view()).toMatchObject({ bill: { totalFen: 600 }, dues: [{ fen: 600 }] });
  expect(coupons(it)).toMatchObject([{ status: "used" }]);
  expect(it.types("wallet", USER).filter((type) => type === "CouponReturned")).toHaveLength(1);
  const again = it.order({ type: "PayOrder", purpose: "charge", by: "wallet" });
  it.run();
  expect(it.answer({ kind: "order", id: ORDER }, again.id)).toEqual(ok({ status: "succeeded" }));
  expect(it.balanceFen).toBe(19_400);
});

test("a coupon that is nobody's, or below its threshold, is refused: the bill stays as it was", () => {
  const it = due();
  expect(pay(it, "wallet", "cpn_none0001")).toEqual(
    no("coupon.unknown", { couponId: "cpn_none0001" }),
  );
  expect(it.view()).toMatchObject({ status: "awaiting-payment", dues: [{ fen: 1_000 }] });
  expect(pay(due(9_900))).toEqual(
    no("coupon.below-threshold", { thresholdFen: 1_000, billFen: 990 }),
  );
});

test("used up, not yet, over: refused by the wallet", () => {
  const it = due();
  pay(it);
  const other = "ord_01kcharge0aaaabbbbccccother";
  const from = { kind: "actor" as const, id: `order/${other}` };
  const { bill } = it.view() as { bill: unknown };
  const use = { type: "UseCoupon", orderId: other, couponId: COUPON, bill };
  const purse = { kind: "wallet", id: USER };
  expect(it.send(purse, use, from).reply).toEqual(no("coupon.used", { couponId: COUPON }));
  const back = { type: "ReturnCoupon", orderId: ORDER, couponId: COUPON, why: "mine" };
  expect(it.send(purse, back, from).reply).toEqual(no("auth.forbidden"));
  const late = due();
  late.advance(31 * DAY);
  expect(coupons(late)).toMatchObject([{ status: "expired" }]);
  expect(pay(late)).toMatchObject({ ok: false, refusal: { code: "coupon.not-valid" } });
});

test("one coupon a bill, and none on what is partly paid", () => {
  const it = due();
  it.provider.create = () => no("provider.refused");
  pay(it, "wechat");
  pay(it, "wechat"); // it stays on the bill now
  expect(pay(it)).toEqual(no("coupon.one-only", { couponId: COUPON }));
  const short = town(7_000).charging();
  short.ended(100_000);
  short.run();
  expect(pay(short)).toEqual(no("coupon.not-valid", { why: "partly paid" }));
});

test("the campaign: by finance, within its budget, so many a user, all or none", () => {
  const it = town();
  expect(it.send(spring, grant(USER, USER), finance).reply).toEqual(
    no("coupon.enough", { userId: USER, has: 1 }),
  );
  expect(it.send(spring, grant("usr_boris001", "usr_chen0001"), finance).reply).toEqual(
    no("coupon.budget-spent", { needFen: 800, leftFen: 600 }),
  );
  expect(it.send(spring, grant("usr_boris001"), service).reply).toEqual(no("auth.forbidden"));
  expect(it.send(spring, plan, finance).reply).toEqual(
    no("campaign.exists", { campaignId: spring.id }),
  );
  const none = { kind: "campaign", id: "cmp_none0001" };
  expect(it.send(none, grant(USER), finance).reply).toEqual(
    no("campaign.unknown", { campaignId: none.id }),
  );
  const free = { ...plan, terms: { ...terms, off: { kind: "percent", percent: 50 } } };
  expect(it.send(none, free, finance).reply).toMatchObject({
    refusal: { code: "command.malformed" },
  });
});

test("a coupon that no wallet takes is worth nothing of the budget", () => {
  const it = town();
  it.send(spring, grant("usr_nobody01"), finance);
  it.run();
  expect(it.state("campaign", spring.id)).toMatchObject({
    grantedFen: 400,
    users: { [USER]: 1 },
  });
});

test("whatever is granted: never more than the budget (M6)", () => {
  const ids = fc.constantFrom("usr_anna0001", "usr_boris001", "usr_chen0001");
  const step = fc.oneof(
    fc.array(ids, { minLength: 1, maxLength: 3 }).map((userIds) => ({ userIds })),
    fc.record({ refused: fc.nat(5) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const actor = stepper(campaign, {
        id: spring.id,
        at: T0,
        settings: null,
        principal: finance,
      });
      actor.send(plan);
      const refused = new Set<string>();
      for (const one of steps) {
        if ("userIds" in one) actor.send({ type: "GrantCoupons", ...one });
        else {
          const all = actor.log.flatMap((event) =>
            event.type === "CouponsGranted" ? event.grants : []
          );
          const ref = all[one.refused];
          if (!ref || refused.has(ref.couponId)) continue;
          refused.add(ref.couponId);
          const answer = { ok: false, refusal: { code: "wallet.unknown", facts: {} } };
          const principal = { kind: "system" as const, id: "host" };
          actor.send({ type: "GrantAnswered", ref: { ...ref }, answer }, { principal });
        }
        const state = actor.state as { grantedFen: number; users: Record<string, number> };
        const count = Object.values(state.users).reduce((sum, n) => sum + n, 0);
        expect(state.grantedFen).toBe(count * 400);
        expect(state.grantedFen).toBeLessThanOrEqual(1_000);
        expect(Math.max(0, ...Object.values(state.users))).toBeLessThanOrEqual(2);
      }
    }),
    { numRuns: 1_000 },
  );
});

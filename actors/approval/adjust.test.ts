// Adjustments, approvals and appeals over the real actors: who may, how often, how much, and the books.
import { expect, test } from "vitest";
import { ChargeTown, driver, no, ok, ORDER, USER } from "../../test/kit/charge-town.ts";
import { order } from "../order/mod.ts";
import { payment } from "../payment/mod.ts";
import { user } from "../user/mod.ts";
import { wallet } from "../wallet/mod.ts";
import { approval, hashOf } from "./mod.ts";

const ops = (id: string, ...roles: string[]) => ({ kind: "ops" as const, id: `ops_${id}`, roles });
const SERVICE = ops("service", "service");
const FINANCE = ops("finance", "finance");
const ADMIN = ops("admin", "admin");
const THIRD = ops("third", "finance");
const ID = `apr_${ORDER.slice(4)}-1`;
const approvalAt = { kind: "approval", id: ID };
const HASH = hashOf({ action: "adjust-order", orderId: ORDER, fen: 25_000, reason: "meter wrong" });

/** A charge of 300 yuan, paid; or due where it is paid by hand. */
function billed(more: Record<string, unknown> = {}, wh = 300_000, fen = 100_000) {
  const town = new ChargeTown({ actors: [order, user, wallet, payment, approval] }).person(fen);
  town.charging(more);
  town.ended(wh);
  town.run();
  return town;
}
const byHand = { pay: { by: "wallet", autoCapture: false } };
const adjust = (town: ChargeTown, fen: number, who = SERVICE) => {
  const command = { type: "AdjustOrder", fen, reason: "meter wrong", name: who.id };
  const { reply } = town.order(command, who);
  town.run();
  return reply;
};
const standing = [SERVICE, FINANCE, ADMIN, THIRD].map(({ id, roles }) => ({ opsId: id, roles }));
const vote = (town: ChargeTown, who: typeof ADMIN, more: Record<string, unknown> = {}) => {
  const body = { payloadHash: HASH, approve: true, reason: "seen", name: who.id, standing };
  const { reply } = town.send(approvalAt, { type: "DecideApproval", ...body, ...more }, who);
  town.run();
  return reply;
};
const status = (town: ChargeTown) => town.state<{ status: string }>("approval", ID).status;

test("below the limit it is done at once: back to the balance, with its line and notice", () => {
  const town = billed();
  expect(adjust(town, 1_000)).toEqual(ok({ adjustmentId: `adj_${ORDER.slice(4)}-1` }));
  expect(town.view()).toMatchObject({ status: "paid", refundedFen: 1_000 });
  expect(town.balanceFen).toBe(71_000);
  expect(town.book()).toMatchObject({ refund: 1_000, [`wallet:${USER}`]: -71_000 });
  expect(town.notices()).toEqual(["charge.adjusted"]);
});

test("never more back than was paid (M3)", () => {
  const town = billed();
  expect(adjust(town, 20_000)).toMatchObject({ ok: true });
  expect(adjust(town, 10_001)).toEqual(no("refund.too-much", { maxFen: 10_000 }));
  expect(adjust(town, 10_000)).toMatchObject({ ok: true });
  expect(adjust(town, 1)).toEqual(no("refund.too-much", { maxFen: 0 }));
  expect(town.balanceFen).toBe(100_000);
});

test("what is due is made less, before and after a part was captured; the audit sees both", () => {
  const town = billed(byHand, 10_000);
  expect(adjust(town, 400)).toMatchObject({ ok: true });
  expect(town.view()).toMatchObject({ status: "awaiting-payment", dues: [{ fen: 600 }] });
  town.order({ type: "PayOrder", purpose: "charge", by: "wallet" });
  town.run();
  expect(town.view()).toMatchObject({ status: "paid", dues: [{ fen: 600 }] });
  expect(town.balanceFen).toBe(99_400);
  expect(town.book()).toMatchObject({ adjustment: 400, "revenue:energy": -700 });
  const short = billed({}, 100_000, 7_000); // 34 yuan over hold and balance
  expect(short.view()).toMatchObject({ dues: [{ fen: 3_400 }] });
  expect(adjust(short, 3_400)).toMatchObject({ ok: true });
  expect(short.view()).toMatchObject({ status: "paid", dues: [{ fen: 6_600 }] });
  expect(short.book()).toMatchObject({ adjustment: 3_400, [`due:${ORDER}`]: 0 });
});

test("taken off altogether the bill is closed and the hold goes back", () => {
  const town = billed(byHand, 10_000);
  expect(adjust(town, 1_000)).toMatchObject({ ok: true });
  expect(town.view()).toMatchObject({ status: "paid", holdFen: 0, dues: [{ fen: 0 }] });
  expect(town.balanceFen).toBe(100_000);
});

test("only finance and service; not while somebody pays; not what has no bill", () => {
  const town = billed(byHand, 10_000);
  expect(adjust(town, 100, ops("operator", "operator"))).toEqual(no("auth.forbidden"));
  town.order({ type: "PayOrder", purpose: "charge", by: "wechat" });
  town.run();
  expect(adjust(town, 100)).toEqual(no("payment.other-open", { by: "wechat" }));
  const running = new ChargeTown().person(20_000).charging();
  expect(adjust(running, 100)).toEqual(no("order.nothing-due", { status: "charging" }));
});

test("above the limit two others have to agree to exactly that; then it is done, once", () => {
  const town = billed();
  expect(adjust(town, 25_000)).toEqual(ok({ approvalId: ID }));
  expect(town.balanceFen).toBe(70_000);
  expect(vote(town, FINANCE)).toMatchObject(ok({ status: "open", payloadHash: HASH }));
  expect(town.balanceFen).toBe(70_000);
  expect(vote(town, ADMIN)).toMatchObject(ok({ status: "executing" }));
  expect(status(town)).toBe("executed");
  expect(town.balanceFen).toBe(95_000);
  expect(vote(town, THIRD)).toEqual(no("approval.closed", { status: "executed" }));
  const again = { approvalId: ID, payloadHash: HASH, requestedBy: SERVICE.id, approvers: [] };
  const from = { kind: "actor" as const, id: `approval/${ID}` };
  expect(town.order({ type: "ExecuteApproved", ...again }, from).reply).toEqual(
    no("approval.closed", { approvalId: ID }),
  );
  expect(town.balanceFen).toBe(95_000);
});

test.each<[string, Parameters<typeof vote>[1], Record<string, unknown>, unknown]>([
  ["who asked", ops("service", "service", "finance"), {}, no("approval.own")],
  ["who has no right to", ops("operator", "operator"), {}, no("auth.forbidden")],
  [
    "of something else",
    ADMIN,
    { payloadHash: "0".repeat(64) },
    no("approval.payload-changed", { payloadHash: HASH }),
  ],
])("no vote by %s", (_what, who, more, refusal) => {
  const town = billed();
  adjust(town, 25_000);
  expect(vote(town, who, more)).toEqual(refusal);
  expect(status(town)).toBe("open");
});

test("nobody votes twice", () => {
  const town = billed();
  adjust(town, 25_000);
  vote(town, ADMIN);
  expect(vote(town, ADMIN)).toEqual(no("approval.twice", { approve: true }));
  expect(town.balanceFen).toBe(70_000);
});

test("one who says no ends it; what was asked may be asked again", () => {
  const town = billed();
  adjust(town, 25_000);
  vote(town, FINANCE, { approve: false });
  expect(status(town)).toBe("refused");
  expect(vote(town, ADMIN)).toEqual(no("approval.closed", { status: "refused" }));
  expect(town.balanceFen).toBe(70_000);
  expect(adjust(town, 25_000)).toEqual(ok({ approvalId: `apr_${ORDER.slice(4)}-2` }));
});

test("after its time it is worth nothing", () => {
  const town = billed();
  adjust(town, 25_000);
  vote(town, FINANCE);
  town.advance(86_400_000);
  expect(status(town)).toBe("expired");
  expect(vote(town, ADMIN)).toEqual(no("approval.closed", { status: "expired" }));
  expect(town.balanceFen).toBe(70_000);
});

test("a vote of somebody who lost the right since counts no more; another's does", () => {
  const town = billed();
  adjust(town, 25_000);
  vote(town, FINANCE);
  const now = [{ opsId: FINANCE.id, roles: ["viewer"] }, { opsId: SERVICE.id, roles: ["service"] }];
  vote(town, ADMIN, { standing: now });
  expect(status(town)).toBe("open");
  expect(town.balanceFen).toBe(70_000);
  vote(town, THIRD);
  expect(status(town)).toBe("executed");
  expect(town.balanceFen).toBe(95_000);
});

test("whoever asked must still have the right when it is done", () => {
  const town = billed();
  adjust(town, 25_000);
  vote(town, FINANCE);
  vote(town, ADMIN, { standing: [{ opsId: FINANCE.id, roles: ["finance"] }] });
  expect(status(town)).toBe("refused");
  expect(town.balanceFen).toBe(70_000);
});

test("what no longer fits when it is approved is not done, and the approval says so", () => {
  const town = billed();
  adjust(town, 25_000);
  adjust(town, 10_000);
  vote(town, FINANCE);
  vote(town, ADMIN);
  expect(town.state("approval", ID)).toMatchObject({ status: "failed", code: "refund.too-much" });
  expect(town.balanceFen).toBe(80_000);
});

test("an approval belongs to its order; nobody else opens, runs or drops it", () => {
  const town = billed();
  adjust(town, 25_000);
  const from = { kind: "actor" as const, id: "order/ord_other001" };
  const asked = {
    action: "adjust-order",
    targetId: ORDER,
    payload: {},
    requestedBy: { opsId: "x", name: "x" },
    need: 1,
    expiresAt: town.at + 1,
  };
  expect(town.send(approvalAt, { type: "OpenApproval", ...asked }, from).reply).toEqual(
    no("auth.forbidden"),
  );
  const own = { kind: "actor" as const, id: `order/${ORDER}` };
  expect(town.send(approvalAt, { type: "OpenApproval", ...asked }, own).reply).toMatchObject(
    no("approval.payload-changed", { payloadHash: HASH }),
  );
  const stranger = { kind: "actor" as const, id: "approval/apr_other001" };
  const run = { approvalId: ID, payloadHash: HASH, requestedBy: "x", approvers: [] };
  for (
    const command of [{ type: "ExecuteApproved", ...run }, { type: "ApprovalOver", approvalId: ID }]
  ) {
    expect(town.order(command, stranger).reply).toEqual(no("auth.forbidden"));
  }
  const none = { kind: "approval", id: "apr_none0001" };
  const body = { payloadHash: HASH, approve: true, reason: "x", name: "x", standing: [] };
  expect(town.send(none, { type: "DecideApproval", ...body }, ADMIN).reply).toEqual(
    no("approval.unknown", { approvalId: none.id }),
  );
});

test("a full refund gives the coupon back as well", () => {
  const town = billed(byHand, 10_000);
  const terms = {
    id: "cpn_gift0001",
    off: { kind: "amount", fen: 400 },
    thresholdFen: 0,
    validFrom: 0,
    validUntil: town.at * 2,
    currency: "CNY",
  };
  const purse = { kind: "wallet", id: USER };
  const from = { kind: "actor" as const, id: "campaign/cmp_gift" };
  town.send(purse, { type: "GrantCoupon", terms }, from);
  town.order({ type: "PayOrder", purpose: "charge", by: "wallet", couponId: terms.id });
  town.run();
  expect(adjust(town, 100)).toMatchObject({ ok: true });
  expect(town.told("ReturnCoupon")).toEqual([]);
  expect(adjust(town, 500)).toMatchObject({ ok: true });
  expect(town.told("ReturnCoupon")).toMatchObject([{ couponId: terms.id, why: "refunded" }]);
  expect(town.book()).toMatchObject({ coupon: 0, refund: 600 });
  expect(town.balanceFen).toBe(100_000);
});

const appeal = (town: ChargeTown, text = "I was not there") => {
  const { reply } = town.order({ type: "AppealOrder", text }, driver(USER));
  town.run();
  return reply;
};
const APPEAL = `apl_${ORDER.slice(4)}-1`;

test("the driver appeals, ops hear of it; an adjustment grants it", () => {
  const town = billed();
  expect(appeal(town)).toEqual(ok({ appealId: APPEAL, status: "open" }));
  expect(town.incidents()).toContain("4.3 appeal needs-person");
  expect(appeal(town)).toMatchObject(no("appeal.open", { appealId: APPEAL }));
  adjust(town, 500);
  expect(town.view()).toMatchObject({
    appeals: [{ appealId: APPEAL, status: "granted", reason: "meter wrong" }],
  });
});

test("or it is refused with a reason, which the driver hears", () => {
  const town = billed();
  const refuse = { type: "RefuseAppeal", reason: "the meter is right" };
  expect(town.order(refuse, SERVICE).reply).toEqual(no("appeal.unknown", { orderId: ORDER }));
  appeal(town);
  expect(town.order(refuse, ops("operator", "operator")).reply).toEqual(no("auth.forbidden"));
  expect(town.order(refuse, SERVICE).reply).toMatchObject({ ok: true });
  town.run();
  expect(town.view()).toMatchObject({
    appeals: [{ status: "refused", reason: "the meter is right" }],
  });
  expect(town.notices()).toEqual(["charge.appeal-refused"]);
  expect(appeal(town, "look again")).toMatchObject({ ok: true });
});

test("the wallet moves a correction once, by its order alone, and never below what is due", () => {
  const town = billed();
  const purse = { kind: "wallet", id: USER };
  const own = { kind: "actor" as const, id: `order/${ORDER}` };
  const split = { energyFen: 0, serviceFen: 0 };
  const refund = { type: "RefundOrder", refundId: "adj_1", orderId: ORDER, fen: 5, why: "x" };
  const command = { ...refund, to: "balance", ...split };
  town.send(purse, command, own);
  town.send(purse, command, own);
  expect(town.balanceFen).toBe(70_005);
  const other = { kind: "actor" as const, id: "order/ord_other001" };
  expect(town.send(purse, command, other).reply).toEqual(no("auth.forbidden"));
  const due = { ...refund, refundId: "adj_2", to: "due", ...split };
  expect(town.send(purse, due, own).reply).toEqual(no("refund.too-much", { maxFen: 0 }));
});

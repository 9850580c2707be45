// Properties of the book under any order of commands, told once or many times (M1, M2, M3).
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Posting } from "../../wire/money.ts";
import { stepper } from "../kit/stepper.ts";
import { wallet } from "./mod.ts";
import { balanced } from "./postings.ts";
import type { OpenWallet } from "./state.ts";

const ANNA = "usr_anna0001";
const order = { kind: "actor" as const, id: "order/ord_0001" };
const orderId = fc.constantFrom("ord_0001", "ord_0002");
const paymentId = fc.constantFrom("pay_0001", "pay_0002", "pay_0003");
const fen = fc.integer({ min: 0, max: 500 });
const by = fc.constantFrom("wechat", "alipay");

const command = fc.oneof(
  fc.record({ type: fc.constant("PlaceHold"), orderId, fen }),
  fc.record({ orderId, fen }).map((lent) => {
    return { type: "PlaceHold", ...lent, credit: { limitFen: 600, paidMin: 0 } };
  }),
  fc.record({ type: fc.constant("RaiseHold"), orderId, toFen: fen }),
  fc.record({ type: fc.constant("ReleaseHold"), orderId, why: fc.constant("any") }),
  fc.record({ orderId, fen, part: fen, fromBalance: fc.boolean() }).map((
    { orderId, fen, part, fromBalance },
  ) => {
    const energyFen = Math.min(fen, part);
    const split = { energyFen, serviceFen: fen - energyFen };
    return { type: "CaptureHold", orderId, billFen: fen, ...split, fromBalance };
  }),
  fc.record({ orderId, fen, booked: fc.boolean() }).map(({ orderId, fen, booked }) => {
    const split = { energyFen: booked ? fen : 0, serviceFen: 0 };
    return { type: "PayFromBalance", orderId, fen, ...split };
  }),
  fc.record({ paymentId, orderId, fen, by, booked: fc.boolean() }).map(({ booked, ...paid }) => {
    const split = { energyFen: booked ? paid.fen : 0, serviceFen: 0 };
    return { type: "BookPayment", purpose: "bill", ...paid, ...split };
  }),
  fc.record({ paymentId, fen, by }).map((paid) => {
    return { type: "BookPayment", purpose: "recharge", energyFen: 0, serviceFen: 0, ...paid };
  }),
);

function accounts(log: readonly { postings?: Posting[] }[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { account, fen } of log.flatMap(({ postings }) => postings ?? [])) {
    sums.set(account, (sums.get(account) ?? 0) + fen);
  }
  return sums;
}

test("books sum to zero, balances follow from postings, holds are conserved", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
      const actor = stepper(wallet, { id: ANNA, at: 1, settings: null, principal: order });
      actor.send({ type: "OpenWallet", currency: "CNY" });
      for (const one of commands) {
        const first = actor.send(one);
        const { length } = actor.log;
        const again = actor.send(one); // told twice: done once, answered the same
        if (first.ok && again.ok) expect(again.body).toEqual(first.body);
        if (first.ok) expect(actor.log).toHaveLength(length);
      }
      const state = actor.state as OpenWallet;
      const sums = accounts(actor.log as { postings?: Posting[] }[]);
      const total = [...sums.values()].reduce((sum, one) => sum + one, 0);
      expect(total).toBe(0); // M1
      expect(state.balanceFen).toBeGreaterThanOrEqual(0);
      expect(0 - (sums.get(`wallet:${ANNA}`) ?? 0)).toBe(state.balanceFen);
      const lent = Object.values(state.orders)
        .reduce((sum, book) => book.status === "held" && book.credit ? sum + book.fen : sum, 0);
      expect(sums.get(`credit:${ANNA}`) ?? 0).toBe(lent);
      expect(lent).toBeLessThanOrEqual(600);
      for (const [id, book] of Object.entries(state.orders)) {
        const outstanding = 0 - (sums.get(`hold:${id}`) ?? 0);
        if (book.status === "held") expect(outstanding).toBe(book.fen); // M2
        else {
          expect(outstanding).toBe(0);
          expect(book.heldFen).toBe(book.capturedFen + book.releasedFen);
          expect(sums.get(`due:${id}`) ?? 0).toBe(Math.max(0, book.shortFen - book.paidFen));
        }
      }
    }),
    { numRuns: 1_000 },
  );
});

test("postings that do not sum to zero are a bug, and so is half a fen", () => {
  expect(() => balanced([["wallet:a", 2], ["hold:a", -1]])).toThrow("do not sum to zero");
  expect(() => balanced([["wallet:a", 0.5], ["hold:a", -0.5]])).toThrow("not an integer");
  expect(balanced([["wallet:a", 0]])).toEqual([]);
});

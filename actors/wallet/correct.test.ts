// A paid bill that the true meter corrects: what moves, once, and never into debt.
import { expect, test } from "vitest";
import { stepper } from "../kit/stepper.ts";
import { wallet } from "./mod.ts";

const ANNA = "usr_anna0001";
const A = "ord_a0001";
const B = "ord_b0001";
const T0 = 1_777_860_000_000;
type Command = { type: string; [field: string]: unknown };

const hold = (fen: number, orderId = A) => ({ type: "PlaceHold", orderId, fen });
const capture = (billFen: number) => ({
  type: "CaptureHold",
  orderId: A,
  billFen,
  energyFen: billFen - 1,
  serviceFen: 1,
  fromBalance: true,
});
function anna(fen: number, ...commands: Command[]) {
  const principal = { kind: "actor" as const, id: `order/${A}` };
  const actor = stepper(wallet, { id: ANNA, at: T0, settings: null, principal });
  const split = { energyFen: 0, serviceFen: 0 };
  const recharge = { paymentId: "pay_0001", purpose: "recharge", by: "wechat", fen, ...split };
  actor.send({ type: "OpenWallet", currency: "CNY" });
  actor.send({ type: "BookPayment", ...recharge });
  for (const command of commands) actor.send(command);
  return actor;
}

test("a paid bill is corrected once, down or up as far as there is balance", () => {
  const correct = (fen: number) => ({
    type: "CorrectBill",
    orderId: A,
    fen,
    energyFen: Math.trunc(fen / 2),
    serviceFen: fen - Math.trunc(fen / 2),
    reason: "true-meter",
  });
  const down = anna(10_000, hold(6_000), capture(2_000));
  expect(down.send(correct(-301)).events).toMatchObject([{
    fen: -301,
    postings: [
      { account: `wallet:${ANNA}`, fen: -301 },
      { account: "revenue:energy", fen: 150 },
      { account: "revenue:service", fen: 151 },
    ],
    balanceFen: 8_301,
  }]);
  expect(down.send(correct(-301))).toMatchObject({ body: { fen: -301 }, events: [] });
  const up = anna(10_000, hold(6_000), capture(2_000), hold(7_900, B));
  expect(up.send(correct(400))).toMatchObject({ body: { fen: 100 } });
  expect(up.send({ ...correct(400), energyFen: 1 }).refusal?.code).toBe("command.malformed");
  const none = anna(8_000, hold(6_000), capture(2_000), hold(6_000, B));
  expect(none.send(correct(400))).toMatchObject({ body: { fen: 0 }, events: [] });
  expect(none.send({ ...correct(400), orderId: B }).refusal?.code).toBe("wallet.hold-unknown");
  expect(down.read("recent")).toMatchObject({
    body: { lines: [{ cause: "correction", reason: "true-meter", fen: 301 }, {}, {}, {}] },
  });
});

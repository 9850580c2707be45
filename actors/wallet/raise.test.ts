// A hold that is topped up: once, as far as the balance reaches, and only while it stands.
import { expect, test } from "vitest";
import { stepper } from "../kit/stepper.ts";
import { wallet } from "./mod.ts";

const A = "ord_a0001";
const order = { kind: "actor" as const, id: `order/${A}` };
type Command = { type: string; [field: string]: unknown };
const hold: Command = { type: "PlaceHold", orderId: A, fen: 2_000 };
const raise = (toFen: number): Command => ({ type: "RaiseHold", orderId: A, toFen });
const split = { energyFen: 3_999, serviceFen: 1 };
const capture: Command = {
  type: "CaptureHold",
  orderId: A,
  billFen: 4_000,
  ...split,
  fromBalance: true,
};

/** Anna has 100 yuan. */
function anna(...commands: Command[]) {
  const actor = stepper(wallet, { id: "usr_anna0001", at: 1, settings: null, principal: order });
  actor.send({ type: "OpenWallet", currency: "CNY" });
  const paid = { paymentId: "pay_0001", purpose: "recharge", by: "wechat", fen: 10_000 };
  actor.send({ type: "BookPayment", ...paid, energyFen: 0, serviceFen: 0 });
  for (const command of commands) actor.send(command);
  return actor;
}

test.each<[string, Command[], Command, unknown, number]>([
  ["it is raised", [hold], raise(5_000), { fen: 5_000 }, 5_000],
  ["told twice, raised once", [hold, raise(5_000)], raise(5_000), { fen: 5_000 }, 5_000],
  [
    "captured whole, the rest is free at once",
    [hold, raise(5_000)],
    capture,
    { capturedFen: 4_000, releasedFen: 1_000, dueFen: 0 },
    6_000,
  ],
])("%s", (_name, given, when, body, balanceFen) => {
  const actor = anna(...given);
  expect(actor.send(when)).toMatchObject({ ok: true, body });
  expect(actor.state).toMatchObject({ balanceFen });
});

test.each<[string, Command[], string, Record<string, unknown>]>([
  [
    "above the balance",
    [hold],
    "wallet.balance-too-low",
    { needFen: 8_001, availableFen: 8_000 },
  ],
  ["of no hold", [], "wallet.hold-unknown", { orderId: A }],
  ["after the end", [hold, capture], "wallet.hold-closed", { orderId: A }],
])("refused: %s", (_name, given, code, facts) => {
  expect(anna(...given).send(raise(10_001)).refusal).toEqual({ code, facts });
});

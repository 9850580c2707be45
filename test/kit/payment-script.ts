// What is said to a payment in tests: by its user, its order, the provider and the host.
import { chargingSettings } from "../../wire/settings.ts";
import { payment } from "../../actors/payment/mod.ts";
import { stepper } from "../../actors/kit/stepper.ts";

export const ANNA = "usr_anna0001";
export const ID = "pay_0001";
export const T0 = 1_777_860_000_000;
export const settings = chargingSettings.parse({});
export const driver = { kind: "driver" as const, id: ANNA };
const order = { kind: "actor" as const, id: "order/ord_0001" };
export const system = { kind: "system" as const, id: "outbox" };
export const provider = { kind: "provider" as const, id: "wechat" };

export type Command = { type: string; [field: string]: unknown };
export const recharge = {
  type: "OpenPayment",
  userId: ANNA,
  purpose: "recharge",
  fen: 5_000,
  energyFen: 0,
  serviceFen: 0,
  by: "wechat",
};
export const bill = {
  ...recharge,
  purpose: "bill",
  orderId: "ord_0001",
  fen: 900,
  energyFen: 600,
  serviceFen: 300,
};
export const binding = { ...recharge, purpose: "binding", fen: 0 };
export const handoff = { kind: "sandbox", value: "x" };
export const yes = (op: string, body: Record<string, unknown>) => ({
  type: "ProviderAnswered",
  ref: { op },
  answer: { ok: true, body },
});
export const nope = (op: string, code: string) => ({
  type: "ProviderAnswered",
  ref: { op },
  answer: { ok: false, refusal: { code, facts: {} } },
});
export const reported = (outcome: string, fen = 5_000, more: Record<string, unknown> = {}) => ({
  type: "ProviderReported",
  outcome,
  fen,
  providerRef: "4200",
  ...more,
});
export const close = { type: "ClosePayment" };
export const fire = { type: "TimerFired", name: "ask" };
export const booked = { type: "BookAnswered", ref: {}, answer: { ok: true, body: null } };

export function who({ type, purpose }: Command) {
  if (type === "OpenPayment") return purpose === "bill" ? order : driver;
  if (type === "ProviderReported") return provider;
  return type === "ClosePayment" ? driver : system;
}
export function made(...commands: Command[]) {
  const actor = stepper(payment, { id: ID, at: T0, settings, principal: driver });
  for (const command of commands) actor.send(command, { principal: who(command) });
  actor.take();
  return actor;
}
export const opened = [recharge, yes("create", { status: "open", handoff })];
export const closing = [...opened, close];
export const over = [...closing, yes("close", { status: "closed" })];
export const succeeded = [...opened, reported("succeeded")];

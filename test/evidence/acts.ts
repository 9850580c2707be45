// What people do with money, to its end: recharge, give up, charge and let the hold be taken, pay the
// bill from the wallet or by a provider, get something given back.
import { newKey, type Ops, type Random, Refused } from "../../sim/mod.ts";
import type { PaymentView } from "../../wire/money.ts";
import type { PayBy } from "../../wire/order.ts";
import { pause } from "../faults/fault.ts";
import { isOver, type Seat, stopCharge, tap, untilStatus } from "../faults/traffic.ts";
import type { Charge } from "../faults/traffic.ts";
import type { Phones } from "../faults/phone.ts";
import type { By, SandboxHand } from "./sandbox.ts";

export interface Scope {
  phones: Phones;
  hand: SandboxHand;
  /** Of finance: gives back. */
  ops: Ops;
  random: Random;
  charges: Charge[];
  /** How often each thing was done. */
  done: Record<string, number>;
  /** What did not come to an end. */
  stuck: string[];
}
const count = ({ done }: Scope, what: string) => void (done[what] = (done[what] ?? 0) + 1);

const PAY_MS_MAX = 120_000;
const START_MS_MAX = 100_000;
const END_MS_MAX = 90_000;
const READY_MS_MAX = 60_000;
const LOOK_MS = 150;
const PAID_OUT = new Set(["succeeded", "failed", "closed"]);

const isSettled = ({ status, refunds = [] }: PaymentView): boolean =>
  PAID_OUT.has(status) && refunds.every(({ stage }) => stage === "stood" || stage === "declined");

/** Until the payment has said its last word, and all that goes back is back. */
async function untilPaid(scope: Scope, { driver }: Seat, paymentId: string): Promise<void> {
  const until = performance.now() + PAY_MS_MAX;
  let last = "never seen";
  while (performance.now() < until) {
    const path = `/v1/payments/${paymentId}`;
    const seen = await scope.phones.ask(driver, { method: "GET", path, withinMs: 10_000 });
    const view = seen?.status === 200 ? seen.body as unknown as PaymentView : null;
    if (view && isSettled(view)) return;
    last = view?.status ?? last;
    await pause(LOOK_MS);
  }
  scope.stuck.push(`payment ${paymentId} is ${last}`);
}

type Does = "pays" | "fails" | "closes" | "closes-and-pays";

async function settle(scope: Scope, seat: Seat, paymentId: string, does: Does): Promise<void> {
  const { phones, hand } = scope;
  if (does !== "pays" && does !== "fails") {
    const path = `/v1/payments/${paymentId}/close`;
    await phones.ask(seat.driver, { method: "POST", path, key: newKey(), body: {} });
    count(scope, "close");
  }
  if (does !== "closes") await hand.pay(paymentId, does === "fails" ? "fail" : "success");
  await untilPaid(scope, seat, paymentId);
}

export async function recharge(scope: Scope, seat: Seat): Promise<void> {
  const { random, phones } = scope;
  const by: By = random.pick(["wechat", "alipay"]);
  const does = (["pays", "fails", "closes", "closes-and-pays"] as const)[
    random.weighted([75, 5, 8, 12])
  ]!;
  const body = { fen: 100 + Math.floor(random.next() * 5_000), by };
  const path = "/v1/wallet/recharges";
  const opened = await phones.ask(seat.driver, { method: "POST", path, key: newKey(), body });
  const paymentId = opened?.body["paymentId"];
  if (typeof paymentId !== "string") {
    return void scope.stuck.push(`recharge answered ${opened?.text}`);
  }
  count(scope, "recharge");
  await settle(scope, seat, paymentId, does);
}

/** A token for the next minutes, however often the node of its driver is away. */
export async function renewed({ driver }: Seat): Promise<void> {
  let isFresh = await driver.api.renew?.().catch(() => false);
  while (!isFresh) {
    await pause(LOOK_MS);
    isFresh = await driver.signIn().then(() => true, () => false);
  }
}

/** Ops has looked at a pile that said something grave, and opens it. */
export async function inspected({ ops }: Scope, { pile }: Seat): Promise<void> {
  const key = newKey();
  const body = { kind: "enable", reason: "inspected", confirm: true };
  const isOver = (error: unknown) => error instanceof Refused && error.status < 500;
  let isDone = false;
  while (!isDone) {
    isDone = await ops.api.post(`/v1/ops/piles/${pile.id}/commands`, body, key)
      .then(() => true, isOver);
    if (!isDone) await pause(LOOK_MS);
  }
}

/**
 * Waits until the pile can be started, as a phone sees it; ops inspect it where its fault was told only
 * after they had looked. Null: it can; else why it still cannot.
 */
export async function hindered(scope: Scope, seat: Seat): Promise<string | null> {
  const until = performance.now() + READY_MS_MAX;
  const path = `/v1/piles/${seat.pile.id}/quote?connector=1`;
  let why = "no answer";
  while (performance.now() < until) {
    const seen = await scope.phones.ask(seat.driver, { method: "GET", path, withinMs: 5_000 });
    if (seen?.body["startable"] === true) return null;
    if (typeof seen?.body["why"] === "string") why = seen.body["why"];
    if (why === "pile.faulted") await inspected(scope, seat);
    await pause(LOOK_MS);
  }
  return why;
}

export interface ChargeWish {
  by: PayBy;
  autoCapture: boolean;
  ms: number;
  /** What happens to the pile while it charges. */
  mishap?: (charge: Charge) => Promise<void>;
}

/** A whole charge, paid; null: it was declined, or never began. */
export async function charge(scope: Scope, seat: Seat, wish: ChargeWish): Promise<Charge | null> {
  const { phones, random, charges } = scope;
  const { driver } = seat;
  const pay = { by: "wallet" as const, autoCapture: wish.autoCapture };
  const one = await tap(phones, seat, charges, random, pay);
  if (one.taps[0]?.status !== 202) return null;
  count(scope, "hold");
  await untilStatus(phones, driver, one, (status) => status !== "starting", START_MS_MAX);
  const began = one.status === "charging";
  if (began) {
    await pause(wish.ms);
    await wish.mishap?.(one);
  }
  await stopCharge(phones, driver, one);
  const isBilled = (status: string) => isOver(status) || status === "awaiting-payment";
  const wanted = wish.autoCapture ? isOver : isBilled;
  await untilStatus(phones, driver, one, wanted, END_MS_MAX);
  if (one.status === "awaiting-payment") await payBill(scope, seat, one, wish.by);
  else if (one.status === "paid") count(scope, "capture");
  return began ? one : null;
}

async function payBill(scope: Scope, seat: Seat, { orderId, ...one }: Charge, by: PayBy) {
  const { phones } = scope;
  const path = `/v1/orders/${orderId}/payments`;
  const body = { purpose: "charge", by };
  const opened = await phones.ask(seat.driver, { method: "POST", path, key: newKey(), body });
  count(scope, `bill by ${by}`);
  const paymentId = opened?.body["paymentId"];
  if (typeof paymentId === "string") await settle(scope, seat, paymentId, "pays");
  const kept = scope.charges.find((charge) => charge.orderId === orderId) ?? { ...one, orderId };
  await untilStatus(phones, seat.driver, kept, isOver, END_MS_MAX);
  if (!isOver(kept.status)) scope.stuck.push(`order ${orderId} is ${kept.status}`);
}

/** Something of a bill goes back to the balance; how much, 0 where there is nothing left of it. */
export async function giveBack(
  scope: Scope,
  { driver, ...seat }: Seat,
  orderId: string,
): Promise<number> {
  const order = await scope.phones.ask(driver, { method: "GET", path: `/v1/orders/${orderId}` });
  const { totalFen } = (order?.body["bill"] ?? { totalFen: 0 }) as { totalFen: number };
  if (totalFen < 2) return 0;
  const key = newKey();
  const body = { fen: 1, reason: `goodwill at ${seat.pile.id}` };
  const until = performance.now() + PAY_MS_MAX;
  while (performance.now() < until) {
    const done = await scope.ops.api.post(`/v1/ops/orders/${orderId}/adjustments`, body, key)
      .then(() => true, () => false);
    if (done) {
      count(scope, "adjustment");
      return 1;
    }
    await pause(LOOK_MS);
  }
  scope.stuck.push(`adjustment of ${orderId} was never answered`);
  return 0;
}

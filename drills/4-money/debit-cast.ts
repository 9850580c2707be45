// Who plays in row 4.1: a driver and one payment; what the provider's own book says of it, and what
// each party sees.
import type { PaymentOpened } from "../../wire/http.ts";
import type { PaymentView } from "../../wire/money.ts";
import type { Person } from "../frame/person.ts";
import { until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

export interface Cast {
  driver: Person;
  orderId: string;
  paymentId: string;
  fen: number;
  /** Of the provider's bill, in UTC+8. */
  day: string;
}
const CHINA_MS = 8 * 3_600_000;
const today = () => new Date(Date.now() + CHINA_MS).toISOString().slice(0, 10);

export const castOf = (driver: Person, fen = 0): Cast => ({
  driver,
  orderId: "",
  paymentId: "",
  fen,
  day: today(),
});

export const paymentOf = ({ driver, paymentId }: Cast) =>
  driver.driver.api.get<PaymentView>(`/v1/payments/${paymentId}`);
export const recordsOf = (stage: Stage, { paymentId }: Cast) =>
  stage.console.records("payment", paymentId);
export const untilStatus = (cast: Cast, status: string) =>
  until(`the payment is ${status}`, async () => (await paymentOf(cast)).status === status);

/** Asks for a recharge, which nobody pays yet. */
export async function recharge(cast: Cast): Promise<void> {
  const body = { fen: cast.fen, by: "wechat" };
  const opened = await cast.driver.driver.api.post<PaymentOpened>("/v1/wallet/recharges", body);
  cast.paymentId = opened.paymentId!;
}
/** The hand of the user in the provider's own app. */
export const payByHand = ({ driver, paymentId }: Cast) =>
  driver.driver.api.ask("POST", `/sandbox/pay/${paymentId}`, { body: {} });

interface Moved {
  kind: "pay" | "refund";
  fen: number;
  paymentId: string;
}
/** What the provider took for it, under whatever number: two differ behind a payment's own. */
export async function debitsOf({ driver, paymentId, day }: Cast): Promise<Moved[]> {
  const own = paymentId.slice(0, 30);
  const bill = await driver.driver.api.get<{ rows: Moved[] }>("/sandbox/provider/bill", { day });
  return bill.rows.filter((row) => row.kind === "pay" && row.paymentId.startsWith(own));
}

export const parties = {
  user: async (cast: Cast) => {
    const { status, fen } = await paymentOf(cast);
    return `${fen} fen ${status}`;
  },
  ops: async ({ paymentId }: Cast, stage: Stage) => {
    const { v } = await stage.ops.api.get<{ v: number }>(`/v1/ops/actors/payment/${paymentId}`);
    return `payment v${v}`;
  },
  money: (_cast: Cast, stage: Stage) => stage.settled(),
  log: async (cast: Cast, stage: Stage) =>
    (await recordsOf(stage, cast)).map(({ type }) => type).join(", "),
  proof: ({ paymentId, driver }: Cast) => [
    { kind: "payment" as const, id: paymentId },
    { kind: "wallet" as const, id: driver.id },
  ],
};

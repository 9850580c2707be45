// 4.1 扣费失败/重复扣费: the provider does what we asked and does not say so, and takes a bill that was paid
// another way meanwhile. Reconciliation and what is inside of the wallet have no check here yet.
import { Refused } from "../../sim/mod.ts";
import type { PaymentOpened } from "../../wire/http.ts";
import type { PaymentView } from "../../wire/money.ts";
import { defineDrill, part } from "../frame/drill.ts";
import type { Person } from "../frame/person.ts";
import { must, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

interface Cast {
  driver: Person;
  orderId: string;
  paymentId: string;
  fen: number;
}
const paymentOf = ({ driver, paymentId }: Cast) =>
  driver.driver.api.get<PaymentView>(`/v1/payments/${paymentId}`);
const recordsOf = (stage: Stage, { paymentId }: Cast) =>
  stage.console.records("payment", paymentId);

const parties = {
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

const twice = part<"4.1", Cast>({
  ...parties,
  words: { zh: "放弃的支付仍被扣款", en: "A payment that was given up is debited all the same" },
  async setup(stage) {
    const { driver, orderId } = await stage.charge({ autoCapture: false, wh: 40 });
    await driver.driver.stop(orderId);
    const { bill } = await driver.until(orderId, "awaiting-payment");
    return { driver, orderId, paymentId: "", fen: bill!.totalFen };
  },
  async fault(cast, stage) {
    const { driver, orderId } = cast;
    const { api } = driver.driver;
    const path = `/v1/orders/${orderId}/payments`;
    const opened = await api.post<PaymentOpened>(path, { purpose: "charge", by: "wechat" });
    cast.paymentId = opened.paymentId!;
    await stage.provoke({ payments: [cast.paymentId] }, "paid-after-close");
    await api.post(`/v1/payments/${cast.paymentId}/close`, {});
    await until("it is closed", async () => (await paymentOf(cast)).status === "closed");
    const isOpen = async () => (await driver.driver.order(orderId)).dues[0]?.status === "open";
    await until("another way may be tried", isOpen);
    await driver.driver.pay(orderId);
    await driver.until(orderId, "paid");
    return `${cast.fen} fen from the wallet, and ${cast.fen} fen at the provider after its close`;
  },
  clauses: {
    "pay.double-refunded": async (cast) => {
      const back = async () => {
        const { refunds = [] } = await paymentOf(cast);
        return refunds.some(({ stage, fen }) => stage === "stood" && fen === cast.fen);
      };
      await until(`${cast.fen} fen are back at the provider`, back);
      const { balanceFen } = await cast.driver.driver.wallet();
      must(balanceFen === 50_000 - cast.fen, `${balanceFen} fen left after one bill`);
      return `${cast.fen} fen given back by itself, paid once`;
    },
  },
  incident: { cause: "late-success" },
});

/** An amount that nobody else pays: the provider misbehaves for it alone. */
const ODD_FEN = 4_137;
const unknown = part<"4.1", Cast>({
  ...parties,
  words: { zh: "支付方做了却没有回答", en: "The provider does it and does not say so" },
  setup: async (stage) => ({
    driver: await stage.person(),
    orderId: "",
    paymentId: "",
    fen: ODD_FEN,
  }),
  async fault(cast, stage) {
    await stage.provoke({ fen: cast.fen }, "act-then-drop");
    const { api } = cast.driver.driver;
    const body = { fen: cast.fen, by: "wechat" };
    const opened = api.ask<PaymentOpened>("POST", "/v1/wallet/recharges", { body, tries: 1 });
    cast.paymentId = await opened.then(
      (answer) => answer.body.paymentId!,
      (error: unknown) => {
        if (error instanceof Refused) return String(error.facts.paymentId);
        throw error;
      },
    );
    return `${cast.paymentId} was opened there, its answer was lost`;
  },
  clauses: {
    "pay.unknown-asked": async (cast, stage) => {
      const { api } = cast.driver.driver;
      await until("it is known to be open", async () => {
        const { status } = await paymentOf(cast);
        must(status !== "failed", "it was guessed as failed");
        return status === "open";
      });
      await api.ask("POST", `/sandbox/pay/${cast.paymentId}`, { body: {} }); // as its app would
      await until("it is paid", async () => (await paymentOf(cast)).status === "succeeded");
      const types = (await recordsOf(stage, cast)).map(({ type }) => type);
      must(types.includes("PaymentUnclear"), "the answer was not lost");
      must(types.includes("PaymentAsked"), "the provider was not asked");
      const booked = async () => (await cast.driver.driver.wallet()).balanceFen;
      await until("it is booked", async () => await booked() === 50_000 + cast.fen);
      return `${types.filter((type) => type === "PaymentAsked").length} questions, booked once`;
    },
  },
  incident: null,
});

export default defineDrill("4.1", [twice, unknown]);

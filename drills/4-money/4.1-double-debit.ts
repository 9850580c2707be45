// 4.1 扣费失败/重复扣费: the provider does what we asked and does not say so, says it twice, says that it
// failed, takes a bill that was paid another way meanwhile; and what only a comparison finds.
import { Refused } from "../../sim/mod.ts";
import type { PaymentOpened } from "../../wire/http.ts";
import { defineDrill, part } from "../frame/drill.ts";
import type { Person } from "../frame/person.ts";
import { must, never, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";
import {
  type Cast,
  castOf,
  debitsOf,
  parties,
  payByHand,
  paymentOf,
  recharge,
  recordsOf,
  untilStatus,
} from "./debit-cast.ts";
import { reconciliationParts } from "./reconciliation.ts";

const twice = part<"4.1", Cast>({
  ...parties,
  words: { zh: "放弃的支付仍被扣款", en: "A payment that was given up is debited all the same" },
  async setup(stage) {
    const { driver, orderId } = await stage.charge({ autoCapture: false, wh: 40 });
    await driver.driver.stop(orderId);
    const { bill } = await driver.until(orderId, "awaiting-payment");
    return { ...castOf(driver, bill!.totalFen), orderId };
  },
  async fault(cast, stage) {
    const { driver, orderId } = cast;
    const { api } = driver.driver;
    const path = `/v1/orders/${orderId}/payments`;
    const opened = await api.post<PaymentOpened>(path, { purpose: "charge", by: "wechat" });
    cast.paymentId = opened.paymentId!;
    await stage.provoke({ payments: [cast.paymentId] }, "paid-after-close");
    await api.post(`/v1/payments/${cast.paymentId}/close`, {});
    await untilStatus(cast, "closed");
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
  setup: async (stage) => castOf(await stage.person(), ODD_FEN),
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
      await until("it is known to be open", async () => {
        const { status } = await paymentOf(cast);
        must(status !== "failed", "it was guessed as failed");
        return status === "open";
      });
      await payByHand(cast);
      await untilStatus(cast, "succeeded");
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

/** Its account pays without its hand from now on. */
async function bind({ driver: { api } }: Person): Promise<void> {
  const opened = await api.post<PaymentOpened>("/v1/me/bindings", { by: "wechat" });
  await api.ask("POST", opened.handoff!.value, { body: {} });
  const bound = () => api.get<{ items: unknown[] }>("/v1/me/bindings");
  await until("the account is bound", async () => (await bound()).items.length > 0);
}
/** A charge that the bound account pays at its end. */
async function boundCharge(stage: Stage): Promise<Cast> {
  const [pile, driver] = await Promise.all([stage.pile(), stage.person(0)]);
  await bind(driver);
  const { id } = await driver.start({ pileId: pile.id, by: "wechat", autoCapture: true });
  await driver.until(id, "charging");
  const from = pile.register();
  await until("15 Wh on the meter", () => pile.register() >= from + 15);
  // an order's first payment has the order's own number
  return { ...castOf(driver), orderId: id, paymentId: `pay_${id.slice(4)}-1` };
}

const failedOnce = part<"4.1", Cast>({
  ...parties,
  words: {
    zh: "免密扣款已成功，支付方却答失败",
    en: "A bound account is debited, and the provider says that it failed",
  },
  setup: boundCharge,
  async fault(cast, stage) {
    const { driver, orderId, paymentId } = cast;
    await stage.provoke({ payments: [paymentId] }, "error-after-success", "late");
    await driver.driver.stop(orderId);
    const taken = await until("the provider has taken it", async () => {
      return (await debitsOf(cast))[0];
    });
    cast.fen = taken.fen;
    return `${taken.fen} fen taken, answered as an error`;
  },
  clauses: {
    "pay.one-at-provider": async (cast, stage) => {
      const { driver, orderId } = cast;
      const { bill } = await driver.until(orderId, "paid");
      const types = (await recordsOf(stage, cast)).map(({ type }) => type);
      must(types.includes("PaymentUnclear"), "the answer was no error");
      const debits = await debitsOf(cast);
      must(debits.length === 1, `debited ${debits.length} times at the provider`);
      must(debits[0]!.fen === bill!.totalFen, `${debits[0]!.fen} fen taken`);
      return `${bill!.totalFen} fen debited once, under one number`;
    },
  },
  incident: null,
});

const toldTwice = part<"4.1", Cast>({
  ...parties,
  words: { zh: "支付方重复回调", en: "The provider calls back twice" },
  setup: async (stage) => castOf(await stage.person(), 1_733),
  async fault(cast, stage) {
    const { api } = cast.driver.driver;
    await recharge(cast);
    await stage.own(cast.paymentId);
    await stage.provoke({ payments: [cast.paymentId] }, "double");
    await payByHand(cast);
    await until("it called twice", async () => {
      const { next } = await api.get<{ next: string[] }>("/sandbox/provider/behaviour");
      return !next.includes("double");
    });
    return `${cast.fen} fen paid, told twice`;
  },
  clauses: {
    "pay.one-inside": async (cast, stage) => {
      const balance = async () => (await cast.driver.driver.wallet()).balanceFen - 50_000;
      await until("it is booked", async () => await balance() >= cast.fen);
      await never("booked again", async () => await balance() !== cast.fen, 2_000);
      const records = await stage.console.records("wallet", cast.driver.id);
      const booked = records.filter(({ type, event }) =>
        type === "PaymentBooked" && event.paymentId === cast.paymentId
      );
      must(booked.length === 1, `booked ${booked.length} times`);
      return `${cast.fen} fen booked once`;
    },
  },
  incident: null,
});

export default defineDrill("4.1", [
  twice,
  unknown,
  failedOnce,
  toldTwice,
  ...reconciliationParts,
]);

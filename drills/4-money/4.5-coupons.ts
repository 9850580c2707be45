// 4.5 优惠券/账户余额计算错误: a coupon is tried twice, a payment with one fails twice, each fen that moved is
// looked up in the driver's own book, and a movement with one side only is found by the audit.
import type { CampaignView } from "../../wire/campaign.ts";
import type { Coupons } from "../../wire/http.ts";
import { newKey, type Pile, Refused } from "../../sim/mod.ts";
import { audited } from "../frame/audit.ts";
import { shown } from "../frame/common.ts";
import { defineDrill, part } from "../frame/drill.ts";
import type { Person } from "../frame/person.ts";
import { must, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

const OFF_FEN = 3;
const DAY_MS = 86_400_000;

interface Cast {
  pile: Pile;
  driver: Person;
  orderId: string;
  couponId: string;
  said: string[];
}
/** One coupon of 3 fen for that driver, out of a campaign of its own. */
async function grant(stage: Stage, driver: Person): Promise<string> {
  const terms = {
    off: { kind: "amount", fen: OFF_FEN },
    thresholdFen: 0,
    validFrom: Date.now() - 60_000,
    validUntil: Date.now() + DAY_MS,
    currency: "CNY",
  };
  const plan = { name: "Drill 4.5", terms, budgetFen: OFF_FEN, perUser: 1 };
  const { id } = await stage.ops.api.post<CampaignView>("/v1/ops/campaigns", plan);
  await stage.ops.api.post(`/v1/ops/campaigns/${id}/grants`, { userIds: [driver.id] });
  const granted = async () => (await couponsOf(driver))[0]?.id;
  return await until("the coupon", granted);
}
const couponsOf = async ({ driver }: Person) =>
  (await driver.api.get<Coupons>("/v1/coupons")).items;

/** A charge that is over and not paid yet. */
async function due({ pile, driver }: Cast, wh = 30): Promise<string> {
  const { id } = await driver.start({ pileId: pile.id, autoCapture: false });
  await driver.until(id, "charging");
  const from = pile.register();
  await until("energy flows", () => pile.register() > from + wh);
  await driver.driver.stop(id);
  await driver.until(id, "awaiting-payment");
  return id;
}
const payWith = (cast: Cast, orderId: string, by: string) =>
  cast.driver.driver.api.post<{ paymentId: string; handoff: { value: string } }>(
    `/v1/orders/${orderId}/payments`,
    { purpose: "charge", by, couponId: cast.couponId },
  );
const said = (what: Promise<unknown>) =>
  what.then(() => "taken", (error: unknown) => {
    if (error instanceof Refused) return error.code;
    throw error;
  });
async function cast(stage: Stage): Promise<Cast> {
  const [pile, driver] = await Promise.all([stage.pile(), stage.person()]);
  return { pile, driver, orderId: "", couponId: await grant(stage, driver), said: [] };
}
const typesOf = async ({ driver }: Cast, stage: Stage) =>
  (await stage.console.records("wallet", driver.id)).map(({ type }) => type);

const parties = {
  setup: cast,
  user: shown.user,
  ops: shown.opsQuiet,
  async money({ driver, orderId }: Cast, stage: Stage) {
    if ((await driver.driver.order(orderId)).status !== "paid") await driver.driver.pay(orderId);
    return await stage.settled();
  },
  log: async (one: Cast, stage: Stage) => (await typesOf(one, stage)).join(", "),
  incident: null,
  proof: shown.proof,
};

interface Line {
  cause: string;
  balanceFen: number;
}
interface Moved {
  postings?: { account: string; fen: number }[];
  balanceFen?: number;
}
const twice = part<"4.5", Cast>({
  ...parties,
  words: { zh: "同一张券用于两单", en: "One coupon is laid on two bills" },
  async fault(one) {
    const first = await due(one);
    one.said.push(await said(payWith(one, first, "wallet")));
    await one.driver.until(first, "paid");
    one.orderId = await due(one);
    one.said.push(await said(payWith(one, one.orderId, "wallet")));
    return `laid on two bills: ${one.said.join(", ")}`;
  },
  clauses: {
    "coupon.once": async ({ said: [first, second], driver, couponId }) => {
      must(first === "taken" && second === "coupon.used", `laid on: ${first}, then ${second}`);
      const coupon = (await couponsOf(driver)).find(({ id }) => id === couponId);
      must(coupon?.status === "used", `the coupon is shown ${coupon?.status}`);
      return "taken once, then coupon.used";
    },
  },
});

const failing = part<"4.5", Cast>({
  ...parties,
  words: { zh: "用券支付两次失败", en: "Paying with a coupon fails twice" },
  async fault(one) {
    one.orderId = await due(one);
    for (const round of [1, 2]) {
      const { paymentId, handoff } = await payWith(one, one.orderId, "wechat");
      const { api } = one.driver.driver;
      await api.ask("POST", handoff.value, { body: { outcome: "fail" }, key: newKey() });
      await until(`payment ${round} failed`, async () => {
        const { status } = await api.get<{ status: string }>(`/v1/payments/${paymentId}`);
        const open = (await one.driver.driver.order(one.orderId)).dues[0]?.status === "open";
        return status === "failed" && open;
      });
      const coupon = (await couponsOf(one.driver)).find(({ id }) => id === one.couponId);
      one.said.push(String(coupon?.status));
      if (coupon?.status === "used") break;
    }
    return `two payments failed at the provider, the coupon then: ${one.said.join(", ")}`;
  },
  clauses: {
    "coupon.returned-once": async (one, stage) => {
      const backs = (await typesOf(one, stage)).filter((type) => type === "CouponReturned");
      must(backs.length === 1, `given back ${backs.length} times`);
      return `given back once; then ${one.said.join(", ")}`;
    },
  },
  incident: { cause: /.*/, row: "4.1" },
});

const books = part<"4.5", Cast>({
  ...parties,
  words: { zh: "每一分钱的去向", en: "Where each fen went" },
  async fault(one) {
    one.orderId = await due(one);
    one.said.push(await said(payWith(one, one.orderId, "wallet")));
    await one.driver.until(one.orderId, "paid");
    return "recharged, held, charged, paid with a coupon";
  },
  clauses: {
    "books.lines": async ({ driver }, stage) => {
      const records = await stage.console.records("wallet", driver.id);
      let balance = 0;
      let lines = 0;
      for (const { type, event } of records) {
        const { postings = [], balanceFen } = event as Moved;
        const sum = postings.reduce((all, { fen }) => all + fen, 0);
        must(sum === 0, `${type} sums to ${sum}`);
        const own = postings.filter(({ account }) => account === `wallet:${driver.id}`);
        balance -= own.reduce((all, { fen }) => all + fen, 0);
        must((balanceFen ?? balance) === balance, `${type} moved a balance without a line`);
        lines += postings.length;
      }
      return `${lines} lines lead to ${balance} fen`;
    },
    "books.statement": async ({ driver }) => {
      const { balanceFen } = await driver.driver.wallet();
      const shows = async () => {
        const { items } = await driver.driver.api.get<{ items: Line[] }>("/v1/wallet/lines");
        return items[0]?.balanceFen === balanceFen && items.every(({ cause }) => cause !== "") &&
          items;
      };
      const items = await until(`a statement that ends at ${balanceFen} fen`, shows);
      return `${items.length} lines, the last at ${balanceFen} fen`;
    },
  },
});

const sumOf = ({ event }: { event: Record<string, unknown> }) =>
  ((event as Moved).postings ?? []).reduce((all, { fen }) => all + fen, 0);

/** Money leaves the wallet's account and comes to none: a mistake as a release brings. */
const unbalanced = part<"4.5", Cast>({
  ...parties,
  words: { zh: "一笔资金变动只记了一边", en: "A movement of money is booked on one side only" },
  off: ["books.lines"],
  async fault(one, stage) {
    one.orderId = await due(one, 20);
    await one.driver.driver.pay(one.orderId);
    await one.driver.until(one.orderId, "paid");
    const records = await stage.console.records("wallet", one.driver.id);
    const wrong = records.filter((record) => sumOf(record) !== 0);
    return wrong.map((record) => `${record.type} sums to ${sumOf(record)} fen`).join(", ");
  },
  clauses: {
    "books.audited": ({ driver }, stage) => audited(stage, "book-sum", `wallet/${driver.id}`),
  },
  async money({ driver }) {
    const { balanceFen, heldFen } = await driver.driver.wallet();
    must(heldFen === 0, `${heldFen} fen are still held`);
    return `the driver has ${balanceFen} fen, nothing is held; the book has one side too few`;
  },
  incident: { cause: "book-sum", outcome: "needs-person" },
  proof: (one) => [...shown.proof(one), { kind: "auditor", id: "books" }],
});

export default defineDrill("4.5", [twice, failing, books, unbalanced]);

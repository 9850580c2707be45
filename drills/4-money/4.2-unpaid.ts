// 4.2 订单未支付导致车位被占: a charge is over and its driver does not pay. The limit of 24 h is seconds
// here. Overstay and a forced unlock have no check yet.
import type { Pile } from "../../sim/mod.ts";
import { type Charge, onCredit, shown, trust } from "../frame/common.ts";
import { defineDrill, part } from "../frame/drill.ts";
import type { Person } from "../frame/person.ts";
import { must, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

const LIMIT_MS = 2_500;
const LENT_FEN = 3_000;

interface Unpaid extends Charge {
  other: Person;
  totalFen: number;
}
interface Purse {
  balanceFen: number;
  debts: { orderId: string; fen: number }[];
}
const purseOf = ({ driver }: Person) => driver.api.get<Purse>("/v1/wallet");

async function leaveUnpaid(cast: Unpaid) {
  const { driver, orderId, pile } = cast;
  await driver.driver.stop(orderId);
  const { bill } = await driver.until(orderId, "awaiting-payment", "overdue");
  cast.totalFen = bill!.totalFen;
  pile.unplug();
  must(cast.totalFen > 0, "there is nothing to pay");
  return `${cast.totalFen} fen left unpaid, the car has gone`;
}
async function letPass(cast: Unpaid) {
  const said = await leaveUnpaid(cast);
  await cast.driver.until(cast.orderId, "overdue");
  return `${said}, ${LIMIT_MS} ms ago`;
}
/** Whatever runs ends, and the debt is paid. */
async function money(cast: Unpaid, stage: Stage) {
  const { driver, other, orderId } = cast;
  for (const one of [driver, other]) {
    for (const { id, status } of (await one.driver.active()).orders) {
      if (status === "starting" || status === "charging") await one.driver.stop(id);
    }
  }
  if ((await driver.driver.order(orderId)).status !== "paid") await driver.driver.pay(orderId);
  await until("no debt is left", async () => (await purseOf(driver)).debts.length === 0);
  return await stage.settled();
}
const parties = {
  setup: async (stage: Stage): Promise<Unpaid> => ({
    ...await stage.charge({ autoCapture: false, wh: 30 }),
    other: await stage.person(),
    totalFen: 0,
  }),
  user: shown.user,
  ops: shown.opsQuiet,
  money,
  log: shown.log,
  incident: { cause: "unpaid", outcome: "handled" },
  proof: shown.proof,
} as const;

const late = part<"4.2", Unpaid>({
  ...parties,
  words: { zh: "过了支付时限仍未付", en: "The limit passes and nobody has paid" },
  fault: leaveUnpaid,
  clauses: {
    "due.overdue": async ({ driver, orderId, totalFen }) => {
      await driver.until(orderId, "overdue");
      await driver.notice("charge.overdue", orderId);
      const { debts } = await purseOf(driver);
      const owed = debts.find((debt) => debt.orderId === orderId)?.fen;
      must(owed === totalFen, `${owed} fen in debt, not ${totalFen}`);
      return `逾期, told, ${owed} fen in debt`;
    },
    "due.bay-free": async ({ pile, other }) => {
      pile.plug();
      const order = await other.start({ pileId: pile.id, autoCapture: true });
      await other.until(order.id, "charging");
      return "the next driver charges at the same gun";
    },
  },
});

/** A charge on credit: neither hold nor balance is there, so that nothing but a recharge can pay it. */
async function lent(stage: Stage): Promise<Unpaid & { another: Pile }> {
  const [pile, another] = await Promise.all([stage.pile(), stage.pile()]);
  const [driver, other] = [await stage.person(0), await stage.person()];
  await trust(stage, driver, LENT_FEN);
  const { id: orderId } = await driver.start({ pileId: pile.id, ...onCredit });
  await driver.until(orderId, "charging");
  const from = pile.register();
  await until("energy flows", () => pile.register() > from + 30);
  return { pile, another, driver, other, orderId, totalFen: 0 };
}

const again = part<"4.2", Unpaid & { another: Pile }>({
  ...parties,
  words: { zh: "欠费车主再次充电，然后充值", en: "A driver in debt starts again, then recharges" },
  setup: lent,
  fault: letPass,
  clauses: {
    "due.blocks": async ({ driver, another, orderId }) => {
      const refused = await driver.refused(driver.start({ pileId: another.id, autoCapture: true }));
      const { code, facts } = refused;
      must(code === "user.debt-open" && facts.orderId === orderId, `refused as ${code}`);
      must(another.log("command").length === 0, "the other pile has heard a command");
      return `${code}, which names the unpaid order`;
    },
    "due.next-recharge": async (cast) => {
      const { driver, orderId, totalFen } = cast;
      const before = await purseOf(driver);
      must(before.balanceFen === 0, `${before.balanceFen} fen were there without any recharge`);
      await driver.driver.recharge(totalFen);
      const { dues } = await driver.until(orderId, "paid");
      await until("the debt is gone", async () => (await purseOf(driver)).debts.length === 0);
      must(dues.every(({ status }) => status === "paid"), "a due is still open");
      const { balanceFen } = await purseOf(driver);
      must(balanceFen === 0, `${balanceFen} fen of the recharge are left`);
      return `an empty wallet, a recharge of ${totalFen} fen: it paid the debt, 0 are left`;
    },
  },
});

export default defineDrill("4.2", [late, again], { payLimitMs: LIMIT_MS });

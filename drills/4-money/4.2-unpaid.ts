// 4.2 订单未支付导致车位被占: a charge is over, its driver does not pay, and may not even leave. The limit
// of 24 h is seconds here, and so are the minutes of the rule for staying.
import type { Pile } from "../../sim/mod.ts";
import { BAY_TIMES, dueOf, leaves, MINUTE_MS, paid, stayOf, stays } from "../frame/bay.ts";
import { type Charge, heard, onCredit, shown, trust } from "../frame/common.ts";
import { defineDrill, part } from "../frame/drill.ts";
import type { Person } from "../frame/person.ts";
import { must, pause, until } from "../frame/see.ts";
import { DAY, type Stage } from "../frame/stage.ts";

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

/** A lower cap than the drills' own, so that it is reached. */
const RULE = { graceMinutes: 15, fenPerMinute: 50, capFen: 500 };
const kept = part<"4.2", Unpaid>({
  ...parties,
  words: { zh: "未支付，且车辆不走", en: "Nobody pays, and the car stays" },
  times: { payLimitMs: 600_000 },
  setup: async (stage) => {
    const stationId = await stage.station({ ...DAY, overstay: RULE });
    const charge = await stage.charge({ autoCapture: false, wh: 30, stationId });
    return { ...charge, other: await stage.person(), totalFen: 0 };
  },
  fault: async (cast) => {
    await stays(cast);
    await pause((RULE.graceMinutes + 20) * MINUTE_MS);
    await leaves(cast);
    return "the car stood there for 35 minutes of the rule";
  },
  clauses: {
    "due.overstay": async (cast) => {
      const { driver, orderId } = cast;
      const due = await until("the fee", () => dueOf(cast));
      const stay = await stayOf(cast);
      must(
        stay.rule.graceMinutes === RULE.graceMinutes,
        `a grace of ${stay.rule.graceMinutes} min`,
      );
      must(due.fen === RULE.capFen, `${due.fen} fen after 20 minutes, at most ${RULE.capFen}`);
      const soon = driver.noticesOf("bay.fee-soon", orderId)[0];
      const toldAt = soon && driver.toldAt.get(soon.id);
      must(toldAt !== undefined, "nobody told its driver before");
      must(
        Date.parse(stay.feeFrom!) >= Date.parse(stay.graceUntil),
        "the fee ran within the grace",
      );
      return `${due.fen} fen, ${due.status}: 15 min free, per minute, capped, told before`;
    },
  },
  money: async (cast, stage) => {
    await paid(cast);
    return await money(cast, stage);
  },
  incident: { cause: "overstay", outcome: "handled", row: "7.3" },
});

interface Released {
  stay?: { release?: { status: string } };
}
const blocking = part<"4.2", Unpaid>({
  ...parties,
  words: { zh: "欠费车辆占住车位", en: "A car in debt blocks the bay" },
  times: { bayWarnMs: 1_000 },
  fault: async (cast) => {
    const { orderId, driver } = cast;
    await stays(cast);
    const { bill } = await driver.until(orderId, "overdue");
    cast.totalFen = bill!.totalFen;
    return `${cast.totalFen} fen in debt, and the gun is still in`;
  },
  clauses: {
    "due.force-unlock": async (cast, stage) => {
      const { driver, orderId, pile } = cast;
      const { api } = stage.ops;
      const path = `/v1/ops/orders/${orderId}`;
      const release = (confirm?: string) => {
        const body = { reason: "blocks the bay", shut: true, ...(confirm ? { confirm } : {}) };
        return driver.refused(api.post(`${path}/bay-release`, body));
      };
      const steps = [(await release()).code];
      await api.post(`${path}/bay-warning`, { reason: "unpaid since yesterday" });
      await driver.notice("bay.release-warned", orderId);
      steps.push((await release()).code);
      await pause(1_100);
      const { code, facts } = await release();
      steps.push(code);
      must(
        steps.join() === "bay.not-told,bay.too-early,bay.unconfirmed",
        `refused as ${steps.join()}`,
      );
      must(Array.isArray(facts.risks), "nobody said what it risks");
      must(heard(pile, "unlock").length === 0, "the gun was unlocked before");
      const confirm = String(facts.confirm);
      await api.post(`${path}/bay-release`, { reason: "blocks the bay", shut: true, confirm });
      await driver.notice("bay.released", orderId);
      const { stay } = await api.get<Released>(`/v1/orders/${orderId}`);
      must(stay?.release?.status === "unlocked", `the gun is ${stay?.release?.status}`);
      await until("the pile heard it", () => heard(pile, "unlock").length === 1);
      return `${steps.join(", ")}; told, confirmed '${confirm}', unlocked and shut`;
    },
  },
  incident: { cause: "force-unlock", outcome: "handled" },
});

export default defineDrill("4.2", [late, again, kept, blocking], {
  ...BAY_TIMES,
  payLimitMs: LIMIT_MS,
});

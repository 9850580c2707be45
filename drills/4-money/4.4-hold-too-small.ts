// 4.4 预扣款不足: a charge wants more than was held for it. Holds are made small by settings (a hold of
// at most 0.40 yuan), so that one is used up within seconds.
import type { ChargeLimit } from "../../wire/pile.ts";
import type { Pile } from "../../sim/mod.ts";
import { type Charge, OVER, shown } from "../frame/common.ts";
import { defineDrill, part } from "../frame/drill.ts";
import type { Person } from "../frame/person.ts";
import { must, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

const HOLD_FEN = 40;
/** 1.40 yuan a kWh, and the factor of a hold over it. */
const FEN_PER_WH = 0.14;
const FACTOR = 1.1;

type Running = Awaited<ReturnType<Stage["charge"]>>;
/** One driver does nothing, the other holds more. */
interface Pair extends Running {
  willing: Running;
}
const costFen = ({ pile, startWh }: Running) => (pile.register() - startWh) * FEN_PER_WH;
const nearlySpent = (cast: Running) => costFen(cast) >= HOLD_FEN * 0.8;

const spent = part<"4.4", Pair>({
  words: {
    zh: "两位车主的预授权快用完，一位追加",
    en: "Two holds are used up: one driver does nothing, the other holds more",
  },
  async setup(stage) {
    const wish = { wh: 5 };
    const [idle, willing] = await Promise.all([stage.charge(wish), stage.charge(wish)]);
    return { ...idle, willing };
  },
  async fault(cast) {
    const { willing } = cast;
    await until("a hold is nearly spent", () => nearlySpent(willing), 25_000);
    const path = `/v1/orders/${willing.orderId}/top-up`;
    await willing.driver.driver.api.post(path, { fen: 200 }).catch(() => {}); // its clause looks
    await until("the other one too", () => nearlySpent(cast));
    const metered = [cast, willing].map((one) => Math.floor(costFen(one)));
    return `${metered.join(" and ")} of ${HOLD_FEN} fen by the piles' own meters`;
  },
  clauses: {
    "hold.warned": async ({ driver, orderId }) => {
      const { facts } = await driver.notice("charge.hold-low", orderId, 5_000);
      const holdFen = Number(facts.holdFen);
      const pct = Math.floor(Number(facts.costFen) * 100 / holdFen);
      must(holdFen === HOLD_FEN && pct >= 80, `warned at ${pct} % of ${holdFen} fen`);
      return `warned at ${pct} % of ${HOLD_FEN} fen`;
    },
    "hold.stop-before": async ({ driver, orderId }) => {
      const { bill, ending } = await driver.until(orderId, ...OVER);
      must(ending === "limit", `it ended as ${ending}`);
      must(bill!.totalFen <= HOLD_FEN, `billed ${bill!.totalFen} of ${HOLD_FEN} fen held`);
      return `stopped at ${bill!.totalFen} of ${HOLD_FEN} fen`;
    },
    "hold.top-up": async ({ willing }) => {
      const { driver, orderId } = willing;
      const { heldFen } = await driver.driver.wallet();
      must(heldFen === HOLD_FEN + 200, `${heldFen} fen held after the top-up`);
      await until("it charges past the first hold", () => costFen(willing) > HOLD_FEN + 5);
      must((await driver.driver.order(orderId)).status === "charging", "it charges no more");
      return `${heldFen} fen held, charging at ${Math.floor(costFen(willing))} fen`;
    },
  },
  user: shown.user,
  /** Nothing rings for a hold that is used up: it is kept as an incident and shown on the order. */
  async ops({ orderId }, stage) {
    const [kept] = await until("the incident", async () => {
      const all = await stage.console.incidents("4.4", [`order/${orderId}`]);
      return all.length > 0 && all;
    });
    return `${kept!.cause}, ${kept!.action}`;
  },
  async money(cast, stage) {
    await cast.willing.driver.driver.stop(cast.willing.orderId);
    return await shown.money(cast, stage);
  },
  async log({ orderId }, stage) {
    const records = await stage.console.records("order", orderId);
    const kept = records.find(({ type }) => type === "HoldNearlySpent")?.event;
    must(kept !== undefined, "the record has no HoldNearlySpent");
    return `HoldNearlySpent: ${Number(kept.costFen)} of ${Number(kept.holdFen)} fen`;
  },
  incident: { cause: "hold-nearly-spent", outcome: "handled" },
  proof: shown.proof,
});

interface Two extends Charge {
  other: Person;
  otherPile: Pile;
}
const LIMIT: ChargeLimit = { energyWh: 200 };
const heldOf = async (stage: Stage, { id }: Person) => {
  const records = await stage.console.records("wallet", id);
  return Number(records.find(({ type }) => type === "HoldPlaced")?.event.fen ?? 0);
};

const sized = part<"4.4", Two>({
  words: { zh: "小目标与满充，各一位车主", en: "One driver wants 200 Wh, another a full battery" },
  async setup(stage) {
    const [pile, otherPile] = await Promise.all([stage.pile(), stage.pile()]);
    const [driver, other] = await Promise.all([stage.person(), stage.person()]);
    return { pile, otherPile, driver, other, orderId: "" };
  },
  async fault(cast) {
    const { pile, driver, other, otherPile } = cast;
    const plan = { autoCapture: true };
    const [small] = await Promise.all([
      driver.start({ pileId: pile.id, limit: LIMIT, ...plan }),
      other.start({ pileId: otherPile.id, ...plan }),
    ]);
    cast.orderId = small.id;
    await until("both charge", () => pile.register() > 30 && otherPile.register() > 30);
    return `both charge, one until ${LIMIT.energyWh} Wh`;
  },
  clauses: {
    "hold.sized": async ({ driver, other }, stage) => {
      const wanted = Math.ceil(LIMIT.energyWh! * FEN_PER_WH * FACTOR);
      const [small, full] = [await heldOf(stage, driver), await heldOf(stage, other)];
      must(small === wanted, `${small} fen held for ${LIMIT.energyWh} Wh, not ${wanted}`);
      must(full === HOLD_FEN, `${full} fen held for a full battery, not ${HOLD_FEN}`);
      return `${small} fen for ${LIMIT.energyWh} Wh, ${full} fen without a target`;
    },
    "hold.rest-released": async ({ driver, orderId }, stage) => {
      await driver.driver.stop(orderId);
      const { totalFen } = (await driver.until(orderId, "paid")).bill!;
      const held = await heldOf(stage, driver);
      const free = async () => {
        const { heldFen, balanceFen } = await driver.driver.wallet();
        return heldFen === 0 && balanceFen === 50_000 - totalFen;
      };
      await until(`${held - totalFen} of ${held} fen are free again`, free, 3_000);
      return `${totalFen} of ${held} fen taken, ${held - totalFen} free again`;
    },
  },
  user: shown.user,
  ops: shown.opsQuiet,
  async money({ other }, stage) {
    const { orders } = await other.driver.active();
    for (const { id } of orders) await other.driver.stop(id);
    return await stage.settled();
  },
  log: shown.log,
  incident: null,
  proof: shown.proof,
});

export default defineDrill("4.4", [spent, sized], {
  holdFenMin: 10,
  holdFenMax: HOLD_FEN,
  noteMs: 1_000,
  stopLeadMs: 1_200,
});

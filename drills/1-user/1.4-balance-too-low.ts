// 1.4 账户余额不足: a driver without enough money taps start.
import { type Pile, Refused } from "../../sim/mod.ts";
import { onCredit, trust } from "../frame/common.ts";
import { defineDrill, part } from "../frame/drill.ts";
import type { Person } from "../frame/person.ts";
import { must, until } from "../frame/see.ts";
import type { Incident } from "../frame/console.ts";
import type { Stage } from "../frame/stage.ts";

interface Cast {
  pile: Pile;
  driver: Person;
  refused: Refused | null;
  orderId: string;
}
const CODE = "wallet.balance-too-low";

const parts = {
  setup: async (stage: Stage): Promise<Cast> => ({
    pile: await stage.pile(),
    driver: await stage.person(100),
    refused: null,
    orderId: "",
  }),
  async fault(cast: Cast) {
    const tapped = cast.driver.start({ pileId: cast.pile.id, autoCapture: true });
    cast.refused = await tapped.then(() => null, (error: unknown) => {
      if (error instanceof Refused) return error;
      throw error;
    });
    return cast.refused ? `${cast.refused.status} ${cast.refused.code}` : "the start was taken";
  },
  user: ({ refused }: Cast) => {
    must(refused?.code === CODE, `the driver was told ${String(refused?.code)}`);
    return Promise.resolve(`told ${refused.code}, needs ${String(refused.facts.needFen)} fen`);
  },
  ops: async ({ pile }: Cast, stage: Stage) => {
    const kept = await until("the refusal as an incident", async () => {
      const path = "/v1/ops/incidents";
      const { items } = await stage.ops.api.get<{ items: Incident[] }>(path, { row: "1.4" });
      return items.find(({ cause }) => cause === CODE);
    });
    return `${kept.cause} at ${pile.id}, ${kept.outcome}`;
  },
  money: async ({ driver, orderId }: Cast, stage: Stage) => {
    if (orderId !== "") {
      await driver.driver.api.ask("POST", `/v1/orders/${orderId}/stop`);
      await driver.until(orderId, "paid", "start-failed");
    }
    return await stage.settled();
  },
  log: async ({ driver }: Cast, stage: Stage) => {
    const records = await stage.console.records("wallet", driver.id);
    return records.map(({ type }) => type).join(", ");
  },
  incident: null,
  proof: ({ driver, pile, orderId }: Cast) => [
    { kind: "wallet" as const, id: driver.id },
    { kind: "pile" as const, id: pile.id },
    ...(orderId === "" ? [] : [{ kind: "order" as const, id: orderId }]),
  ],
};

const poor = part<"1.4", Cast>({
  ...parts,
  words: { zh: "余额不足的车主点启动", en: "A driver with too little money taps start" },
  clauses: {
    "balance.precheck": async ({ refused, driver, pile }) => {
      must(refused?.status === 402, "it was not refused");
      const { heldFen, balanceFen } = await driver.driver.wallet();
      must(heldFen === 0 && balanceFen === 100, `${heldFen} fen held, ${balanceFen} left`);
      must(pile.log("command").length === 0, "the pile has heard a command");
      return `402 ${refused.code}, nothing moved`;
    },
  },
});

const recharged = part<"1.4", Cast>({
  ...parts,
  words: { zh: "在拒绝处充值后再点启动", en: "Recharged where it was refused, then started" },
  clauses: {
    "balance.recharge-entry": async (cast) => {
      const { refused, driver, pile } = cast;
      const needFen = refused?.facts.needFen;
      must(typeof needFen === "number" && needFen > 0, `the refusal says ${String(needFen)} fen`);
      await driver.driver.recharge(needFen);
      const order = await driver.start({ pileId: pile.id, autoCapture: true });
      cast.orderId = order.id;
      await driver.until(order.id, "charging");
      return `recharged ${needFen} fen, the start works`;
    },
  },
});

/** Lent for one charge: less than a hold would be, so that the second has nothing left. */
const LENT_FEN = 3_000;
const CREDIT = "wallet.credit-refused";
interface Lent extends Cast {
  another: Pile;
}
const asked = (what: Promise<unknown>) =>
  what.then(() => null, (error: unknown) => {
    if (error instanceof Refused) return error;
    throw error;
  });
const lent = {
  ...parts,
  user: ({ refused }: Lent) => {
    must(refused?.code === CREDIT, `the driver was told ${String(refused?.code)}`);
    return Promise.resolve(`told ${refused.code}: ${String(refused.facts.why)}`);
  },
  ops: async ({ driver }: Lent, stage: Stage) => {
    const { v } = await stage.ops.api.get<{ v: number }>(`/v1/ops/actors/wallet/${driver.id}`);
    return `wallet v${v}`;
  },
  async money({ driver }: Lent, stage: Stage) {
    const { orders } = await driver.driver.active();
    for (const { id } of orders) {
      await driver.driver.stop(id);
      await driver.until(id, "paid", "awaiting-payment", "start-failed");
    }
    return await stage.settled();
  },
};
const setUp = async (stage: Stage): Promise<Lent> => {
  const [one, another] = await Promise.all([parts.setup(stage), stage.pile()]);
  return { ...one, another };
};

const untried = part<"1.4", Lent>({
  ...lent,
  words: { zh: "新车主想先充后补", en: "A driver whom nobody knows wants credit" },
  setup: setUp,
  async fault(cast) {
    cast.refused = await asked(cast.driver.start({ pileId: cast.pile.id, ...onCredit }));
    return cast.refused ? `${cast.refused.status} ${cast.refused.code}` : "the start was taken";
  },
  clauses: {
    "credit.by-risk-rules": async ({ refused, driver, pile }, stage) => {
      must(refused?.code === CREDIT, "credit was given to a stranger");
      must(pile.log("command").length === 0, "the pile has heard a command");
      await trust(stage, driver, LENT_FEN);
      const { id } = await driver.start({ pileId: pile.id, ...onCredit });
      await driver.until(id, "charging");
      return `refused (${String(refused.facts.why)}); trusted by ops it charges`;
    },
  },
});

const exhausted = part<"1.4", Lent>({
  ...lent,
  words: { zh: "授信额度已用完", en: "What may be lent is lent already" },
  async setup(stage) {
    const cast = await setUp(stage);
    await trust(stage, cast.driver, LENT_FEN);
    const { id } = await cast.driver.start({ pileId: cast.pile.id, ...onCredit });
    await cast.driver.until(id, "charging");
    return cast;
  },
  async fault(cast) {
    cast.refused = await asked(cast.driver.start({ pileId: cast.another.id, ...onCredit }));
    return cast.refused
      ? `${cast.refused.status} ${cast.refused.code}`
      : "a second start was taken";
  },
  clauses: {
    "credit.limit": ({ refused, another }) => {
      const { why, usedFen, limitFen } = refused?.facts ?? {};
      must(refused?.code === CREDIT && why === "limit", "more than the limit was lent");
      must(usedFen === LENT_FEN, `${Number(usedFen)} of ${Number(limitFen)} fen lent`);
      must(another.log("command").length === 0, "the second pile has heard a command");
      return Promise.resolve(`${usedFen} of ${Number(limitFen)} fen lent, no more`);
    },
  },
});

export default defineDrill("1.4", [poor, recharged, untried, exhausted], { ordersPerUser: 2 });

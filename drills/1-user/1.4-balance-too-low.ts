// 1.4 账户余额不足: a driver without enough money taps start.
import { type Pile, Refused } from "../../sim/mod.ts";
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

export default defineDrill("1.4", [poor, recharged]);

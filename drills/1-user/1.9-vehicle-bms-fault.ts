// 1.9 车辆 BMS 异常: the vehicle's own system ends the charge, told in three protocols' codes.
import type { Order } from "../../wire/http.ts";
import { type Charge, connectorShown, OVER, shown } from "../frame/common.ts";
import { defineDrill, part } from "../frame/drill.ts";
import { must, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

const CODE = "BST.insulation";
const RAW = "BST 3512.00=01";

async function ended({ pile, driver, orderId }: Charge, code: string, raw: string) {
  const end = pile.next("ended");
  pile.vehicleFault(code, raw);
  const { reason } = await end;
  const order = await driver.until(orderId, ...OVER);
  return { reason, order };
}
const base = {
  ...shown,
  setup: async (stage: Stage): Promise<Charge> => await stage.charge(),
  async fault(cast: Charge) {
    const { reason } = await ended(cast, CODE, RAW);
    return `the vehicle ended it: '${reason}', ${CODE}, ${RAW}`;
  },
  incident: { cause: /BST\.insulation|bms-insulation|fault/ },
};
const causeOf = async ({ driver, orderId }: Charge): Promise<NonNullable<Order["cause"]>> => {
  const { cause } = await driver.driver.order(orderId);
  must(cause !== undefined, "the order has no cause");
  return cause;
};

type Three = Charge & {
  ocpp: Charge;
  ykc: Charge;
  others: { name: string; fault: string | undefined }[];
};
const one = part<"1.9", Three>({
  ...base,
  words: { zh: "同一故障，三种协议的代码", en: "One fault in the codes of three protocols" },
  async setup(stage) {
    const [gb, ocpp, ykc] = await Promise.all([
      stage.charge(),
      stage.charge({ lane: "ocpp1.6" }),
      stage.charge(),
    ]);
    return { ...gb, ocpp, ykc, others: [] };
  },
  async fault(cast) {
    const told = async (charge: Charge, name: string, code: string) => {
      const { order } = await ended(charge, code, code);
      cast.others.push({
        name,
        fault: order.cause?.fault,
      });
    };
    await told(cast, "GB/T 27930", "BST.battery-hot");
    await told(cast.ocpp, "OCPP", "BST.battery-hot");
    await told(cast.ykc, "云快充", "ykc.0x73");
    return cast.others.map(({ name, fault }) => `${name}: ${fault}`).join(", ");
  },
  clauses: {
    "catalogue.one": ({ others }) => {
      const unknown = others.filter(({ fault }) => fault === undefined);
      must(unknown.length === 0, `not in the catalogue: ${unknown.map(({ name }) => name).join()}`);
      return Promise.resolve(others.map(({ name, fault }) => `${name}: ${fault}`).join(", "));
    },
  },
  incident: { cause: /.*/ },
});

const blame = part<"1.9", Charge>({
  ...base,
  words: { zh: "判定责任", en: "Whose fault it is" },
  clauses: {
    "catalogue.blame": async (cast) => {
      const { by, code } = await causeOf(cast);
      must(by === "vehicle", `held against: ${by}`);
      return `${code}: ${by}`;
    },
  },
});
const words = part<"1.9", Charge>({
  ...base,
  words: { zh: "告知车主", en: "What the driver is told" },
  clauses: {
    "catalogue.words": async ({ driver, orderId }) => {
      const { code, facts } = await driver.notice("charge.vehicle-fault", orderId);
      must(facts.fault === "bms-insulation", `the words of fault ${String(facts.fault)}`);
      return `${code}: ${facts.fault}`;
    },
  },
});
const raw = part<"1.9", Charge>({
  ...base,
  words: { zh: "原始代码", en: "The raw code" },
  clauses: {
    "catalogue.raw-kept": async (cast, stage) => {
      const cause = await causeOf(cast);
      must(cause.code === CODE, `kept as ${cause.code}`);
      const path = "/v1/ops/incidents";
      const found = await until(`an incident by its raw code ${CODE}`, async () => {
        const { items } = await stage.ops.api.get<{ items: { actor: string }[] }>(path, {
          code: CODE,
        });
        return items.find(({ actor }) =>
          actor === `order/${cast.orderId}` || actor === `pile/${cast.pile.id}`
        );
      });
      return `${cause.code} kept, found at ${found.actor}`;
    },
  },
});
const innocent = part<"1.9", Charge>({
  ...base,
  words: { zh: "桩不受牵连", en: "The pile is not blamed" },
  async fault(cast) {
    const end = cast.pile.next("ended");
    cast.pile.fault(CODE, "critical", 1, RAW); // and the pile does not clear it
    return `the vehicle ended it: '${(await end).reason}', ${CODE}`;
  },
  clauses: {
    "catalogue.pile-not-blamed": async ({ pile }, stage) => {
      const next = await stage.person();
      const why = async () => (await next.driver.quote(pile.id)).why ?? "free";
      await until("the pile is open for the next", async () => (await why()) !== "pile.occupied")
        .catch(() => {});
      const { status } = await connectorShown(stage, pile);
      must(status !== "faulted" && (await why()) !== "pile.faulted", `the pile is ${status}`);
      return `connector ${status}`;
    },
  },
});

export default defineDrill("1.9", [one, blame, words, raw, innocent]);

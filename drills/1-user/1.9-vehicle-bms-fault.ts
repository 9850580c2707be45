// 1.9 车辆 BMS 异常: the car ends the charge by a BMS fault, told by a native pile and by an OCPP one.
import { zhCN } from "../../web-kit/words/zh-CN.ts";
import { faultIdOf } from "../../wire/faults/mod.ts";
import { defineDrill, part } from "../frame/drill.ts";
import { must, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

type Cast = Awaited<ReturnType<Stage["charge"]>>;
const OVER = ["paid", "awaiting-payment", "bill-review"] as const;
const RAW = "10 26 40 06";
const WORDS = "车辆BMS异常，请检查车辆";

const common = {
  user: async ({ driver, orderId }: Cast) => {
    const { ending, status } = await driver.until(orderId, ...OVER);
    must(ending === "fault", `the order ended as ${ending}`);
    return `ending ${ending}, ${status}`;
  },
  ops: async ({ pile }: Cast, stage: Stage) => {
    const alert = await stage.console.alert(
      "of the car's fault",
      ({ facts }) => facts.row === "1.9" && facts.actor === `pile/${pile.id}`,
    );
    return `${alert.severity} ${alert.code}`;
  },
  money: async ({ driver, orderId }: Cast, stage: Stage) => {
    await driver.until(orderId, "paid");
    return await stage.settled();
  },
  log: async ({ pile }: Cast, stage: Stage) => {
    const records = await stage.console.records("pile", pile.id);
    const seen = records.find(({ type }) => type === "FaultSeen");
    must(seen !== undefined, "no FaultSeen in the record");
    return `FaultSeen v${seen.v}`;
  },
  proof: ({ orderId, driver, pile }: Cast) => [
    { kind: "order" as const, id: orderId },
    { kind: "pile" as const, id: pile.id },
    { kind: "wallet" as const, id: driver.id },
  ],
};

const native = part<"1.9", Cast>({
  ...common,
  words: { zh: "BST：电池绝缘故障，车辆中止充电", en: "BST: the car stops for its insulation" },
  setup: (stage) => stage.charge(),
  async fault({ pile }) {
    const ended = pile.next("ended");
    pile.vehicleFault("BST.insulation", RAW);
    const { reason, code } = await ended;
    return `ended '${reason}', code ${code}`;
  },
  clauses: {
    "catalogue.one": async ({ driver, orderId }) => {
      const { cause } = await driver.until(orderId, ...OVER);
      must(cause?.fault === "bms-insulation", `the fault is ${cause?.fault}`);
      return `${cause.code} -> ${cause.fault}`;
    },
    "catalogue.blame": async ({ driver, orderId }) => {
      const { cause } = await driver.until(orderId, ...OVER);
      must(cause?.by === "vehicle", `at fault: ${cause?.by}`);
      return `at fault: ${cause.by}`;
    },
    "catalogue.words": async ({ driver, orderId }) => {
      const notice = await until(
        "a notice of the end",
        () =>
          driver.notices.find(({ code, facts }) =>
            (code === "charge.vehicle-fault" || code === "charge.fault") &&
            facts.orderId === orderId
          ),
      );
      const id = faultIdOf(String(notice.facts.code));
      const [say, next] = id === null ? ["", ""] : zhCN.fault[id];
      must(say.startsWith(WORDS) && next !== "", `the words are '${say}'`);
      return `${say}；${next}`;
    },
    "catalogue.raw-kept": async ({ pile, driver, orderId }, stage) => {
      const { cause } = await driver.until(orderId, ...OVER);
      must(cause?.code === "BST.insulation", `the code is ${cause?.code}`);
      for (const code of ["BST.insulation", RAW]) {
        await until(`incident found by ${code}`, async () => {
          const path = "/v1/ops/incidents";
          const { items } = await stage.ops.api.get<{ items: { actor: string }[] }>(path, { code });
          return items.some(({ actor }) => actor === `pile/${pile.id}`);
        });
      }
      return `found by BST.insulation and by ${RAW}`;
    },
    "catalogue.pile-not-blamed": async ({ pile }, stage) => {
      const records = await stage.console.records("pile", pile.id);
      const seen = records.find(({ type }) => type === "FaultSeen");
      must(seen?.event.until === "nothing", `it stands until ${String(seen?.event.until)}`);
      const path = `/v1/piles/${pile.id}`;
      const { connectors } = await stage.ops.api.get<{ connectors: { status: string }[] }>(path);
      must(connectors[0]?.status !== "faulted", "the pile is shown as faulted");
      return `the connector is ${connectors[0]?.status}`;
    },
  },
  incident: { cause: /./ },
});

const ocpp = part<"1.9", Cast>({
  ...common,
  words: { zh: "OCPP 桩：车辆通信中断", en: "An OCPP pile: the car does not answer" },
  setup: (stage) => stage.charge({ lane: "ocpp1.6" }),
  async fault({ pile }) {
    const ended = pile.next("ended");
    pile.vehicleFault("EVCommunicationError");
    const { reason, code } = await ended;
    return `ended '${reason}', code ${code}`;
  },
  clauses: {
    "catalogue.one": async ({ driver, orderId }) => {
      const { cause } = await driver.until(orderId, ...OVER);
      must(cause?.fault === "bms-silent", `the fault is ${cause?.fault}`);
      return `${cause.code} -> ${cause.fault}`;
    },
  },
  incident: { cause: "EVCommunicationError" },
});

export default defineDrill("1.9", [native, ocpp]);

// 2.3 充电枪不识别/未插紧: known to be out; there but not seated, and pushed in; never pushed in.
import type { Pile } from "../../sim/mod.ts";
import { zhCN } from "../../web-kit/words/zh-CN.ts";
import { defineDrill, part } from "../frame/drill.ts";
import type { Person } from "../frame/person.ts";
import { must, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

interface Cast {
  pile: Pile;
  driver: Person;
  orderId: string;
}
const PROMPT = "请检查充电枪是否插紧/对准";
const arrive = (wish: { unplugged?: boolean }) => async (stage: Stage): Promise<Cast> => ({
  pile: await stage.pile(wish),
  driver: await stage.person(),
  orderId: "",
});
const starts = ({ pile }: Cast) => pile.log("command").filter(({ kind }) => kind === "start");
async function tap(cast: Cast): Promise<void> {
  cast.orderId = (await cast.driver.start({ pileId: cast.pile.id, autoCapture: true })).id;
}
const proof = ({ orderId, pile, driver }: Cast) => [
  ...(orderId === "" ? [] : [{ kind: "order" as const, id: orderId }]),
  { kind: "pile" as const, id: pile.id },
  { kind: "wallet" as const, id: driver.id },
];

const out = part<"2.3", Cast>({
  words: { zh: "枪未插，车主点启动", en: "The gun is out, the driver taps start" },
  setup: arrive({ unplugged: true }),
  async fault({ pile, driver }) {
    const tapped = await driver.driver.start({ pileId: pile.id, autoCapture: true })
      .then(() => "taken", (error: { code?: string }) => error.code ?? "refused");
    return `a tap with the gun out: ${tapped}`;
  },
  clauses: {
    "plug.known-unplugged": async (cast) => {
      const plan = { pileId: cast.pile.id, autoCapture: true };
      const { code } = await cast.driver.refused(cast.driver.driver.start(plan));
      must(code === "pile.unplugged", `refused for ${code}`);
      must(starts(cast).length === 0, "the pile was told to start");
      must(zhCN.refusal[code][0] === PROMPT, `the words are ${zhCN.refusal[code][0]}`);
      return `${code}: ${zhCN.refusal[code].join("；")}`;
    },
  },
  user: async ({ driver }) => {
    const { items } = await driver.driver.api.get<{ items: { status: string }[] }>("/v1/orders");
    must(items.every(({ status }) => status === "declined"), "there is an order");
    return "no order";
  },
  ops: async ({ pile }, stage) => {
    const { connectors } = await stage.ops.api.get<{ connectors: { plugged: boolean }[] }>(
      `/v1/piles/${pile.id}`,
    );
    return `plugged: ${connectors[0]?.plugged}`;
  },
  money: (_cast, stage) => stage.settled(),
  log: (cast) => Promise.resolve(`${starts(cast).length} starts at the pile`),
  incident: null,
  proof,
});

const loose = part<"2.3", Cast>({
  words: { zh: "枪插了但没插紧，随后推紧", en: "The gun is not seated, then pushed in" },
  setup: arrive({}),
  async fault(cast) {
    cast.pile.misbehave({ loosePlug: true });
    await tap(cast);
    await until("the pile heard the start", () => starts(cast).length > 0);
    return `the pile answered '${String(starts(cast)[0]?.code)}'`;
  },
  clauses: {
    "plug.waits": async ({ driver, orderId }) => {
      const { waiting } = await until("the prompt", async () => {
        const order = await driver.driver.order(orderId);
        must(order.status === "starting", `the order is ${order.status}`);
        return order.waiting === "unplugged" && order;
      });
      return `启动中, waiting: ${waiting}`;
    },
    "plug.goes-on": async ({ pile, driver, orderId }) => {
      pile.pushIn();
      await driver.until(orderId, "charging");
      return "充电中 without another tap";
    },
  },
  user: async ({ driver, orderId }) => {
    const { status } = await driver.driver.order(orderId);
    must(status === "charging", `the order is ${status}`);
    await driver.driver.api.ask("POST", `/v1/orders/${orderId}/stop`);
    return (await driver.until(orderId, "paid")).status;
  },
  ops: async ({ orderId }, stage) => {
    const failed = await stage.console.incidents("2.4", [`order/${orderId}`]);
    must(failed.length === 0, "a failure was counted");
    return "no failure counted";
  },
  money: (_cast, stage) => stage.settled(),
  log: async ({ orderId }, stage) => {
    const records = await stage.console.records("order", orderId);
    const types = records.map(({ type }) => type);
    must(types.includes("PlugAwaited") && types.includes("ChargeStarted"), types.join(", "));
    return "PlugAwaited, ChargeStarted";
  },
  incident: { cause: "unplugged", outcome: "retrying" },
  proof,
});

const never = part<"2.3", Cast>({
  words: { zh: "一直没有插紧", en: "The gun is never pushed in" },
  setup: arrive({}),
  async fault(cast) {
    cast.pile.misbehave({ loosePlug: true });
    await tap(cast);
    await cast.driver.until(cast.orderId, "start-failed");
    return `${starts(cast).length} start, the gun never in`;
  },
  clauses: {
    "plug.no-failure": async ({ orderId }, stage) => {
      const told = await until("the end of the wait is kept", async () => {
        const all = [
          ...await stage.console.incidents("2.3", [`order/${orderId}`]),
          ...await stage.console.incidents("2.4", [`order/${orderId}`]),
        ];
        return all.find(({ outcome }) => outcome !== "retrying");
      });
      must(told.row === "2.3", `counted as a failure: row ${told.row}`);
      return `row ${told.row}, ${told.action}`;
    },
  },
  user: async ({ driver, orderId }) => {
    const { status, why } = await driver.until(orderId, "start-failed");
    return `${status}, ${why}`;
  },
  ops: async ({ pile }, stage) => {
    await until("the connector is free again", async () => {
      const { connectors } = await stage.ops.api.get<{ connectors: { status: string }[] }>(
        `/v1/piles/${pile.id}`,
      );
      return connectors[0]?.status === "plugged";
    });
    return "the connector is free again";
  },
  money: (_cast, stage) => stage.settled(),
  log: async ({ orderId }, stage) => {
    const records = await stage.console.records("order", orderId);
    const failed = records.find(({ type }) => type === "ChargeStartFailed");
    return `ChargeStartFailed ${String(failed?.event.why)}`;
  },
  incident: { cause: "unplugged" },
  proof,
});

export default defineDrill("2.3", [out, loose, never], { plugInMs: 4_000 });

// 2.8 过载/过压/欠压等电气异常: each kind of electrical fault while charging, and a meter that lies.
import { type Charge, connectorShown, heard, OVER, shown, untilShown } from "../frame/common.ts";
import { defineDrill, part } from "../frame/drill.ts";
import { must, never, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

const KINDS = [
  "OverCurrentFailure",
  "OverVoltage",
  "UnderVoltage",
  "GroundFailure",
  "HighTemperature",
];
type Cast = Charge & { all: Charge[] };

const charges = async (stage: Stage, n: number): Promise<Charge[]> =>
  await Promise.all(Array.from({ length: n }, () => stage.charge({ wh: 5 })));
const base = {
  ...shown,
  async setup(stage: Stage): Promise<Cast> {
    const all = await charges(stage, KINDS.length + 1);
    return { ...all[0]!, all };
  },
  money: async ({ all }: Cast, stage: Stage) => {
    for (const { driver, orderId } of all) await driver.until(orderId, ...OVER);
    return await stage.settled();
  },
  incident: { cause: KINDS[0]! },
};

const runsOn = part<"2.8", Cast>({
  ...base,
  words: {
    zh: "五种电气故障，桩仍在充电；急停",
    en: "Five electrical faults, piles charge on; estop",
  },
  fault({ all }) {
    KINDS.forEach((code, i) => {
      all[i]!.pile.misbehave({ runsOnFault: true });
      all[i]!.pile.fault(code, "critical");
    });
    all.at(-1)!.pile.emergencyStop();
    const running = all.filter(({ pile }) => pile.status().status === "charging").length;
    return Promise.resolve(running === KINDS.length ? `${KINDS.join(", ")}, estop` : "");
  },
  clauses: {
    "electric.safe-stop": async ({ all }) => {
      for (const { pile } of all) {
        await until(`${pile.id} was stopped`, () => pile.status().status !== "charging");
      }
      return `${all.length} stopped, ${
        all.flatMap(({ pile }) => heard(pile, "stop")).length
      } stops`;
    },
  },
});

const told = part<"2.8", Cast>({
  ...base,
  words: {
    zh: "五种电气故障与急停，桩自行停充",
    en: "Five electrical faults and an estop, piles stop",
  },
  async fault({ all }) {
    const ends = all.map(({ pile }) => pile.next("ended"));
    KINDS.forEach((code, i) => all[i]!.pile.fault(code, "critical"));
    all.at(-1)!.pile.emergencyStop();
    const reasons = (await Promise.all(ends)).map(({ reason }) => reason);
    return `${KINDS.join(", ")}, estop: ended '${[...new Set(reasons)].join("', '")}'`;
  },
  clauses: {
    "electric.alert": async ({ all }, stage) => {
      for (const { pile } of all) {
        await stage.console.alert(
          `critical of ${pile.id}`,
          ({ facts, severity }) => facts.actor === `pile/${pile.id}` && severity === "critical",
        );
      }
      return `${all.length} critical alerts`;
    },
    "electric.reason-to-user": async ({ all }) => {
      const said: string[] = [];
      for (const { driver, orderId } of all.slice(0, KINDS.length)) {
        const { facts } = await driver.notice("charge.fault", orderId);
        said.push(String(facts.fault));
      }
      return said.join(", ");
    },
  },
});

const inspected = part<"2.8", Charge>({
  ...shown,
  words: { zh: "桩称已恢复，仍须检查", en: "The pile says that it is well; a person must look" },
  setup: async (stage: Stage) => await stage.charge(),
  async fault({ pile }) {
    const end = pile.next("ended");
    pile.fault("GroundFailure", "critical");
    const { reason } = await end;
    pile.clearFault();
    return `ended '${reason}', cleared by the pile`;
  },
  clauses: {
    "electric.faulted": async ({ pile }, stage) => {
      await untilShown(stage, pile, "faulted");
      await never(
        "it is open without a look",
        async () => (await connectorShown(stage, pile)).status !== "faulted",
        2_000,
      );
      await stage.ops.api.post(`/v1/ops/piles/${pile.id}/commands`, {
        kind: "enable",
        reason: "inspected",
        confirm: true,
      });
      await until(
        "it is open after the look",
        async () => (await connectorShown(stage, pile)).status !== "faulted",
      );
      return "faulted until ops enabled it";
    },
  },
  incident: { cause: "GroundFailure" },
});

type Lies = Charge & { all: { name: string; charge: Charge }[] };
const LIES: Record<string, (charge: Charge) => void> = {
  "over rated power": ({ pile }) => pile.misbehave({ powerFactor: 3 }),
  "backward": ({ pile }) => pile.moveRegister(-500),
  "jump": ({ pile }) => pile.moveRegister(50_000),
};
const lies = part<"2.8", Lies>({
  ...shown,
  words: { zh: "读数超额定、倒走、突跳", en: "Readings over rated power, backward, jumping" },
  async setup(stage) {
    const all = await Promise.all(
      Object.keys(LIES).map(async (name) => ({
        name,
        charge: await stage.charge({ registerWh: 10_000 }),
      })),
    );
    return { ...all[0]!.charge, all };
  },
  async fault({ all }) {
    for (const { name, charge } of all) LIES[name]!(charge);
    const before = all.map(({ charge }) => charge.pile.register());
    await until(
      "the piles went on",
      () => all.every(({ charge }, i) => charge.pile.register() > before[i]! + 30),
    );
    for (const { charge: { driver, orderId } } of all) {
      await driver.driver.api.ask("POST", `/v1/orders/${orderId}/stop`);
    }
    return all.map(({ name }) => name).join(", ");
  },
  clauses: {
    "bill.plausibility": async ({ all }) => {
      const seen: string[] = [];
      for (const { name, charge: { driver, orderId } } of all) {
        const order = await driver.until(orderId, ...OVER);
        must(order.status === "bill-review", `${name}: ${order.status}, not held`);
        seen.push(`${name}: ${order.status}`);
      }
      return seen.join(", ");
    },
  },
  money: async ({ all }, stage) => {
    const books: string[] = [];
    for (const { charge: { driver, orderId } } of all) {
      const { status } = await driver.driver.order(orderId);
      if (status !== "bill-review") continue;
      const { balanceFen, heldFen } = await driver.driver.wallet();
      must(balanceFen + heldFen === 50_000, "something was charged");
      await stage.ops.api.post(`/v1/ops/orders/${orderId}/review`, {
        accept: false,
        reason: "drill",
      });
      books.push("waived");
    }
    return `${books.join(", ")}; ${await stage.settled()}`;
  },
  incident: { cause: /implausible|over|back|fell|jump|rated/ },
});

export default defineDrill("2.8", [runsOn, told, inspected, lies]);

// Flow A, 扫码充电: from the code under the QR to the receipt, and what keeps each step of it.
import { type Pile, Refused } from "../sim/mod.ts";
import type { Order } from "../wire/http.ts";
import { defineDrill, part } from "./frame/drill.ts";
import type { Person } from "./frame/person.ts";
import { must, never, until } from "./frame/see.ts";
import type { Stage } from "./frame/stage.ts";

interface Cast {
  pile: Pile;
  driver: Person;
  orderId: string;
  codes: string[];
}
const refusalOf = (what: Promise<unknown>) =>
  what.then(() => "taken", (error: unknown) => {
    if (error instanceof Refused) return error.code;
    throw error;
  });
const stop = ({ driver, orderId }: Cast) =>
  driver.driver.api.ask("POST", `/v1/orders/${orderId}/stop`);
const proof = ({ orderId, pile, driver }: Cast) => [
  ...(orderId === "" ? [] : [{ kind: "order" as const, id: orderId }]),
  { kind: "pile" as const, id: pile.id },
  { kind: "wallet" as const, id: driver.id },
];
const opsSee = async ({ orderId, pile }: Cast, stage: Stage) => {
  const [kind, id] = orderId === "" ? ["pile", pile.id] : ["order", orderId];
  const { v } = await stage.ops.api.get<{ v: number }>(`/v1/ops/actors/${kind}/${id}`);
  return `${kind} v${v}`;
};

const before = part<"flow-a", Cast>({
  words: { zh: "启动前：离线的桩、旧电价、被占的枪", en: "Before a start: what must not begin" },
  setup: async (stage) => ({
    pile: await stage.pile(),
    driver: await stage.person(),
    orderId: "",
    codes: [],
  }),
  async fault({ pile, driver, codes }, stage) {
    const start = (plan: object = {}) =>
      refusalOf(driver.driver.start({ pileId: pile.id, ...plan }));
    codes.push(await start({ tariffVersion: "tv_old" }));
    const { tariffVersion } = await driver.driver.quote(pile.id);
    codes.push(await start({ pileId: (await stage.register()).id, tariffVersion }));
    return codes.join(", ");
  },
  clauses: {
    "start.tariff-seen": ({ codes: [old] }) => {
      must(old === "order.price-changed", `an old tariff: ${old}`);
      return Promise.resolve(old);
    },
    "start.pile-verified": ({ codes: [, dark] }) => {
      must(dark === "pile.offline", `a dark pile: ${dark}`);
      return Promise.resolve(dark);
    },
  },
  user: ({ codes }) => Promise.resolve(codes.join(", ")),
  ops: opsSee,
  money: async ({ driver }, stage) => {
    const { orders } = await driver.driver.api.get<{ orders: Order[] }>("/v1/me/active");
    for (const { id } of orders) await driver.driver.api.ask("POST", `/v1/orders/${id}/stop`);
    return await stage.settled();
  },
  log: async ({ pile }, stage) =>
    `${(await stage.console.records("pile", pile.id)).length} events of the pile`,
  incident: null,
  proof,
});

const race = part<"flow-a", Cast & { other: Person; started: string[] }>({
  words: { zh: "两位车主抢一把枪", en: "Two drivers want one connector" },
  setup: async (stage) => ({
    pile: await stage.pile(),
    driver: await stage.person(),
    other: await stage.person(),
    orderId: "",
    codes: [],
    started: [],
  }),
  async fault(cast) {
    const { driver, other, pile } = cast;
    const { tariffVersion } = await driver.driver.quote(pile.id);
    const plan = { pileId: pile.id, tariffVersion, autoCapture: true };
    const tapped = [driver, other].map((one) =>
      one.driver.start(plan).then(({ id }) => {
        cast.started.push(id);
        return "taken";
      }, (error: unknown) => error instanceof Refused ? error.code : String(error))
    );
    cast.codes = await Promise.all(tapped);
    cast.orderId = cast.started[0] ?? "";
    return cast.codes.join(", ");
  },
  clauses: {
    "start.one-order-per-connector": async ({ codes, started, pile }) => {
      must(started.length === 1, `${started.length} orders at one connector: ${codes.join(", ")}`);
      await until("it charges", () => pile.status().status === "charging");
      must(pile.status().orderId === started[0], "the pile charges for another order");
      return codes.join(", ");
    },
  },
  user: ({ codes }) => Promise.resolve(codes.join(", ")),
  ops: opsSee,
  money: async (cast, stage) => {
    if (cast.orderId !== "") await stopAll(cast, cast.started);
    return await stage.settled();
  },
  log: async ({ pile }, stage) => {
    const records = await stage.console.records("pile", pile.id);
    const kept = records.filter(({ type }) => type === "ConnectorKept").length;
    return `kept ${kept} times`;
  },
  incident: null,
  proof,
});
async function stopAll({ driver, other }: Cast & { other: Person }, ids: readonly string[]) {
  for (const id of ids) {
    for (const one of [driver, other]) {
      await one.driver.api.ask("POST", `/v1/orders/${id}/stop`).catch(() => {}); // it is the other's
    }
  }
}

type Whole = Cast & { started: Order; ended: Order | null };
const charged = {
  async setup(stage: Stage): Promise<Whole> {
    const [pile, driver] = [await stage.pile({ startMs: 1_200 }), await stage.person()];
    const started = await driver.start({ pileId: pile.id, autoCapture: false });
    return { pile, driver, started, ended: null, orderId: started.id, codes: [] };
  },
  async fault(cast: Whole) {
    await cast.driver.until(cast.orderId, "charging");
    const wh = cast.pile.register();
    await until("energy flows", () => cast.pile.register() > wh + 30);
    await stop(cast);
    cast.ended = await cast.driver.until(cast.orderId, "awaiting-payment", "paid");
    return `${cast.ended.bill?.energyWh} Wh, ${cast.ended.bill?.totalFen} fen`;
  },
};
const whole = part<"flow-a", Whole>({
  ...charged,
  words: {
    zh: "一次完整的充电，车主自己支付",
    en: "One whole charge, paid by the driver's own tap",
  },
  clauses: {
    "start.hold-before-command": async ({ pile, orderId, driver }, stage) => {
      const [heard] = pile.log("command").filter(({ kind }) => kind === "start");
      const wallet = await stage.console.records("wallet", driver.id);
      const held = wallet.find(({ type }) => type === "HoldPlaced");
      const order = await stage.console.records("order", orderId);
      const durable = order.find(({ type }) => type === "StartOrdered");
      const calls = await stage.console.records("pile", pile.id);
      const called = calls.find(({ type, event }) =>
        type === "DeviceCalled" && event.op === "start"
      );
      must(heard !== undefined, "the pile heard no start");
      must(
        held !== undefined && durable !== undefined && called !== undefined,
        "hold, 启动中 or command is missing",
      );
      const inOrder = held.at <= durable.at && durable.at <= called.at;
      must(inOrder, `held ${held.at}, durable ${durable.at}, called ${called.at}`);
      return `held, 启动中 v${durable.v}, then the pile's v${called.v}`;
    },
    "live.ticks": ({ driver, orderId }) => {
      const ticks = driver.ticks.filter(({ room }) => room === `order:${orderId}`);
      must(ticks.length > 0, "no tick came to the phone");
      const { energyWh, powerW, costFen } = ticks.at(-1)!;
      return Promise.resolve(
        `${ticks.length} ticks, last ${energyWh} Wh ${powerW} W ${costFen} fen`,
      );
    },
    "ending.kinds-apart": ({ ended }) => {
      must(ended?.ending === "user", `the driver's stop ended as ${ended?.ending}`);
      return Promise.resolve("ending user");
    },
    "ending.never-restarts": async (cast, stage) => {
      await never("the pile charges again", () => cast.pile.status().status === "charging", 1_000);
      const records = await stage.console.records("order", cast.orderId);
      must(records.filter(({ type }) => type === "StartOrdered").length === 1, "started again");
      return "1 start in the record";
    },
    "pay.rest-released": async ({ driver, orderId }) => {
      await driver.driver.pay(orderId);
      await driver.until(orderId, "paid");
      const { heldFen } = await driver.driver.wallet();
      must(heldFen === 0, `${heldFen} fen still held`);
      return "paid from the hold, the rest is back";
    },
  },
  user: async ({ driver, orderId }) => {
    const receipt = await driver.driver.api.get<{ bill: { totalFen: number } }>(
      `/v1/orders/${orderId}/receipt`,
    );
    return `receipt over ${receipt.bill.totalFen} fen`;
  },
  ops: opsSee,
  money: async ({ driver, ended }, stage) => {
    const { balanceFen } = await driver.driver.wallet();
    const fen = 50_000 - (ended?.bill?.totalFen ?? 0);
    must(balanceFen === fen, `${balanceFen} fen left, not ${fen}`);
    return await stage.settled();
  },
  log: async ({ orderId }, stage) =>
    (await stage.console.records("order", orderId)).map(({ type }) => type).join(", "),
  incident: null,
  proof,
});

const parties = {
  user: async ({ driver, orderId }: Cast) => (await driver.driver.order(orderId)).status,
  ops: opsSee,
  log: async ({ orderId }: Cast, stage: Stage) =>
    (await stage.console.records("order", orderId)).map(({ type }) => type).join(", "),
  incident: null,
  proof,
};
const metered = part<"flow-a", Whole>({
  ...charged,
  ...parties,
  words: { zh: "账单与电表", en: "The bill and the meter" },
  clauses: {
    "bill.from-meter": ({ pile, ended }) => {
      const [end] = pile.log("ended") as unknown as {
        registerWh: number;
        startRegisterWh: number;
      }[];
      const wh = end!.registerWh - end!.startRegisterWh;
      must(ended?.bill?.energyWh === wh, `billed ${ended?.bill?.energyWh} Wh, metered ${wh}`);
      must(
        ended.bill.totalFen === Math.round(wh * 0.14),
        `${ended.bill.totalFen} fen for ${wh} Wh`,
      );
      return Promise.resolve(`${wh} Wh, ${ended.bill.totalFen} fen`);
    },
  },
  money: async ({ driver, orderId }, stage) => {
    if ((await driver.driver.order(orderId)).status !== "paid") await driver.driver.pay(orderId);
    return await stage.settled();
  },
});
const unasked = part<"flow-a", Whole>({
  ...charged,
  ...parties,
  words: { zh: "未同意自动扣款", en: "No consent to automatic capture" },
  clauses: {
    "pay.by-consent": async ({ driver, orderId }) => {
      await never(
        "the bill is taken without a tap",
        async () => (await driver.driver.order(orderId)).status === "paid",
        1_500,
      );
      return "待支付 until the driver pays";
    },
  },
  money: async ({ driver, orderId }, stage) => {
    await driver.driver.pay(orderId);
    return await stage.settled();
  },
});

const declinedPay = part<"flow-a", Cast>({
  words: { zh: "支付失败后重试", en: "A payment fails and is tried again" },
  async setup(stage) {
    const { pile, driver, orderId } = await stage.charge({ autoCapture: false });
    return { pile, driver, orderId, codes: [] };
  },
  async fault(cast) {
    await stop(cast);
    await cast.driver.until(cast.orderId, "awaiting-payment");
    const opened = await cast.driver.driver.api.post<
      { paymentId: string; handoff: { value: string } }
    >(
      `/v1/orders/${cast.orderId}/payments`,
      { purpose: "charge", by: "wechat" },
    );
    await cast.driver.driver.api.ask("POST", opened.handoff.value, { body: { outcome: "fail" } });
    await until("the payment failed", async () => {
      const { status } = await cast.driver.driver.api.get<{ status: string }>(
        `/v1/payments/${opened.paymentId}`,
      );
      return status === "failed";
    });
    return `payment ${opened.paymentId} failed at the provider`;
  },
  clauses: {
    "pay.failure-stays": async ({ driver, orderId }) => {
      await driver.notice("charge.payment-failed", orderId);
      const order = await driver.until(orderId, "awaiting-payment");
      must(order.next.includes("pay"), `next: ${order.next.join(", ")}`);
      await driver.driver.pay(orderId, "alipay");
      await driver.until(orderId, "paid");
      return "told, still 待支付, paid at the second try";
    },
  },
  user: async ({ driver, orderId }) => (await driver.driver.order(orderId)).status,
  ops: opsSee,
  money: (_cast, stage) => stage.settled(),
  log: async ({ orderId }, stage) => {
    const records = await stage.console.records("order", orderId);
    must(records.some(({ type }) => type === "AttemptFailed"), "no AttemptFailed");
    return "AttemptFailed is kept";
  },
  incident: { cause: /.*/, row: "4.1" },
  proof,
});

/** 5 min, 1 h, 12 h and 23 h of the mission, in seconds of a drill. */
const REMIND_MS = [600, 1_200, 1_800, 2_400];
const forgotten = part<"flow-a", Cast>({
  words: { zh: "车主忘了支付", en: "The driver forgets to pay" },
  async setup(stage) {
    const { pile, driver, orderId } = await stage.charge({ autoCapture: false, wh: 30 });
    return { pile, driver, orderId, codes: [] };
  },
  async fault(cast) {
    await stop(cast);
    const { bill } = await cast.driver.until(cast.orderId, "awaiting-payment");
    return `${bill?.totalFen} fen are left unpaid`;
  },
  clauses: {
    "pay.reminders": async ({ driver, orderId }) => {
      const told = () => driver.noticesOf("charge.payment-reminder", orderId);
      await until("four reminders", () => told().length >= REMIND_MS.length);
      const numbers = told().map(({ facts }) => Number(facts.n)).toSorted();
      must(numbers.join() === "1,2,3,4", `reminders ${numbers.join()}`);
      return `reminded ${numbers.length} times, of ${Number(told()[0]!.facts.dueFen)} fen`;
    },
  },
  user: parties.user,
  ops: opsSee,
  async money({ driver, orderId }, stage) {
    await driver.driver.pay(orderId);
    return await stage.settled();
  },
  log: parties.log,
  incident: null,
  proof,
});

const all = [before, race, whole, metered, unasked, declinedPay, forgotten];
export default defineDrill("flow-a", all, { payRemindMs: REMIND_MS });

// 2.8 过载/过压/欠压等电气异常: leakage while it charges, told by a pile that charges on or not; a meter that
// jumps.
import type { Pile } from "../../sim/mod.ts";
import { zhCN } from "../../web-kit/words/zh-CN.ts";
import { faultIdOf } from "../../wire/faults/mod.ts";
import { defineDrill, type Part, part } from "../frame/drill.ts";
import { must, never, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

type Cast = Awaited<ReturnType<Stage["charge"]>>;
const CODE = "GroundFailure";
const OVER = ["paid", "awaiting-payment", "bill-review"] as const;
type Shown = { connectors: { status: string; awaitsInspection?: true }[] };
const shown = async (stage: Stage, { id }: Pile) =>
  (await stage.ops.api.get<Shown>(`/v1/piles/${id}`)).connectors[0]!;

const seenBy: Pick<
  Part<"2.8", Cast>,
  "user" | "ops" | "money" | "log" | "incident" | "proof"
> = {
  user: async ({ driver, orderId }) => {
    const { ending, cause } = await driver.until(orderId, ...OVER);
    must(ending === "fault", `the order ended as ${ending}`);
    return `ending ${ending}, ${cause?.fault}`;
  },
  ops: async ({ pile }, stage) => {
    const records = await stage.console.records("pile", pile.id);
    const seen = records.find(({ type }) => type === "FaultSeen");
    must(seen !== undefined, "the timeline has no fault");
    return `FaultSeen v${seen.v} on the timeline`;
  },
  money: async ({ driver, orderId }, stage) => {
    await driver.until(orderId, "paid");
    return await stage.settled();
  },
  log: async ({ orderId }, stage) => {
    const records = await stage.console.records("order", orderId);
    const ended = records.find(({ type }) => type === "ChargeEnded");
    must(ended?.event.reason === "fault", `ended: ${String(ended?.event.reason)}`);
    return `ChargeEnded v${ended.v}, reason fault`;
  },
  incident: { cause: CODE },
  proof: ({ orderId, driver, pile }) => [
    { kind: "order", id: orderId },
    { kind: "pile", id: pile.id },
    { kind: "wallet", id: driver.id },
  ],
};

const leaks = part<"2.8", Cast>({
  words: { zh: "充电中检测到漏电", en: "Leakage while it charges" },
  setup: (stage) => stage.charge(),
  async fault({ pile }) {
    const ended = pile.next("ended");
    pile.fault(CODE);
    const { reason } = await ended;
    return `${CODE} told, ended '${reason}'`;
  },
  clauses: {
    "electric.alert": async ({ pile }, stage) => {
      const { severity, code } = await stage.console.alert(
        "of the leakage",
        ({ facts }) => facts.row === "2.8" && facts.actor === `pile/${pile.id}`,
      );
      must(severity === "critical", `the alert is ${severity}`);
      return `${severity} ${code}`;
    },
    "electric.reason-to-user": async ({ driver, orderId }) => {
      const { code, facts } = await driver.notice("charge.fault", orderId);
      const id = faultIdOf(String(facts.code));
      must(id === "leakage", `the notice says ${String(facts.code)}`);
      return `${code}: ${zhCN.fault[id].join("；")}`;
    },
    "electric.faulted": async ({ pile }, stage) => {
      pile.unplug();
      pile.clearFault();
      await until("the pile's own word is on its timeline", async () => {
        const records = await stage.console.records("pile", pile.id);
        return records.some(({ type }) => type === "FaultQuiet" || type === "FaultCleared");
      });
      const before = await shown(stage, pile);
      must(before.status === "faulted" && before.awaitsInspection === true, `is ${before.status}`);
      const body = { kind: "enable", reason: "inspected: dry", confirm: true };
      await stage.ops.api.post(`/v1/ops/piles/${pile.id}/commands`, body);
      await until("ops brought it back", async () => (await shown(stage, pile)).status === "free");
      return "faulted after the pile's own word, free after ops have looked";
    },
  },
  ...seenBy,
});

const stubborn = part<"2.8", Cast>({
  words: { zh: "漏电，桩未自行停充", en: "Leakage, and the pile charges on" },
  setup: (stage) => stage.charge(),
  fault({ pile }) {
    pile.misbehave({ runsOnFault: true });
    pile.fault(CODE, "warning");
    must(pile.status().status === "charging", "the pile stopped by itself");
    return Promise.resolve(`${CODE} told as a warning, still charging`);
  },
  clauses: {
    "electric.safe-stop": async ({ pile }) => {
      await until("the pile was stopped", () => pile.status().status !== "charging");
      const ended = pile.log("ended").at(-1);
      must(ended?.reason === "remote", `it ended by ${String(ended?.reason)}`);
      return "stopped by the platform";
    },
  },
  ...seenBy,
});

const jumps = part<"2.8", Cast>({
  words: { zh: "电表读数突跳 50 度", en: "The meter jumps by 50 kWh" },
  setup: (stage) => stage.charge(),
  async fault({ pile }) {
    const before = pile.register();
    pile.moveRegister(50_000);
    const ended = pile.next("ended");
    pile.stopHere();
    const { registerWh } = await ended;
    return `the register went from ${before} to ${registerWh} Wh`;
  },
  clauses: {
    "bill.plausibility": async ({ driver, orderId }) => {
      const { status } = await driver.until(orderId, ...OVER);
      must(status === "bill-review", `the order is ${status}`);
      await never(
        "money taken for it",
        async () => (await driver.driver.order(orderId)).status === "paid",
        1_500,
      );
      return "账单复核, nothing taken";
    },
  },
  user: async ({ driver, orderId }) => {
    const notice = await driver.notice("charge.bill-held", orderId);
    return notice.code;
  },
  ops: async ({ orderId }, stage) => {
    const { severity } = await stage.console.alert(
      "of the held bill",
      ({ facts }) => facts.actor === `order/${orderId}` && facts.row === "2.8",
    );
    const body = { accept: false, reason: "the meter jumped" };
    await stage.ops.api.post(`/v1/ops/orders/${orderId}/review`, body);
    return `${severity}, waived by ops`;
  },
  money: async ({ driver, orderId }, stage) => {
    const { dues } = await driver.until(orderId, "paid");
    must(dues.every(({ fen }) => fen === 0), "something was charged");
    return await stage.settled();
  },
  log: async ({ pile }, stage) => {
    const records = await stage.console.records("pile", pile.id);
    const doubted = records.find(({ type }) => type === "ReadingDoubted");
    must(doubted !== undefined, "no ReadingDoubted in the record");
    return `ReadingDoubted ${String(doubted.event.why)}`;
  },
  incident: { cause: /./, outcome: "needs-person" },
  proof: seenBy.proof,
});

export default defineDrill("2.8", [leaks, stubborn, jumps]);

// 2.2 充电桩内部故障: the pile's meter fails while it charges, and it charges on.
import { type Charge, connectorShown, heard, OVER, shown, untilShown } from "../frame/common.ts";
import { defineDrill, part } from "../frame/drill.ts";
import { must, never, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

const CODE = "PowerMeterFailure";

const base = {
  ...shown,
  setup: async (stage: Stage): Promise<Charge> => await stage.charge(),
  incident: { cause: CODE },
};

const told = part<"2.2", Charge>({
  ...base,
  words: { zh: "充电中计量故障", en: "The meter fails while charging" },
  async fault({ pile }) {
    const end = pile.next("ended");
    pile.fault(CODE, "critical");
    return `${CODE}, ended '${(await end).reason}'`;
  },
  clauses: {
    "fault.alert-ops": async ({ pile }, stage) => {
      const alert = await stage.console.alert(
        "of the pile's fault",
        ({ facts }) => facts.actor === `pile/${pile.id}` && facts.row === "2.2",
      );
      return `${alert.severity} ${alert.code}`;
    },
    "fault.notice-user": async ({ driver, orderId }) => {
      const { code, facts } = await driver.notice("charge.fault", orderId);
      return `${code}: ${String(facts.fault ?? facts.code)}`;
    },
    "fault.pile-shown": async ({ pile }, stage) => {
      await untilShown(stage, pile, "faulted");
      const next = await stage.person();
      const { why, startable } = await next.driver.quote(pile.id);
      must(!startable && why === "pile.faulted", `shown as ${why ?? "startable"}`);
      const near = { near: "31.2,121.4", free: "true" };
      const { items } = await next.driver.api.get<{ items: unknown[] }>("/v1/stations", near);
      return `faulted, ${why}; ${items.length} stations near with free piles`;
    },
  },
});

const graded = part<"2.2", Charge>({
  ...base,
  words: { zh: "桩把严重故障报成警告", en: "The pile calls a grave fault a warning" },
  async fault({ pile }) {
    pile.fault(CODE, "warning");
    await until("the pile told it", () => pile.log("fault").length > 0);
    return `${CODE} told as warning, still ${pile.status().status}`;
  },
  clauses: {
    "fault.severity": async ({ pile, driver, orderId }, stage) => {
      await driver.until(orderId, ...OVER);
      const { status } = await connectorShown(stage, pile);
      must(status === "faulted", `the connector is ${status}`);
      return "critical by the catalogue: stopped, faulted";
    },
  },
  incident: { cause: CODE },
});

const runsOn = part<"2.2", Charge>({
  ...base,
  words: { zh: "故障后桩仍在充电", en: "The pile charges on with its fault" },
  async fault({ pile }) {
    pile.misbehave({ runsOnFault: true });
    pile.fault(CODE, "critical");
    must(pile.status().status === "charging", "the pile stopped by itself");
    return `${CODE}, still charging`;
  },
  clauses: {
    "fault.safe-stop": async ({ pile }) => {
      await until("the pile was stopped", () => pile.status().status !== "charging");
      must(heard(pile, "stop").length > 0, "the pile heard no stop");
      return `${heard(pile, "stop").length} stop heard, stopped`;
    },
  },
});

const cleared = part<"2.2", Charge>({
  ...base,
  words: { zh: "故障只由桩恢复或运维清除", en: "The fault stays until the pile is well again" },
  async fault({ pile }) {
    const end = pile.next("ended");
    pile.fault(CODE, "critical");
    await end;
    pile.unplug();
    pile.plug();
    return `${CODE}, gun pulled and plugged again`;
  },
  clauses: {
    "fault.cleared-only-so": async ({ pile }, stage) => {
      await untilShown(stage, pile, "faulted");
      pile.cutLink(300); // a new link tells the state of its connectors, not that it is well
      await never(
        "the fault is gone by itself",
        async () => (await connectorShown(stage, pile)).status !== "faulted",
        3_000,
      );
      pile.clearFault();
      await until(
        "the pile is open again",
        async () => (await connectorShown(stage, pile)).status !== "faulted",
      );
      return "faulted until the pile said that it is well";
    },
  },
});

export default defineDrill("2.2", [told, graded, runsOn, cleared]);

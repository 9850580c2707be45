// 2.2 充电桩内部故障: the meter breaks while it charges; the pile stops by itself, or does not.
import type { Pile } from "../../sim/mod.ts";
import { defineDrill, type Part, part } from "../frame/drill.ts";
import { must, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

type Cast = Awaited<ReturnType<Stage["charge"]>>;
const CODE = "PowerMeterFailure";
const OVER = ["paid", "awaiting-payment", "bill-review"] as const;
type Shown = { stationPhone?: string; connectors: { status: string; fault?: { code: string } }[] };
const shown = (stage: Stage, { id }: Pile) => stage.ops.api.get<Shown>(`/v1/piles/${id}`);
const faultIn = async (stage: Stage, { id }: Pile) =>
  (await stage.console.records("pile", id)).find(({ type }) => type === "FaultSeen");

const seenBy: Pick<
  Part<"2.2", Cast>,
  "user" | "ops" | "money" | "log" | "incident" | "proof"
> = {
  user: async ({ driver, orderId }) => {
    const { ending, cause } = await driver.until(orderId, ...OVER);
    must(ending === "fault", `the order ended as ${ending}`);
    return `ending ${ending}, ${cause?.fault}`;
  },
  ops: async ({ pile }, stage) => {
    const seen = await faultIn(stage, pile);
    must(seen !== undefined, "the timeline has no fault");
    return `on the timeline: ${String((seen.event.cause as { code: string }).code)}`;
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

const broken = part<"2.2", Cast>({
  words: { zh: "充电中电表故障", en: "The meter breaks while it charges" },
  setup: (stage) => stage.charge(),
  async fault({ pile }) {
    const ended = pile.next("ended");
    pile.fault(CODE);
    const { reason } = await ended;
    return `${CODE} told, ended '${reason}'`;
  },
  clauses: {
    "fault.alert-ops": async ({ pile }, stage) => {
      const alert = await stage.console.alert(
        "of the fault",
        ({ facts }) => facts.row === "2.2" && facts.actor === `pile/${pile.id}`,
      );
      return `${alert.severity} ${alert.code}`;
    },
    "fault.notice-user": async ({ driver, orderId }) => {
      const notice = await driver.notice("charge.fault", orderId, 15_000);
      return `notice ${notice.code}, ${String(notice.facts.code)}`;
    },
    "fault.pile-shown": async ({ pile }, stage) => {
      const seen = await until("故障 on the pile's page", async () => {
        const now = await shown(stage, pile);
        return now.connectors[0]?.status === "faulted" && now;
      });
      must(seen.stationPhone !== undefined, "no number to call");
      const around = await stage.ops.api.get<{ piles: { id: string }[] }>(
        `/v1/stations/${stage.stationId}`,
      );
      return `faulted, ${seen.stationPhone}, ${around.piles.length} piles at the station`;
    },
    "fault.cleared-only-so": async ({ pile }, stage) => {
      await until("the charge is over", () => pile.status().status !== "charging");
      pile.unplug();
      await until("the platform saw the gun out", async () => {
        const { connectors } = await stage.ops.api.get<{ connectors: { plugged: boolean }[] }>(
          `/v1/piles/${pile.id}`,
        );
        return connectors[0]?.plugged === false;
      });
      must((await shown(stage, pile)).connectors[0]?.fault !== undefined, "it went by itself");
      pile.behave();
      pile.clearFault();
      await until(
        "the pile's own word cleared it",
        async () => (await shown(stage, pile)).connectors[0]?.fault === undefined,
      );
      return "stands over a plug pulled, gone with the pile's word";
    },
  },
  ...seenBy,
});

const stubborn = part<"2.2", Cast>({
  words: { zh: "故障后桩未自行停充", en: "At its fault the pile charges on" },
  setup: (stage) => stage.charge(),
  fault({ pile }) {
    pile.misbehave({ runsOnFault: true });
    pile.fault(CODE);
    must(pile.status().status === "charging", "the pile stopped by itself");
    return Promise.resolve(`${CODE} told, still charging`);
  },
  clauses: {
    "fault.safe-stop": async ({ pile }) => {
      await until("the pile was stopped", () => pile.status().status !== "charging");
      const ended = pile.log("ended").at(-1);
      must(ended?.reason === "remote", `it ended by ${String(ended?.reason)}`);
      return "stopped by the platform";
    },
  },
  ...seenBy,
});

const understated = part<"2.2", { pile: Pile }>({
  words: { zh: "空闲桩把电表故障报成警告", en: "An idle pile calls a broken meter a warning" },
  setup: async (stage) => ({ pile: await stage.pile() }),
  async fault({ pile }, stage) {
    pile.fault(CODE, "warning");
    await until("the fault on the timeline", () => faultIn(stage, pile));
    return `${CODE} told as a warning`;
  },
  clauses: {
    "fault.severity": async ({ pile }, stage) => {
      const seen = await faultIn(stage, pile);
      must(seen?.event.severity === "critical", `it counts as ${String(seen?.event.severity)}`);
      return "critical by the catalogue";
    },
  },
  user: async ({ pile }, stage) => `connector ${(await shown(stage, pile)).connectors[0]?.status}`,
  ops: async ({ pile }, stage) => `${(await faultIn(stage, pile))?.type}`,
  money: () => Promise.resolve("no money"),
  log: async ({ pile }, stage) => `FaultSeen v${(await faultIn(stage, pile))?.v}`,
  incident: { cause: CODE },
  proof: ({ pile }) => [{ kind: "pile", id: pile.id }],
});

export default defineDrill("2.2", [broken, stubborn, understated]);

// 2.4 启动/停止指令下发失败: a pile that hears a start and stays silent, one that starts too late, and one
// that does not stop.
import type { Pile } from "../../sim/mod.ts";
import { defineDrill, part } from "../frame/drill.ts";
import type { Person } from "../frame/person.ts";
import { must, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

interface Cast {
  pile: Pile;
  driver: Person;
  orderId: string;
}
const commands = (pile: Pile, kind: string) =>
  pile.log("command").filter((did) => did.kind === kind);
const calls = async (stage: Stage, { pile, orderId }: Cast) =>
  (await stage.console.records("pile", pile.id))
    .filter(({ type, event }) => type === "DeviceCalled" && event.about === orderId)
    .map(({ event }) => ({ op: String(event.op), id: String(event.id) }));

async function arrive(stage: Stage): Promise<Cast> {
  return { pile: await stage.pile(), driver: await stage.person(), orderId: "" };
}
async function start(cast: Cast): Promise<void> {
  cast.orderId = (await cast.driver.start({ pileId: cast.pile.id, autoCapture: true })).id;
}
const proof = ({ orderId, pile, driver }: Cast) => [
  { kind: "order" as const, id: orderId },
  { kind: "pile" as const, id: pile.id },
  { kind: "wallet" as const, id: driver.id },
];

const silent = part<"2.4", Cast>({
  words: { zh: "桩听到启动指令却不应答", en: "The pile hears the start and says nothing" },
  setup: arrive,
  async fault(cast) {
    cast.pile.misbehave({ silentStart: true });
    await start(cast);
    await until("the pile heard it twice", () => commands(cast.pile, "start").length > 1);
    await cast.driver.until(cast.orderId, "start-failed");
    return `${commands(cast.pile, "start").length} starts heard, none answered`;
  },
  clauses: {
    "start.same-command-id": ({ pile }) => {
      const ids = new Set(commands(pile, "start").map(({ id }) => String(id)));
      must(ids.size === 1, `${ids.size} ids: ${[...ids].join(", ")}`);
      return Promise.resolve(`${commands(pile, "start").length} tries, id ${[...ids][0]}`);
    },
    "start.ask-before-resend": async (cast, stage) => {
      const ops = (await calls(stage, cast)).map(({ op }) => op);
      const blind = ops.findIndex((op, i) => op === "start" && ops[i - 1] === "start");
      must(blind < 0, `sent again without a question: ${ops.join(", ")}`);
      return ops.join(", ");
    },
    "start.stop-until-proven": async ({ pile, driver, orderId }, stage) => {
      const stops = () => commands(pile, "stop").length;
      await until("the pile heard a stop after the last try", () => stops() > 0);
      await until("the hold went back", async () => (await driver.driver.wallet()).heldFen === 0);
      const [about, holder] = await Promise.all([
        stage.console.records("pile", pile.id),
        stage.console.records("wallet", driver.id),
      ]);
      const undone = about.find(({ type, event }) =>
        type === "StartUndone" && (event.failed as { orderId: string }).orderId === orderId
      );
      const freed = holder.find(({ type }) => type === "HoldReleased");
      must(undone !== undefined && undone.event.proof !== "dropped", "nothing was proven");
      must(freed !== undefined && freed.at >= undone.at, "the hold went before the proof");
      return `${stops()} stops heard, proven by ${String(undone.event.proof)}, hold released`;
    },
    "start.failure-told": async ({ driver, orderId }, stage) => {
      await driver.notice("charge.start-failed", orderId);
      const alert = await stage.console.alert(
        "of the failed start",
        ({ facts }) => facts.row === "2.4" && facts.actor === `order/${orderId}`,
      );
      return `notice charge.start-failed, alert ${alert.severity}`;
    },
  },
  user: async ({ driver, orderId }) => {
    const order = await driver.until(orderId, "start-failed");
    return `${order.status}, next: ${order.next.join(", ")}`;
  },
  ops: async ({ pile }, stage) => {
    const { connectors } = await stage.ops.api.get<{ connectors: { status: string }[] }>(
      `/v1/piles/${pile.id}`,
    );
    return `connector ${connectors[0]?.status}`;
  },
  money: (_cast, stage) => stage.settled(),
  log: async ({ orderId }, stage) => {
    const records = await stage.console.records("order", orderId);
    const failed = records.find(({ type }) => type === "ChargeStartFailed");
    must(failed !== undefined, "no ChargeStartFailed in the record");
    return `ChargeStartFailed ${String(failed.event.why)}`;
  },
  incident: { cause: "device-silent" },
  proof,
});

const LATE_MS = 9_000;
const late = part<"2.4", Cast>({
  words: { zh: "桩在启动失败之后才启动", en: "The pile starts after the start has failed" },
  setup: arrive,
  async fault(cast) {
    cast.pile.misbehave({ silentStart: true, lateStartMs: LATE_MS });
    const began = cast.pile.next("charging", 30_000);
    await start(cast);
    await cast.driver.until(cast.orderId, "start-failed");
    const { registerWh } = await began;
    return `began at ${registerWh} Wh, after 启动失败`;
  },
  clauses: {
    "start.late-start-caught": async ({ pile }) => {
      await until("what began too late was stopped", () => pile.status().status !== "charging");
      const [ended] = pile.log("ended");
      must(ended?.reason === "remote", `it ended by ${String(ended?.reason)}`);
      return "stopped by the platform";
    },
  },
  user: async ({ driver, orderId }) => {
    const order = await driver.until(orderId, "start-failed");
    must(order.bill === undefined, "there is a bill");
    return "start-failed, no bill";
  },
  ops: async ({ pile }, stage) => {
    const alert = await stage.console.alert(
      "of the late start",
      ({ code, facts }) => code === "charge.late-start" && facts.actor === `pile/${pile.id}`,
    );
    return `${alert.severity} ${alert.code}`;
  },
  money: (_cast, stage) => stage.settled(),
  log: async ({ pile, orderId }, stage) => {
    const records = await stage.console.records("pile", pile.id);
    const begun = records.filter(({ type }) => type === "ChargeStarted").at(-1);
    const { by } = (begun?.event.owner ?? {}) as { by?: string };
    must(by === "nobody", `its energy belongs to ${by}`);
    return `energy of ${orderId} after its failure: nobody's`;
  },
  incident: { cause: "late-start" },
  proof,
});

const unheeded = {
  setup: async (stage: Stage): Promise<Cast> => await stage.charge(),
  async fault(cast: Cast) {
    cast.pile.misbehave({ silentStop: true });
    await cast.driver.driver.api.ask("POST", `/v1/orders/${cast.orderId}/stop`);
    await until("the pile heard a stop", () => commands(cast.pile, "stop").length > 0);
    must(cast.pile.status().status === "charging", "the pile stopped");
    return "a stop heard, still charging";
  },
  user: async ({ pile, driver, orderId }: Cast) => {
    pile.behave();
    const order = await driver.until(orderId, "paid", "awaiting-payment");
    return `${order.status}, ending ${order.ending}`;
  },
  ops: async ({ orderId }: Cast, stage: Stage) => {
    const { v } = await stage.ops.api.get<{ v: number }>(`/v1/ops/actors/order/${orderId}`);
    return `order v${v}`;
  },
  money: async ({ driver, orderId }: Cast, stage: Stage) => {
    await driver.until(orderId, "paid");
    return await stage.settled();
  },
  log: async (cast: Cast, stage: Stage) => {
    const stops = (await calls(stage, cast)).filter(({ op }) => op === "stop").length;
    must(stops > 2, `${stops} stops in the pile's record`);
    return `${stops} stops recorded`;
  },
  incident: { cause: "stop-unproven" },
  proof,
};
const deaf = part<"2.4", Cast>({
  ...unheeded,
  words: { zh: "桩不执行停充", en: "The pile does not stop" },
  clauses: {
    "stop.until-proven": async ({ pile, driver, orderId }) => {
      const heard = commands(pile, "stop").length;
      await until("the stop comes again", () => commands(pile, "stop").length > heard + 2, 20_000);
      const { status } = await driver.driver.order(orderId);
      must(status === "stopping", `the order is ${status}`);
      return `${commands(pile, "stop").length} stops, order still stopping`;
    },
  },
});
/** It rings after three tries; a silent pile is waited for at each of them. */
const RUNG_MS_MAX = 60_000;
const rung = part<"2.4", Cast>({
  ...unheeded,
  words: { zh: "停不下来，运维看到", en: "It does not stop, and ops see it" },
  clauses: {
    "stop.critical-for-ops": async ({ pile }, stage) => {
      const alert = await stage.console.alert(
        "of the stop that does not work",
        ({ code, facts, severity }) =>
          code === "pile.stop-unproven" && facts.actor === `pile/${pile.id}` &&
          severity === "critical",
        RUNG_MS_MAX,
      );
      return `${alert.severity} ${alert.code}`;
    },
  },
});

export default defineDrill("2.4", [silent, late, deaf, rung], {
  startMs: 7_000,
  startAskMs: 1_000,
  stopRetryMs: 2_000,
});

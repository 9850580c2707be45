// 2.3 充电枪不识别/未插紧: no gun in the car, and a gun that only seems to be in.
import { Refused } from "../../sim/mod.ts";
import type { Order } from "../../wire/http.ts";
import { type Charge, heard, shown } from "../frame/common.ts";
import { defineDrill, part } from "../frame/drill.ts";
import { must, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

type Cast = Charge & { refused: Refused | null };

const open = part<"2.3", Cast>({
  ...shown,
  words: { zh: "未插枪就点启动", en: "Start is tapped with no gun in the car" },
  setup: async (stage) => ({
    pile: await stage.pile({ unplugged: true }),
    driver: await stage.person(),
    orderId: "",
    refused: null,
  }),
  async fault(cast) {
    const started = cast.driver.driver.start({ pileId: cast.pile.id });
    await started.then((order) => void (cast.orderId = order.id), (error: unknown) => {
      if (!(error instanceof Refused)) throw error;
      cast.refused = error;
    });
    return cast.refused ? `${cast.refused.status} ${cast.refused.code}` : "the start was taken";
  },
  clauses: {
    "plug.known-unplugged": async ({ refused, driver, pile }) => {
      must(refused?.code === "pile.unplugged", `told ${String(refused?.code)}`);
      const { orders } = await driver.driver.api.get<{ orders: Order[] }>("/v1/me/active");
      must(orders.length === 0 && heard(pile, "start").length === 0, "an order has begun");
      return `${refused.code} at once, no order`;
    },
  },
  user: ({ refused }) => Promise.resolve(`请检查充电枪是否插紧/对准: ${String(refused?.code)}`),
  ops: async ({ pile }, stage) => {
    const { v } = await stage.ops.api.get<{ v: number }>(`/v1/ops/actors/pile/${pile.id}`);
    return `pile v${v}`;
  },
  money: (_cast, stage) => stage.settled(),
  log: async ({ pile }, stage) =>
    `${(await stage.console.records("pile", pile.id)).length} events of the pile`,
  incident: null,
  proof: ({ pile, driver }) => [{ kind: "pile", id: pile.id }, { kind: "wallet", id: driver.id }],
});

const loose = {
  ...shown,
  setup: async (stage: Stage): Promise<Charge> => ({
    pile: await stage.pile(),
    driver: await stage.person(),
    orderId: "",
  }),
  async fault(cast: Charge) {
    cast.pile.misbehave({ loosePlug: true });
    cast.orderId = (await cast.driver.start({ pileId: cast.pile.id, autoCapture: true })).id;
    await until("the pile heard the start", () => heard(cast.pile, "start").length > 0);
    const [start] = heard(cast.pile, "start");
    return `start answered '${String(start?.code ?? start?.outcome)}'`;
  },
  incident: { cause: "unplugged" },
};
const awaited = async ({ driver, orderId }: Charge) =>
  await until("the order waits for the gun", async () => {
    const order = await driver.driver.order(orderId);
    return order.status === "starting" && order.waiting === "unplugged" && order;
  }, 4_000);

const waits = part<"2.3", Charge>({
  ...loose,
  words: {
    zh: "枪未插紧：提示并等待",
    en: "The gun sits loose: the driver is asked to push it in",
  },
  clauses: {
    "plug.waits": async (cast) => {
      const { status, waiting } = await awaited(cast);
      return `${status}, waiting ${String(waiting)}`;
    },
  },
});
const goesOn = part<"2.3", Charge>({
  ...loose,
  words: { zh: "枪被插紧", en: "The gun is pushed in" },
  clauses: {
    "plug.goes-on": async (cast) => {
      await awaited(cast);
      cast.pile.pushIn();
      await cast.driver.until(cast.orderId, "charging");
      return "charging by itself";
    },
  },
});
const givenUp = part<"2.3", Charge>({
  ...loose,
  words: { zh: "到时仍未插紧", en: "Nobody pushes it in" },
  clauses: {
    "plug.no-failure": async ({ driver, orderId }, stage) => {
      const order = await driver.until(orderId, "start-failed");
      const failures = await stage.console.incidents("2.4", [`order/${orderId}`]);
      must(failures.length === 0, `${failures.length} failures of the start counted`);
      const kept = await until(
        "the incident of 2.3",
        async () => (await stage.console.incidents("2.3", [`order/${orderId}`]))[0],
      );
      return `${order.status}, kept as 2.3 ${kept.cause}, none as 2.4`;
    },
  },
});

export default defineDrill("2.3", [open, waits, goesOn, givenUp], { plugInMs: 5_000 });

// 2.7 充电枪被拔出: somebody pulls the gun while energy flows, and puts it back.
import { defineDrill, part } from "../frame/drill.ts";
import { must, never, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

type Cast = Awaited<ReturnType<Stage["charge"]>> & { pulledWh: number };
const OVER = ["paid", "awaiting-payment", "bill-review"] as const;

const pulled = part<"2.7", Cast>({
  words: { zh: "充电中拔枪，60 秒内插回", en: "The gun is pulled while charging, and put back" },
  setup: async (stage) => ({ ...await stage.charge({ wh: 60 }), pulledWh: 0 }),
  async fault(cast) {
    const ended = cast.pile.next("ended");
    cast.pile.unplug();
    const { reason, registerWh } = await ended;
    cast.pulledWh = registerWh - cast.startWh;
    cast.pile.plug();
    return `ended '${reason}' at ${cast.pulledWh} Wh, plugged again`;
  },
  clauses: {
    "pull.order-ends": async ({ driver, orderId, pile }) => {
      const order = await driver.until(orderId, ...OVER);
      must(order.ending === "gun-pulled", `the order ended as ${order.ending}`);
      must(pile.status().status !== "charging", "the pile still charges");
      return `ending ${order.ending}, ${order.status}`;
    },
    "pull.notice": async ({ driver, orderId }) => {
      const notice = await driver.notice("charge.gun-pulled", orderId, 5_000);
      return `notice ${notice.code}`;
    },
    "pull.billed-by-energy": async ({ driver, orderId, pulledWh }) => {
      const { bill } = await driver.until(orderId, ...OVER);
      must(bill !== undefined, "there is no bill");
      const fen = Math.round(pulledWh * 0.14); // 1.40 yuan a kWh
      must(Math.abs(bill.totalFen - fen) <= 1, `billed ${bill.totalFen} fen, not ${fen}`);
      return `${pulledWh} Wh, ${bill.totalFen} fen`;
    },
    "pull.no-restart": async ({ pile, orderId, driver }, stage) => {
      const before = pile.register();
      await never("the pile charges again", () => pile.status().status === "charging", 2_000);
      must(pile.register() - before < 5, "energy flows again");
      const { status } = await driver.driver.order(orderId);
      must((OVER as readonly string[]).includes(status), `the order is ${status} again`);
      const records = await stage.console.records("order", orderId);
      const starts = records.filter(({ type }) => type === "StartOrdered").length;
      must(starts === 1, `${starts} starts were ordered`);
      return "plugged again for 2 s: 1 start in all";
    },
  },
  user: async ({ driver, orderId }) => {
    await until("the app heard of the end", () =>
      driver.facts.some(({ data }) => {
        const view = data.view as { id?: string; ending?: string };
        return view.id === orderId && view.ending !== undefined;
      }));
    return "the live page shows the end";
  },
  ops: async ({ orderId }, stage) => {
    const alert = await stage.console.alert(
      "of the pulled gun",
      ({ facts }) => facts.actor === `order/${orderId}`,
    );
    return `${alert.severity} ${alert.code}`;
  },
  money: async ({ driver, orderId }, stage) => {
    await driver.until(orderId, "paid");
    return await stage.settled();
  },
  log: async ({ orderId }, stage) => {
    const records = await stage.console.records("order", orderId);
    const ended = records.find(({ type }) => type === "ChargeEnded");
    must(ended?.event.reason === "unplugged", `ended: ${String(ended?.event.reason)}`);
    return `ChargeEnded v${ended.v}, reason unplugged`;
  },
  incident: { cause: /.*/, outcome: "handled" },
  proof: ({ orderId, driver, pile }) => [
    { kind: "order", id: orderId },
    { kind: "pile", id: pile.id },
    { kind: "wallet", id: driver.id },
  ],
});

export default defineDrill("2.7", [pulled]);

// 2.7 充电枪被拔出: somebody pulls the gun while energy flows, and puts it back; the pile goes on by itself.
import { type Charge, OVER, shown } from "../frame/common.ts";
import { defineDrill, part } from "../frame/drill.ts";
import { must, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

type Cast = Charge & { startWh: number; pulledWh: number };

const base = {
  ...shown,
  setup: async (stage: Stage): Promise<Cast> => ({
    ...await stage.charge({ wh: 60 }),
    pulledWh: 0,
  }),
  async fault(cast: Cast) {
    const { pile } = cast;
    pile.misbehave({ resumesOnReplug: true });
    const ended = pile.next("ended");
    pile.unplug();
    const { reason, registerWh } = await ended;
    cast.pulledWh = registerWh - cast.startWh;
    const again = pile.next("charging");
    pile.plug();
    await again;
    return `ended '${reason}' at ${cast.pulledWh} Wh; plugged back, the pile charged on`;
  },
  incident: { cause: /unplugged|gun-pulled/, outcome: "handled" as const },
};

const pulled = part<"2.7", Cast>({
  ...base,
  words: { zh: "充电中拔枪", en: "The gun is pulled while charging" },
  clauses: {
    "pull.order-ends": async ({ driver, orderId }) => {
      const order = await driver.until(orderId, ...OVER);
      must(order.ending === "gun-pulled", `the order ended as ${order.ending}`);
      return `ending ${order.ending}, ${order.status}`;
    },
  },
});

const putBack = part<"2.7", Cast>({
  ...base,
  words: { zh: "60 秒内插回，桩自行继续", en: "Put back within 60 s, the pile goes on by itself" },
  clauses: {
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
      await until("what went on was stopped", () => pile.status().status !== "charging", 8_000);
      const { status } = await driver.driver.order(orderId);
      must(OVER.includes(status), `the order is ${status} again`);
      const records = await stage.console.records("order", orderId);
      const starts = records.filter(({ type }) => type === "StartOrdered").length;
      must(starts === 1, `${starts} starts were ordered`);
      return "stopped again, 1 start in the record, its energy nobody's";
    },
  },
});

export default defineDrill("2.7", [pulled, putBack]);

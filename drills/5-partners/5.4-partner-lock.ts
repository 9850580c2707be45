// 5.4 第三方地锁/道闸控制失败: a lock on its maker's platform, which fails, hangs, and is forgotten by the one
// who opened it.
import type { LockDid, LockMischief } from "../../sim/lock/mod.ts";
import { defineDrill, part } from "../frame/drill.ts";
import { type Bay, bayOf, begin, broken, lockOf, parties, untilLock } from "../frame/locks.ts";
import { must, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

interface Made {
  state: string;
  book: LockDid[];
}
/** The maker's own side of the lock: its book, and what it will do wrong. */
async function atMaker(stage: Stage, { pile }: Bay, body?: object): Promise<Made> {
  const url = new URL(`/sandbox/locks/${pile.id}`, stage.platform.pushUrl);
  const how = body === undefined ? {} : { method: "PUT", body: JSON.stringify(body) };
  return await (await fetch(url, how)).json() as Made;
}
const wrong = (stage: Stage, bay: Bay, ...next: LockMischief[]) => atMaker(stage, bay, { next });
const ordersIn = ({ book }: Made) => book.filter(({ did }) => did === "order" || did === "known");

const setup = (stage: Stage) => bayOf(stage, { way: "partner" });

const retried = part<"5.4", Bay>({
  ...parties,
  words: {
    zh: "厂商平台出错，又丢失应答",
    en: "The maker fails, then does it and does not say so",
  },
  setup,
  async fault(bay, stage) {
    await wrong(stage, bay, "error", "error-after-success");
    await begin(bay);
    const made = await until("an order met the failure", async () => {
      const now = await atMaker(stage, bay);
      return ordersIn(now).length > 0 && now;
    });
    return ordersIn(made).map(({ said }) => said).join(", ");
  },
  clauses: {
    "third.retry": async (bay, stage) => {
      await untilLock(stage, bay, "is down", ({ position }) => position === "down");
      const made = await atMaker(stage, bay);
      const orders = ordersIn(made);
      const ids = new Set(orders.map(({ id }) => id));
      must(orders.length >= 2, `ordered ${orders.length} times`);
      must(ids.size === 1, `under ${ids.size} ids`);
      const [first, second] = orders;
      const between = made.book.slice(made.book.indexOf(first!), made.book.indexOf(second!));
      must(between.some(({ did }) => did === "ask"), "sent again without a question");
      return `${orders.length} orders under one id, asked between them, down`;
    },
    "third.logged": async (bay, stage) => {
      const orders = ordersIn(await atMaker(stage, bay));
      const records = await stage.console.records("lock", bay.lockId);
      const of = (type: string) => records.filter((one) => one.type === type);
      const sent = of("LockCalled").filter(({ event }) => event.op === "move");
      must(sent.length >= orders.length, `${orders.length} orders, ${sent.length} on record`);
      const answers = of("LockReplied").filter(({ event }) => event.op === "move");
      must(answers.length >= 2, `${answers.length} outcomes of orders on record`);
      return `${sent.length} orders and ${answers.length} outcomes on record`;
    },
  },
  incident: null,
});

const endless = part<"5.4", Bay>({
  ...parties,
  words: { zh: "厂商平台应下指令，锁停在半途", en: "The maker says yes, the lock arrives nowhere" },
  setup,
  async fault(bay, stage) {
    await wrong(stage, bay, "half-way");
    await begin(bay);
    const { state, book } = await until("it stands half-way", async () => {
      const made = await atMaker(stage, bay);
      return made.state === "moving" && made;
    });
    const orders = book.filter(({ did }) => did === "order").map(({ said }) => said);
    return `${orders.join(", ")}: ${state}`;
  },
  clauses: {
    "third.time-out": async (bay, stage) => {
      const { fault, moving, timeline } = await untilLock(stage, bay, "has a fault", broken);
      must(moving === undefined, "the command is not over");
      const ended = timeline.find(({ what }) => what === "MoveEnded");
      return `${String(fault?.code)}: the command ended as ${String(ended?.facts.outcome)}`;
    },
  },
  incident: { cause: "lock-half-way", outcome: "needs-person" },
});

const refusing = part<"5.4", Bay>({
  ...parties,
  words: { zh: "厂商平台一再拒绝", en: "The maker says no, again and again" },
  setup,
  async fault(bay, stage) {
    await wrong(stage, bay, "refuse", "refuse", "refuse");
    await begin(bay);
    const { fault } = await untilLock(stage, bay, "has a fault", broken);
    return `${fault!.code}: ${String(fault!.raw)}`;
  },
  clauses: {
    "third.whom-to-call": async (bay, stage) => {
      const { driver, orderId } = bay;
      const { facts } = await driver.notice("lock.fault", orderId);
      must(typeof facts.phone === "string", "told nobody to call");
      const next = await stage.person();
      const refused = await next.refused(next.driver.start({ pileId: bay.pile.id }));
      must(refused.facts.phone === facts.phone, `${refused.code} names nobody to call`);
      return `told to call ${facts.phone}`;
    },
  },
  incident: { cause: "lock-refused", outcome: "needs-person" },
});

const forgotten = part<"5.4", Bay>({
  ...parties,
  words: { zh: "车主开锁后离开", en: "A driver opens the lock and goes away" },
  setup: (stage) => bayOf(stage, { way: "partner", rests: "up" }),
  async fault(bay, stage) {
    await bay.driver.driver.api.post(`/v1/piles/${bay.pile.id}/lower-lock`, { connector: 1 });
    await untilLock(stage, bay, "is down", ({ position }) => position === "down");
    return "lowered, and nobody starts";
  },
  clauses: {
    "third.release": async (bay, stage) => {
      await untilLock(stage, bay, "is up again", ({ position }) => position === "up");
      const { timeline } = await lockOf(stage, bay.pile);
      must(timeline.some(({ what }) => what === "LockReleased"), "nobody released it");
      return "given back by itself, up over the empty bay";
    },
  },
  incident: null,
});

const TIMES = {
  lockAskMs: 800,
  lockMoveMs: 1_500,
  lockPauseMs: 200,
  lockMs: 5_000,
  lockRecheckMs: 1_500,
  lockIdleMs: 3_000,
};
export default defineDrill("5.4", [retried, endless, refusing, forgotten], TIMES);

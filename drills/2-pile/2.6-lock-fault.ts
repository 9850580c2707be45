// 2.6 地锁/道闸故障: a driver in front of a ground lock that does not obey; the ways out; and a lock that
// was left up when its order was cancelled.
import { defineDrill, part } from "../frame/drill.ts";
import {
  type Bay,
  bayOf,
  begin,
  broken,
  lockOf,
  parties,
  shownOf,
  untilLock,
} from "../frame/locks.ts";
import { must, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

const PHONE = "021-55500199"; // of the drills' station

/** The order is taken, the lock says yes and stays up. */
async function stuck(bay: Bay, stage: Stage): Promise<string> {
  bay.pile.misbehave({ lockStuck: true });
  await begin(bay);
  const { fault } = await untilLock(stage, bay, "has a fault", broken);
  return `${bay.pile.log("command").length} commands heard, ${fault!.code}, still up`;
}
const base = { ...parties, setup: (stage: Stage) => bayOf(stage), fault: stuck };
const free = async (bay: Bay) => {
  const { status } = await shownOf(bay);
  return status === "free" || status === "plugged";
};

const told = part<"2.6", Bay>({
  ...base,
  words: { zh: "地锁卡住，订单在锁前等待", en: "The lock is stuck while an order waits before it" },
  clauses: {
    "lock.own-timeline": async ({ pile }, stage) => {
      const { position, fault, timeline } = await lockOf(stage, pile);
      const steps = timeline.map(({ what }) => what);
      for (const step of ["LockFitted", "MoveBegun", "LockCalled", "LockReplied", "LockFaulted"]) {
        must(steps.includes(step), `the timeline has no ${step}: ${steps.length} steps`);
      }
      return `${position}, ${fault?.code}; ${steps.length} steps kept`;
    },
    "lock.fault-closes": async (bay, stage) => {
      await until("the pile is shown faulted", async () => {
        return (await shownOf(bay)).status === "faulted";
      });
      const { lock } = await shownOf(bay);
      const next = await stage.person();
      const { startable, why } = await next.driver.quote(bay.pile.id);
      must(!startable && why === "pile.gate-fault", `shown as ${why ?? "startable"}`);
      return `faulted, ${why}: ${String(lock?.fault?.code)}`;
    },
    "lock.user-guided": async ({ driver, orderId }) => {
      const { facts } = await driver.notice("lock.fault", orderId);
      const { status, cause } = await driver.until(orderId, "start-failed");
      return `told at once (${String(facts.form)}); ${status}, ${String(cause?.code)}`;
    },
  },
  incident: { cause: "lock-stuck", outcome: "needs-person" },
});

const opsUnlock = part<"2.6", Bay>({
  ...base,
  words: { zh: "求助与运维远程解锁", en: "Help is called, ops unlock from afar" },
  clauses: {
    "lock.call-help": async ({ pile }, stage) => {
      const next = await stage.person();
      const refused = await next.refused(next.driver.start({ pileId: pile.id }));
      must(refused.facts.phone === PHONE, `${refused.code} gives no number to call`);
      const ask = { pileId: pile.id, text: "地锁打不开" };
      const { ticketId } = await next.driver.api.post<{ ticketId: string }>("/v1/help", ask);
      return `${refused.code}, call ${PHONE}, or ${ticketId}`;
    },
    "lock.ops-unlock": async (bay, stage) => {
      const { pile } = bay;
      pile.behave();
      const path = `/v1/ops/piles/${pile.id}/commands`;
      const kind = "lock-down";
      for (const body of [{ kind, confirm: true }, { kind, reason: "车主在现场" }]) {
        const bare = await stage.ops.api.post(path, body).then(() => "taken", () => "refused");
        must(bare === "refused", "taken without a reason or a confirmation");
      }
      await stage.ops.api.post(path, { kind, reason: "车主在现场", confirm: true });
      await untilLock(stage, bay, "is down", ({ position }) => position === "down");
      await until("the pile is open again", () => free(bay));
      const { timeline } = await lockOf(stage, pile);
      const ours = timeline.find(({ what, facts }) => what === "MoveBegun" && facts.by === "ops");
      return `down by ${String(ours?.facts.who)}: ${String(ours?.facts.reason)}`;
    },
  },
  incident: { cause: "lock-stuck" },
});

const byHand = part<"2.6", Bay>({
  ...base,
  words: { zh: "现场手动开锁", en: "Somebody opens it by hand" },
  clauses: {
    "lock.manual-unlock": async (bay, stage) => {
      bay.pile.lockByHand("down");
      await until("the pile is open again", () => free(bay));
      const { position, fault } = await lockOf(stage, bay.pile);
      must(fault === undefined, `still ${String(fault?.code)}`);
      return `${position} by hand, open again`;
    },
  },
  incident: { cause: "lock-stuck", outcome: "recovered" },
});

type Two = Bay & { other: Bay };
const leftUp = part<"2.6", Two>({
  ...parties,
  words: {
    zh: "取消订单时锁没有反应",
    en: "The order is cancelled while the lock does not answer",
  },
  setup: async (stage) => ({
    ...await bayOf(stage),
    other: await bayOf(stage, { rests: "up" }),
  }),
  async fault(bay, stage) {
    const { other } = bay;
    bay.pile.misbehave({ lockSilent: true });
    await begin(bay);
    await begin(other);
    await untilLock(stage, other, "is down", ({ position }) => position === "down");
    await untilLock(stage, bay, "has a fault", broken);
    for (const { driver, orderId } of [bay, other]) {
      await driver.driver.api.ask("POST", `/v1/orders/${orderId}/stop`);
      await driver.until(orderId, "start-failed");
    }
    bay.pile.behave();
    return `one left up and silent, one left down; both orders cancelled`;
  },
  clauses: {
    "lock.ends-right": async (bay, stage) => {
      await untilLock(stage, bay, "is lowered", ({ position }) => position === "down");
      await untilLock(stage, bay.other, "is raised", ({ position }) => position === "up");
      return "lowered where it rests down, raised where it rests up over an empty bay";
    },
  },
  incident: { cause: "lock-silent" },
});

const TIMES = {
  lockAskMs: 800,
  lockMoveMs: 800,
  lockPauseMs: 200,
  lockMs: 6_000,
  lockRecheckMs: 800,
};
export default defineDrill("2.6", [told, opsUnlock, byHand, leftUp], TIMES);

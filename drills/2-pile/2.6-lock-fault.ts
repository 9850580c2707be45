// 2.6 地锁/道闸故障: a driver in front of a ground lock that does not obey; the ways out; a lock that was
// left up when its order was cancelled; and locks of bays that are reserved.
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
import type { Person } from "../frame/person.ts";
import { costOf, noticed, of, type Promised, refusalOf } from "../frame/promise.ts";
import { must, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";
import type { Pile } from "../../sim/mod.ts";

const PHONE = "021-55500199"; // of the drills' station

/** The order is taken, the lock says yes and stays up. */
async function stuck(bay: Bay, stage: Stage): Promise<string> {
  bay.pile.misbehave({ lockStuck: true });
  await begin(bay);
  const { fault } = await untilLock(stage, bay, "has a fault", broken);
  return `${bay.pile.log("command").length} commands heard, ${fault!.code}, still up`;
}
type Two = Bay & { other: Bay };
async function twoBays(stage: Stage, rests: "up" | "down" = "down"): Promise<Two> {
  const [bay, other] = await Promise.all([bayOf(stage), bayOf(stage, { rests })]);
  return { ...bay, other };
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

const opened = part<"2.6", Two>({
  ...parties,
  words: {
    zh: "求助、运维远程解锁、现场手动开锁",
    en: "Help is called; ops unlock from afar, somebody opens the other one by hand",
  },
  setup: (stage) => twoBays(stage),
  async fault(bay, stage) {
    const hits = await Promise.all([bay, bay.other].map((one) => stuck(one, stage)));
    return hits.join("; ");
  },
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
    "lock.manual-unlock": async ({ other }, stage) => {
      other.pile.lockByHand("down");
      await until("the pile is open again", () => free(other));
      const { position, fault } = await lockOf(stage, other.pile);
      must(fault === undefined, `still ${String(fault?.code)}`);
      return `${position} by hand, open again`;
    },
  },
  proof: (cast) => [...parties.proof(cast), { kind: "lock", id: cast.other.lockId }],
  incident: { cause: "lock-stuck", outcome: "recovered" },
});

const leftUp = part<"2.6", Two>({
  ...parties,
  words: {
    zh: "取消订单时锁没有反应",
    en: "The order is cancelled while the lock does not answer",
  },
  setup: (stage) => twoBays(stage, "up"),
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

interface Kept extends Bay {
  /** Others' bays: one cancelled while its lock is up, one whose lock breaks. */
  over: Bay & Promised;
  bad: Bay & Promised;
  spare: Pile;
  code: string;
  id: string;
}
/** Behind a lock that rests down and was left `at`, promised to somebody from now on. */
async function promisedBay(stage: Stage, at: "up" | "down"): Promise<Bay & Promised> {
  const bay = await bayOf(stage);
  if (at === "down") {
    bay.pile.lockByHand("down");
    await untilLock(stage, bay, "is down", ({ position }) => position === "down");
  }
  const { id } = await bay.driver.driver.reserve({ pileId: bay.pile.id });
  return { ...bay, id };
}
const lowers = ({ pile }: Bay, { driver }: Person) =>
  refusalOf(driver.api.post(`/v1/piles/${pile.id}/lower-lock`, { connector: 1 }));

const reserved = part<"2.6", Kept>({
  ...parties,
  words: {
    zh: "预约锁定的车位：他人要打开，预约人取消，锁损坏",
    en: "Reserved bays: a stranger wants in, a holder cancels, a lock breaks",
  },
  async setup(stage) {
    const [own, over, bad] = await Promise.all([
      promisedBay(stage, "down"),
      promisedBay(stage, "up"),
      promisedBay(stage, "up"),
    ]);
    return { ...own, over, bad, spare: await stage.pile(), code: "" };
  },
  async fault(cast) {
    const { over, bad } = cast;
    cast.code = await lowers(cast, over.driver);
    await over.driver.driver.cancel(over.id);
    bad.pile.breakLock("motor");
    return `asked by a stranger: ${cast.code}; one cancelled, one broken`;
  },
  clauses: {
    "lock.kept-for-holder": async (cast, stage) => {
      must(cast.code === "pile.reserved", `a stranger opens it: ${cast.code}`);
      await untilLock(stage, cast, "is raised", ({ position }) => position === "up");
      must(await lowers(cast, cast.driver) === "taken", "its holder may not open it");
      await untilLock(stage, cast, "is lowered", ({ position }) => position === "down");
      return `raised; a stranger: ${cast.code}; lowered by its holder`;
    },
    "lock.reservation-over": async ({ over }, stage) => {
      const { position } = await untilLock(
        stage,
        over,
        "is let go",
        ({ wanted, position }) =>
          wanted?.to !== "up" && (wanted === undefined || position === "down"),
      );
      return `cancelled, and ${position} where it rests`;
    },
    "lock.reserved-fault": async ({ bad }) => {
      const { facts } = await noticed(bad, "reservation.trouble");
      const { alternatives = [] } = await of(bad);
      must(alternatives.length > 0, "no other pile is offered");
      const { feeFen, refundFen } = await costOf(bad);
      must(feeFen === 0, `a cancel costs ${feeFen} fen`);
      await bad.driver.driver.cancel(bad.id);
      return `${String(facts.why)}: ${alternatives[0]!.pileId} offered, ${refundFen} fen back`;
    },
  },
  async money({ driver, over, bad }, stage) {
    for (const one of [driver, over.driver, bad.driver]) {
      const { reservations } = await one.driver.active();
      for (const { id, status } of reservations) {
        if (status === "reserved") await one.driver.cancel(id);
      }
    }
    return await stage.settled();
  },
  proof: (cast) => [
    ...parties.proof(cast),
    { kind: "reservation", id: cast.id },
    { kind: "lock", id: cast.bad.lockId },
  ],
  incident: { cause: "lock-told", outcome: "needs-person" },
});

const TIMES = {
  lockAskMs: 800,
  lockMoveMs: 800,
  lockPauseMs: 200,
  lockMs: 6_000,
  lockRecheckMs: 800,
};
export default defineDrill("2.6", [told, opened, leftUp, reserved], TIMES);

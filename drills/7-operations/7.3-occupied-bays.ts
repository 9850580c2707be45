// 7.3 充电站被恶意占用: a car stays at the gun after its charge. The rule's minutes are short here; what is
// checked is the rule itself, on the times that are on record.
import type { Quote } from "../../wire/http.ts";
import type { ParkingEvent } from "../../wire/parking.ts";
import type { PatrolView } from "../../wire/patrol.ts";
import type { TicketView } from "../../wire/ticket.ts";
import { METADATA, pngPhoto } from "../../sim/photo.ts";
import { BAY_TIMES, dueOf, leaves, MINUTE_MS, paid, ruled, stayOf, stays } from "../frame/bay.ts";
import { type Charge, shown } from "../frame/common.ts";
import { defineDrill, part } from "../frame/drill.ts";
import { must, pause, until } from "../frame/see.ts";
import { DAY, type Stage } from "../frame/stage.ts";

const RULE = DAY.overstay;
const FAULT = "PowerMeterFailure";
/** A fee comes with the unplugging itself: so long after it there is none any more. */
const SETTLE_MS = 500;
const parties = {
  user: async (cast: Charge) => {
    const due = await dueOf(cast);
    return due ? `超时占用费 ${due.fen} fen, ${due.status}` : "no fee";
  },
  ops: async ({ orderId }: Charge, stage: Stage) => {
    const { v } = await stage.ops.api.get<{ v: number }>(`/v1/ops/actors/order/${orderId}`);
    return `order v${v}`;
  },
  money: async (cast: Charge, stage: Stage) => {
    await paid(cast);
    return await stage.settled();
  },
  log: shown.log,
  proof: shown.proof,
} as const;

interface Kept extends Charge {
  quote: Quote;
}
/** A charge at one pile, with what its driver was told before. */
async function kept(stage: Stage): Promise<Kept> {
  const charge = await stage.charge({ wh: 20 });
  const quote = await charge.driver.driver.quote(charge.pile.id);
  return { ...charge, quote };
}
const told = ({ driver, orderId }: Charge, code: string) => driver.noticesOf(code, orderId);

const long = part<"7.3", Kept>({
  ...parties,
  words: { zh: "充电结束后车辆不走", en: "The car stays after its charge" },
  setup: kept,
  fault: async (cast, stage) => {
    const { pile } = cast;
    const levers = `${stage.platform.pushUrl}/parking/sandbox/${pile.id}/1`;
    await fetch(levers, { method: "PUT", body: JSON.stringify({ state: "taken" }) });
    await stays(cast);
    await pause((RULE.graceMinutes + 66) * MINUTE_MS);
    return `the car stood at ${pile.id} for over an hour of the rule`;
  },
  clauses: {
    "bay.rules-told": ({ quote }) => {
      const { graceMinutes, fenPerMinute, capFen } = quote.overstay;
      must(graceMinutes === RULE.graceMinutes, `a grace of ${graceMinutes} min was told`);
      must(fenPerMinute === RULE.fenPerMinute && capFen === RULE.capFen, "another fee was told");
      return Promise.resolve(
        `${graceMinutes} min free, ${fenPerMinute} fen a minute, ${capFen} at most`,
      );
    },
    "bay.patrol": async (cast, stage) => {
      const task = await until("the patrol task", () => taskOf(cast, stage));
      must(task.cause === "overstay", `a task for ${task.cause}`);
      return await patrolled(task, stage);
    },
    "bay.notices": async (cast) => {
      const [ended, soon, runs] = ["bay.ended", "bay.fee-soon", "bay.fee-runs"].map((code) =>
        told(cast, code).length
      );
      must(ended === 1 && soon === 1, `told ${ended} and ${soon} times before the fee`);
      await until("told again after an hour", () => told(cast, "bay.fee-runs").length >= 2);
      return `at the end, before the grace ended, at its start and hourly (${runs})`;
    },
    "bay.measured": async (cast) => {
      const before = Date.now();
      const { since, leftAt } = await leaves(cast);
      const { endedAt } = await cast.driver.driver.order(cast.orderId);
      must(since >= endedAt!, "measured from before the end of the charge");
      const stood = Date.parse(leftAt!) - Date.parse(since);
      must(stood >= (RULE.graceMinutes + 66) * MINUTE_MS, `only ${stood} ms are on record`);
      must(
        Date.parse(leftAt!) <= Date.now() && Date.parse(leftAt!) >= before,
        "not the unplugging",
      );
      return `${stood} ms, to the unplugging`;
    },
    "bay.fee": async (cast) => {
      const due = await until("a due of its own", () => dueOf(cast));
      const stay = await stayOf(cast);
      must(due.fen === ruled(stay), `${due.fen} fen, by the rule ${ruled(stay)}`);
      const { status } = await cast.driver.driver.order(cast.orderId);
      must(status === "paid", `the charge itself is ${status}`);
      return `${due.fen} fen ${due.status}, the charge is 已支付`;
    },
    "bay.parking": async (cast, stage) => {
      const kinds = await until("the parking system knows all three", async () => {
        const events = (await parkingOf(cast, stage)).events.map(({ event }) => event.kind);
        return events.length >= 3 && events;
      });
      must(kinds.join() === "charge-ended,fee-started,unplugged", `told ${kinds.join()}`);
      const task = await until("somebody looks, as it says that a car stands there", async () => {
        const all = await tasks(stage);
        return all.find(({ orderId, cause }) =>
          orderId === cast.orderId && cause === "still-parked"
        );
      });
      return `told ${kinds.join(", ")}; says taken: task ${task.id}`;
    },
  },
  incident: { cause: "overstay", outcome: "handled" },
});

const tasks = async (stage: Stage) =>
  (await stage.ops.api.get<{ items: PatrolView[] }>("/v1/ops/patrols", { size: 200 })).items;
const taskOf = async ({ orderId }: Charge, stage: Stage) =>
  (await tasks(stage)).find((task) => task.orderId === orderId);

/** Taken and done with a photo; a text is none, and of a photo only the picture is kept. */
async function patrolled({ id }: PatrolView, stage: Stage): Promise<string> {
  const { api } = await stage.colleague("service");
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  const refused = await api.post("/v1/ops/uploads", { data: base64(Buffer.from("no picture")) })
    .then(() => "taken", (error: { code?: string }) => error.code);
  must(refused === "photo.type", `a text as a photo: ${refused}`);
  const photo = await api.post<{ photoId: string }>("/v1/ops/uploads", {
    data: base64(pngPhoto()),
  });
  await api.post(`/v1/ops/patrols/${id}/take`, {});
  const done = { note: "车主已通知", found: "car-stays", photoId: photo.photoId };
  await api.post(`/v1/ops/patrols/${id}/done`, done);
  const kept = await api.get<{ data: string }>(`/v1/ops/photos/${photo.photoId}`);
  must(!Buffer.from(kept.data, "base64").includes(METADATA), "its metadata was kept");
  await until(
    "the list shows it done",
    async () => (await tasks(stage)).some((task) => task.id === id && task.status === "done"),
  );
  return `${id} done with ${photo.photoId}, its metadata gone`;
}

interface Bay {
  events: ParkingEvent[];
}
async function parkingOf({ pile }: Charge, stage: Stage): Promise<Bay> {
  const answer = await fetch(`${stage.platform.pushUrl}/parking/sandbox/${pile.id}/1`);
  return await answer.json() as Bay;
}

const ours = part<"7.3", Kept>({
  ...parties,
  words: { zh: "占用期间充电桩故障", en: "The pile is faulted while the car stays" },
  setup: kept,
  fault: async (cast) => {
    await stays(cast);
    const { pile } = cast;
    pile.fault(FAULT, "critical");
    await until("the pile told its fault", () => pile.log("fault").length > 0);
    await pause((RULE.graceMinutes + 20) * MINUTE_MS);
    await leaves(cast);
    return `${FAULT} from within the grace until the gun was out`;
  },
  clauses: {
    "bay.never-ours": async (cast) => {
      const { leftAt, since } = await stayOf(cast);
      const stood = Math.round((Date.parse(leftAt!) - Date.parse(since)) / MINUTE_MS);
      must(stood > RULE.graceMinutes, `it stood only ${stood} min`);
      await pause(SETTLE_MS);
      const due = await dueOf(cast);
      must(due === undefined, `${due?.fen} fen for a time in which the pile was faulted`);
      return `${stood} min of the rule, and no fee`;
    },
  },
  incident: null,
});

interface Often extends Charge {
  orders: string[];
}
const often = part<"7.3", Often>({
  ...parties,
  words: { zh: "同一车主多次超时占用", en: "One driver overstays again and again" },
  times: { overstaysWarned: 1, overstaysMax: 2, overstayBarMs: 600_000 },
  setup: async (stage) => ({ ...await stage.charge({ wh: 20 }), orders: [] }),
  fault: async (cast) => {
    await overstayed(cast);
    cast.pile.plug();
    const again = await cast.driver.start({ pileId: cast.pile.id, autoCapture: true });
    await cast.driver.until(again.id, "charging");
    cast.orderId = again.id;
    await overstayed(cast);
    return `overstayed twice: ${cast.orders.join(", ")}`;
  },
  clauses: {
    "bay.penalty": async ({ driver, pile }) => {
      await until(
        "warned at first",
        () => driver.notices.some((n) => n.code === "bay.overstays-warned"),
      );
      await until(
        "told of the bar",
        () => driver.notices.some((n) => n.code === "bay.starts-barred"),
      );
      pile.plug();
      const { code, facts } = await driver.refused(
        driver.start({ pileId: pile.id, autoCapture: true }),
      );
      must(code === "user.barred", `refused as ${code}`);
      return `warned, then ${code} until ${String(facts.until)}`;
    },
    "bay.appeal": async (cast, stage) => {
      const { driver: { driver }, orderId } = cast;
      const before = (await driver.wallet()).balanceFen;
      const { fen } = (await dueOf(cast))!;
      await driver.api.post(`/v1/orders/${orderId}/overstay-appeals`, { text: "道闸打不开" });
      const { api } = await stage.colleague("service");
      const ticket = await until("the ticket", async () => {
        const { items } = await api.get<{ items: TicketView[] }>("/v1/ops/tickets", { size: 100 });
        return items.find((one) => one.orderId === orderId);
      });
      await api.post(`/v1/ops/orders/${orderId}/overstay-decision`, {
        waive: true,
        reason: "gate",
      });
      await until(
        "the fee is back",
        async () => (await driver.wallet()).balanceFen === before + fen,
      );
      await until(
        "the bar is lifted",
        async () =>
          (await driver.api.get<{ startsBarredUntil?: string }>("/v1/wallet")).startsBarredUntil ===
            undefined,
      );
      return `${ticket.id}: ${fen} fen back, and the bar is lifted`;
    },
  },
  incident: { cause: "overstay-appealed", outcome: "needs-person" },
});
async function overstayed(cast: Often): Promise<void> {
  await stays(cast);
  await pause((RULE.graceMinutes + 3) * MINUTE_MS);
  await leaves(cast);
  await until("the fee", () => dueOf(cast));
  cast.orders.push(cast.orderId);
}

export default defineDrill("7.3", [long, ours, often], { ...BAY_TIMES, bayAskMs: 300 });

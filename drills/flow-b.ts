// Flow B, 预约充电: from the rules before the tap to the charge that the promise becomes, and what keeps each
// step of it. A minute of a window is 0.4 s here.
import type { Pile } from "../sim/mod.ts";
import type { StartedAnswer } from "../wire/http-reserve.ts";
import { appealed, thrice } from "./frame/appeal.ts";
import { defineDrill, part } from "./frame/drill.ts";
import type { Person } from "./frame/person.ts";
import {
  costOf,
  noticed,
  of,
  others,
  promise,
  type Promised,
  refusalOf,
  seen,
  untilIs,
} from "./frame/promise.ts";
import { must, until } from "./frame/see.ts";
import type { Stage } from "./frame/stage.ts";

const LONG = 3_600_000;

interface Before extends Promised {
  busy: Pile;
  poor: Person;
  old: Person;
  late: Person;
  keen: Person;
  codes: { old: string; poor: string; late: string; busy: string };
}
const before = part<"flow-b", Before>({
  ...seen,
  words: {
    zh: "预约前：旧规则、余额不足、时段被占、枪在用",
    en: "Before: what may not be reserved",
  },
  setup: async (stage) => {
    const { pile: busy } = await stage.charge();
    const [pile, driver] = [await stage.pile(), await stage.person()];
    const { id } = await driver.driver.reserve({ pileId: pile.id, inMs: LONG });
    return {
      pile,
      driver,
      id,
      busy,
      poor: await stage.person(1_999),
      old: await stage.person(),
      late: await stage.person(),
      keen: await stage.person(),
      codes: { old: "", poor: "", late: "", busy: "" },
    };
  },
  async fault({ pile, busy, poor, old, late, keen, codes }) {
    const { id: pileId } = pile;
    codes.old = await refusalOf(old.driver.reserve({ pileId, inMs: 0, rulesVersion: "old" }));
    codes.poor = await refusalOf(poor.driver.reserve({ pileId, inMs: LONG / 2 }));
    codes.late = await refusalOf(late.driver.reserve({ pileId, inMs: LONG }));
    codes.busy = await refusalOf(keen.driver.reserve({ pileId: busy.id, inMs: 0 }));
    return Object.values(codes).join(", ");
  },
  clauses: {
    "reserve.rules-shown": async ({ codes, driver, pile }) => {
      must(codes.old === "rules.changed", `with older rules: ${codes.old}`);
      const { rules } = await driver.driver.rules(pile.id);
      must(rules.depositFen > 0 && rules.noShowFeeFen > 0, "no fees are shown");
      return `${codes.old}; deposit ${rules.depositFen}, no-show ${rules.noShowFeeFen} fen shown`;
    },
    "reserve.free-only": ({ codes }) => {
      must(codes.busy === "slot.taken", `a gun in use: ${codes.busy}`);
      return Promise.resolve(codes.busy);
    },
    "reserve.deposit-first": async ({ codes, pile, poor }, stage) => {
      must(codes.poor === "wallet.balance-too-low", `without money: ${codes.poor}`);
      const records = await stage.console.records("pile", pile.id);
      const kept = records.some(({ type, event }) =>
        type === "SlotReserved" && event.userId === poor.id
      );
      must(!kept, "the pile was kept without money");
      return `${codes.poor}, nothing was kept`;
    },
    "reserve.no-overlap": ({ codes }) => {
      must(codes.late === "slot.taken", `the same time: ${codes.late}`);
      return Promise.resolve(codes.late);
    },
  },
  incident: null,
});

interface Race extends Promised {
  racers: Person[];
  held: string[];
}
const race = part<"flow-b", Race>({
  ...seen,
  words: { zh: "多人同时抢最后一个时段", en: "Many want the last slot at once" },
  setup: async (stage) => ({
    pile: await stage.pile(),
    driver: await stage.person(),
    id: "",
    racers: await Promise.all(Array.from({ length: 5 }, () => stage.person())),
    held: [],
  }),
  async fault(cast, stage) {
    for (let round = 0; round < 5 && cast.held.length === 0; round++) {
      if (round > 0) cast.pile = await stage.pile();
      await raceOnce(cast, stage);
    }
    return cast.held.length > 0 ? `${cast.held.length} had paid when the slot was gone` : "";
  },
  clauses: {
    "reserve.money-back": async ({ held, racers }) => {
      for (const { driver } of racers.filter(({ id }) => held.includes(id))) {
        const back = async () => (await driver.wallet()).balanceFen === 50_000;
        await until("the money is back", back, 3_000);
      }
      return `${held.length} deposits are back`;
    },
  },
  incident: { cause: "slot.taken", outcome: "compensated" },
  proof: ({ pile, driver, id }) => [
    { kind: "reservation", id },
    { kind: "pile", id: pile.id },
    { kind: "wallet", id: driver.id },
  ],
});
/** Who lost after their deposit was held; the cast's own is one of those. */
async function raceOnce(cast: Race, stage: Stage): Promise<void> {
  const taps = cast.racers.map(async (one) => {
    const code = await refusalOf(one.driver.reserve({ pileId: cast.pile.id }));
    if (code === "taken") return;
    const records = await stage.console.records("wallet", one.id);
    const last = records.findLast(({ type }) => type === "DepositHeld");
    if (!last || cast.held.includes(one.id)) return;
    const id = String(last.event.reservationId);
    const was = await one.driver.reservation(id);
    if (was.status !== "cancelled") return;
    cast.held.push(one.id);
    [cast.driver, cast.id] = [one, id];
  });
  await Promise.all(taps);
  for (const { driver } of cast.racers) {
    for (const { id } of (await driver.active()).reservations) await driver.cancel(id);
  }
}

interface Kept extends Promised {
  early: Promised;
  other: Person;
  codes: Record<"other" | "elsewhere" | "scanned" | "stranger" | "early", string>;
}
const kept = part<"flow-b", Kept>({
  ...seen,
  words: {
    zh: "为一人保留的桩，他人与别处都想用",
    en: "Kept for one: others come, and other piles",
  },
  times: { reserveMinuteMs: 60_000 },
  setup: async (stage) => {
    const cast = await promise(stage);
    const [pile, driver] = [await stage.pile(), await stage.person()];
    const { id } = await driver.driver.reserve({ pileId: pile.id, inMs: LONG });
    const codes = { other: "", elsewhere: "", scanned: "", stranger: "", early: "" };
    return { ...cast, early: { pile, driver, id }, other: await stage.person(), codes };
  },
  async fault({ pile, driver, id, early, other, codes }) {
    const { tariffVersion } = await driver.driver.quote(pile.id);
    const plan = { pileId: pile.id, tariffVersion, autoCapture: true };
    const away = { ...plan, pileId: early.pile.id };
    codes.stranger = await refusalOf(other.driver.startReserved(id, plan));
    codes.early = await refusalOf(early.driver.driver.startReserved(early.id, away));
    codes.other = await refusalOf(other.driver.start(plan));
    codes.elsewhere = await refusalOf(driver.driver.startReserved(id, away));
    codes.scanned = await refusalOf(driver.driver.start(away));
    return Object.values(codes).join(", ");
  },
  clauses: {
    "reserve.locked": ({ codes }) => {
      must(codes.other === "pile.reserved", `somebody else: ${codes.other}`);
      return Promise.resolve(codes.other);
    },
    "reserve.told": async (cast) => {
      const { code, facts } = await noticed(cast, "reservation.confirmed");
      const end = String(facts.until);
      must(!Number.isNaN(Date.parse(end)), "the notice does not say until when");
      return `${code} until ${end}`;
    },
    "reserve.verified": ({ codes }) => {
      must(codes.stranger === "reservation.unknown", `a stranger: ${codes.stranger}`);
      must(codes.early === "reservation.too-early", `an hour before: ${codes.early}`);
      return Promise.resolve(`${codes.stranger}, ${codes.early}`);
    },
    "reserve.other-pile": async (cast) => {
      const { elsewhere, scanned } = cast.codes;
      must(elsewhere === "reservation.other-pile", `at another pile: ${elsewhere}`);
      must(scanned === "reservation.other-pile", `a charge of its own there: ${scanned}`);
      const { status } = await of(cast);
      must(status === "reserved", `it is ${status}`);
      return `${elsewhere}, still reserved`;
    },
  },
  incident: null,
});

const poor = part<"flow-b", Promised & { refused: string }>({
  ...seen,
  words: { zh: "到场启动，余额不足", en: "They come, and the hold is refused" },
  times: { reserveMinuteMs: 60_000 },
  setup: async (stage) => ({ ...await promise(stage, 5_000), refused: "" }),
  async fault(cast) {
    const { pile, driver, id } = cast;
    cast.refused = await refusalOf(driver.driver.startReserved(id, { pileId: pile.id }));
    return cast.refused;
  },
  clauses: {
    "reserve.refused-hold-keeps": async (cast, stage) => {
      must(cast.refused === "wallet.balance-too-low", `the start: ${cast.refused}`);
      const { status } = await of(cast);
      must(status === "reserved", `it is ${status}`);
      const heldFen = 0 - await stage.account(cast.driver, `deposit:${cast.id}`);
      must(heldFen === 2_000, `${heldFen} fen of the deposit stand`);
      return `${cast.refused}, still reserved, its deposit stands`;
    },
  },
  incident: null,
});

interface Begun extends Promised {
  started: StartedAnswer | null;
}
const begun = part<"flow-b", Begun>({
  ...seen,
  words: { zh: "到场启动充电", en: "They come and start" },
  times: { reserveMinuteMs: 60_000 },
  setup: async (stage) => ({ ...await promise(stage), started: null }),
  async fault(cast) {
    const { pile, driver, id } = cast;
    const plan = { pileId: pile.id, autoCapture: true };
    cast.started = await driver.driver.startReserved(id, plan).catch(() => null);
    await until("it charges", () => pile.status().status === "charging");
    return `${pile.id} charges`;
  },
  clauses: {
    "reserve.one-posting": async ({ driver, id }, stage) => {
      const records = await stage.console.records("wallet", driver.id);
      const placed = records.find(({ type }) => type === "HoldPlaced");
      const deposit = placed?.event.deposit as { reservationId: string; fen: number } | undefined;
      must(deposit?.reservationId === id, "the hold's posting does not hold the deposit");
      return `${deposit.fen} fen came back in the posting of the hold`;
    },
    "reserve.fulfilled": async ({ started, driver, id }) => {
      must(started?.reservation.status === "fulfilled", "it is not fulfilled");
      const order = await driver.driver.order(started.order.id);
      must(order.reservationId === id, "its order does not name it");
      return `已履约, a new order ${order.status}`;
    },
  },
  incident: null,
});

const cancelled = part<"flow-b", Promised & { code: string; shownFen: number }>({
  ...seen,
  words: { zh: "临近结束才取消", en: "Cancelled close to the end" },
  times: { reserveFreeMs: 900_000, reserveMinuteMs: 60_000 },
  setup: async (stage) => ({ ...await promise(stage), code: "", shownFen: -1 }),
  async fault(cast) {
    const { driver, id } = cast;
    cast.shownFen = (await costOf(cast)).feeFen;
    const guess = { costVersion: "0-2000" };
    cast.code = await refusalOf(driver.driver.api.post(`/v1/reservations/${id}/cancel`, guess));
    if (cast.code !== "taken") await driver.driver.cancel(id);
    return `${cast.shownFen} fen shown; another cost: ${cast.code}`;
  },
  clauses: {
    "reserve.cancel-cost": ({ code, shownFen }) => {
      must(shownFen === 500, `${shownFen} fen were shown`);
      must(code === "reservation.cost-changed", `another cost: ${code}`);
      return Promise.resolve(`${shownFen} fen shown and confirmed`);
    },
    "reserve.cancel-refund": async (cast) => {
      const { feeFen, refundFen } = await untilIs(cast, "cancelled");
      const balance = async () => (await cast.driver.driver.wallet()).balanceFen;
      must(feeFen === 500 && refundFen === 1_500, `fee ${feeFen}, back ${refundFen}`);
      await until("the rest is back", async () => await balance() === 49_500);
      return `${feeFen} fen taken, ${refundFen} back`;
    },
  },
  incident: null,
});

const restored = part<"flow-b", Promised>({
  ...seen,
  words: { zh: "到场启动，桩拒绝启动", en: "They come, and the pile refuses to start" },
  times: { reserveMinuteMs: 60_000 },
  setup: (stage) => promise(stage),
  async fault({ pile, driver, id }) {
    pile.misbehave({ refuseStart: "internal" });
    const { order } = await driver.driver.startReserved(id, { pileId: pile.id });
    await driver.until(order.id, "start-failed");
    return "启动失败, refused by the pile";
  },
  clauses: {
    "reserve.lock-restored": async (cast, stage) => {
      const { lockUntil, until: end } = await until("the lock is back", async () => {
        const shownNow = await of(cast);
        return shownNow.lockUntil !== undefined && shownNow.lockUntil > shownNow.until && shownNow;
      });
      const why = await others(stage, cast);
      must(why === "pile.reserved", `others find it ${why}`);
      const more = (Date.parse(lockUntil!) - Date.parse(end)) / 60_000;
      must(more === 15, `${more} minutes longer`);
      await noticed(cast, "reservation.restored");
      return `kept until ${lockUntil}, 15 min beyond the window`;
    },
  },
  incident: { cause: "device-refused", outcome: "compensated" },
});

const trouble = part<"flow-b", Promised & { spare: Pile; missed: Promised }>({
  ...seen,
  words: { zh: "所约的桩故障了", en: "The reserved pile faults" },
  times: { reserveFreeMs: 900_000 },
  setup: async (stage) => {
    const spare = await stage.pile();
    return { ...await promise(stage, 50_000, 60), spare, missed: await promise(stage) };
  },
  async fault({ pile, missed }) {
    for (const one of [pile, missed.pile]) {
      one.fault("PowerMeterFailure", "critical");
      await until("the pile told it", () => one.log("fault").length > 0);
    }
    return "both piles faulted while reserved";
  },
  clauses: {
    "reserve.trouble-told": async (cast) => {
      const { facts } = await noticed(cast, "reservation.trouble");
      const { alternatives = [] } = await of(cast);
      must(alternatives.length > 0, "no other pile is offered");
      return `${String(facts.why)}; offered: ${alternatives[0]!.pileId}`;
    },
    "reserve.trouble-free": async (cast) => {
      await until("the trouble is known", async () => (await of(cast)).trouble !== undefined);
      const { feeFen, refundFen } = await costOf(cast);
      must(feeFen === 0 && refundFen === 2_000, `a cancel costs ${feeFen} fen`);
      await cast.driver.driver.cancel(cast.id);
      return `free, ${refundFen} fen back`;
    },
    "reserve.trouble-never-no-show": async ({ missed }) => {
      const over = await until("its time is over", async () => {
        const now = await of(missed);
        return now.status !== "reserved" && now;
      });
      must(over.status === "cancelled", `it is ${over.status}`);
      must(over.refundFen === 2_000, `${over.refundFen} fen came back`);
      return `已取消, ${over.refundFen} fen back`;
    },
  },
  incident: { cause: "pile.faulted", outcome: "handled" },
});

const parts = [
  before,
  race,
  kept,
  poor,
  begun,
  cancelled,
  restored,
  trouble,
  appealed,
  thrice,
];
export default defineDrill("flow-b", parts, { reserveMinuteMs: 400 });

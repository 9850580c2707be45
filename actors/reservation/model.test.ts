// Users, ops, clock and pile at random: the real actors do what the model of flow B says, answer by answer,
// and every promise keeps R1, R2, M7 and O5. FC_SEED draws other stories, MODEL_STEPS more of them.
import process from "node:process";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ok, PILE } from "../../test/kit/charge-town.ts";
import { minutes, refusedWith, ReserveTown } from "../../test/kit/reserve-town.ts";
import type { Safeguard } from "../../wire/safeguards.ts";
import { Model } from "./model.ts";

const STEPS = Number(process.env["MODEL_STEPS"] ?? 20_000);
/** Of one story; then a new one begins. */
const STORY = 250;
const WHO = ["usr_anna0001", "usr_boris001", "usr_clara001"];
const ELSEWHERE = "P0002";
const ops = { kind: "ops" as const, id: "ops_0001", roles: ["operator"] };
const service = { kind: "ops" as const, id: "ops_0002", roles: ["service"] };
const pileAt = { kind: "pile", id: PILE };
type Broken = NonNullable<Model["broken"]>;
const BROKEN: Broken[] = ["pile.disabled", "pile.offline", "pile.faulted"];

class Pair {
  readonly real: ReserveTown;
  readonly model = new Model();
  /** Of each driver the newest reservation, and the order that charges. */
  readonly promise = new Map<string, string>();
  order = "";
  #names = 0;
  #registerWh = 5_000;
  readonly #appeals: string[] = [];
  constructor(without: readonly Safeguard[]) {
    this.real = new ReserveTown({ without });
    this.real.register(ELSEWHERE);
    for (const who of WHO) {
      this.real.person(300_000, who);
      this.model.balance.set(who, 300_000);
    }
  }
  #name(prefix: string): string {
    return `${prefix}${String(++this.#names).padStart(6, "0")}`;
  }
  #device(works: boolean): void {
    this.real.device["start"] = () =>
      ok(works ? { outcome: "accepted" } : { outcome: "refused", code: "internal" });
  }
  reserve(who: string, inMin: number, length: number): void {
    const id = this.#name("rsv_m");
    const from = this.real.at + minutes(inMin);
    const reply = this.real.reserve({ from, minutes: length }, id, who);
    if (reply?.ok) this.promise.set(who, id);
    expect(refusedWith(reply)).toBe(this.model.reserve(who, inMin, length));
  }
  cancel(who: string): void {
    const id = this.promise.get(who);
    if (id === undefined) return;
    const over = this.real.reserved(id, who).status !== "reserved";
    const version = over ? "0-2000" : this.real.cost(id, who)["costVersion"];
    const was = this.real.reserved(id, who).status;
    const said = refusedWith(this.real.cancel(version, id, who));
    expect(was === "cancelled" ? "reservation.over" : said).toBe(this.model.cancel(who));
  }
  appeal(who: string): void {
    const id = this.promise.get(who);
    if (id === undefined) return;
    const reply = this.real.tapped({ type: "AppealReservation", text: "blocked" }, id, who);
    expect(refusedWith(reply)).toBe(this.model.appeal(who));
    if (this.real.reserved(id, who).appeal?.status === "waiting") this.#appeals.push(id);
    this.#appeals.splice(0, this.#appeals.length, ...new Set(this.#appeals));
    expect(this.#appeals).toHaveLength(this.model.waiting.length);
  }
  decide(grant: boolean): void {
    const id = this.#appeals.shift();
    if (id === undefined) return;
    const decision = { type: "DecideAppeal", grant, reason: "looked at" };
    this.real.send({ kind: "reservation", id }, decision, service);
    this.real.run();
    this.model.decide(grant);
  }
  start(who: string, works: boolean, there: boolean): void {
    const id = this.promise.get(who);
    if (id === undefined) return;
    const orderId = this.#name("ord_m");
    this.#device(works);
    const where = there ? {} : { pileId: ELSEWHERE };
    const reply = this.real.begin({ limit: { moneyFen: 2_000 }, ...where }, orderId, id, who);
    if (reply?.ok && works) this.begun(orderId);
    expect(refusedWith(reply)).toBe(this.model.start(who, works, there));
  }
  walkIn(who: string): void {
    const reply = this.#tap(who, PILE, true);
    // who charges already is refused for that, whatever the pile would have said
    if (this.model.charging !== who) expect(refusedWith(reply)).toBe(this.model.walkIn(who));
    else expect(reply?.ok).toBe(false);
  }
  elsewhere(who: string): void {
    const reply = this.#tap(who, ELSEWHERE, false);
    if (this.model.charging !== who) expect(refusedWith(reply)).toBe(this.model.elsewhere(who));
    else expect(refusedWith(reply)).toBe("user.order-open");
  }
  #tap(who: string, pileId: string, works: boolean) {
    const orderId = this.#name("ord_w");
    this.#device(works);
    const tap = this.real.start({ pileId, limit: { moneyFen: 2_000 } }, orderId, who);
    this.real.run();
    const reply = this.real.answer({ kind: "order", id: orderId }, tap.id);
    if (reply?.ok && works) this.begun(orderId);
    return reply;
  }
  begun(orderId: string): void {
    this.order = orderId;
    this.#registerWh++; // a report told twice is known by its moment and its register
    this.real.fact("ReportStarted", { registerWh: this.#registerWh, orderId });
  }
  /** Nothing has flowed, so nothing is due; the car leaves and the next one comes. */
  ends(): void {
    if (this.model.charging === null) return;
    const { order: orderId } = this;
    this.real.fact("ReportEnded", { registerWh: this.#registerWh, orderId, reason: "local" });
    this.real.fact("ReportPlug", { plugged: false });
    this.real.fact("ReportPlug", { plugged: true });
    this.model.ends();
  }
  breaks(how: Broken): void {
    if (this.model.charging !== null || this.model.broken !== null) return;
    if (how === "pile.disabled") this.real.send(pileAt, { type: "DisablePile", reason: "x" }, ops);
    if (how === "pile.offline") this.real.loseLink();
    if (how === "pile.faulted") {
      this.real.fact("ReportFault", { cause: { code: "E01", by: "pile" }, severity: "critical" });
    }
    this.real.run();
    this.model.breaks(how);
  }
  mended(): void {
    const { broken } = this.model;
    if (broken === "pile.disabled") {
      this.real.send(pileAt, { type: "EnablePile", reason: "x" }, ops);
    }
    if (broken === "pile.offline") this.real.openLink();
    if (broken === "pile.faulted") this.real.fact("ReportFaultCleared");
    this.real.run();
    this.model.broken = null;
  }
  wait(count: number): void {
    if (count > 60) this.ends(); // a charge of a day is stopped by the platform
    for (let i = 0; i < count; i++) this.model.tick();
    this.real.advance(minutes(count));
  }
  check(): void {
    for (const who of WHO) {
      expect(this.real.walletOf(who).balanceFen).toBe(this.model.balance.get(who));
      const id = this.promise.get(who);
      const own = this.model.promises.get(who);
      if (id !== undefined) expect(this.real.reserved(id, who).status).toBe(own?.status);
    }
    const locks = [...this.model.promises.values()].filter((one) => one.locks);
    const slots = this.real.slots as { from: number; until: number }[];
    expect(slots).toHaveLength(locks.length); // O5: no lock without its promise
    for (const [i, a] of slots.entries()) {
      for (const b of slots.slice(i + 1)) expect(a.from < b.until && b.from < a.until).toBe(false); // R1
    }
  }
}

const ENDS = ["ReservationFulfilled", "ReservationCancelled", "NoShowRecorded", "AppealOpened"];
/** What happened to each promise, out of the whole record. */
function endings({ real, model }: Pair): void {
  const ends = new Map<string, string[]>();
  const fees = new Map<string, number>();
  for (const { actor, event } of real.log) {
    if (actor.kind === "reservation" && ENDS.includes(event.type)) {
      ends.set(actor.id, [...ends.get(actor.id) ?? [], event.type]);
    }
    const { feeFen, reservationId } = event as { feeFen?: number; reservationId?: string };
    if (event.type === "DepositSettled" && feeFen! > 0) fees.set(reservationId!, feeFen!);
  }
  for (const [id, types] of ends) {
    expect([id, ...types]).toHaveLength(2); // R2
    if (types[0] === "ReservationFulfilled") expect(fees.has(id)).toBe(false); // M7
  }
  const sums = { hold: 0, deposit: 0 };
  for (const [account, fen] of Object.entries(real.book())) {
    const [kind] = account.split(":") as [keyof typeof sums];
    if (kind in sums && fen !== 0) sums[kind] -= fen;
  }
  const reserved = [...model.promises.values()].filter(({ status }) => status === "reserved");
  expect(sums).toEqual({ hold: 0, deposit: 2_000 * (reserved.length + model.waiting.length) });
}

type Draw = (n: number) => number;
function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 16) % n;
  };
}

function actsOf(pair: Pair, upTo: Draw): (() => void)[] {
  const who = () => WHO[upTo(WHO.length)]!;
  return [
    () => pair.reserve(who(), [0, 0, 4, 10, 45, 120][upTo(6)]!, [15, 20, 60][upTo(3)]!),
    () => pair.reserve(who(), upTo(60), 15 + upTo(46)),
    () => pair.reserve(who(), upTo(10), 15 + upTo(46)),
    () => pair.cancel(who()),
    () => pair.appeal(who()),
    () => pair.decide(upTo(2) === 0),
    () => pair.start(who(), upTo(3) > 0, upTo(6) > 0),
    () => pair.walkIn(who()),
    () => pair.elsewhere(who()),
    () => pair.ends(),
    () => pair.ends(),
    () => pair.breaks(BROKEN[upTo(3)]!),
    () => pair.mended(),
    () => pair.mended(),
    () => pair.wait(1 + upTo(12)),
    () => pair.wait([1, 5, 15, 30, 1_500][upTo(5)]!),
  ];
}

/** One story; throws where the two differ. */
function play(seed: number, steps: number, without: readonly Safeguard[] = []): void {
  const pair = new Pair(without);
  const upTo = drawFrom(seed);
  const acts = actsOf(pair, upTo);
  for (let step = 0; step < steps; step++) {
    const act = upTo(acts.length);
    try {
      acts[act]!();
      pair.check();
    } catch (cause) {
      throw new TypeError(`they differ at step ${step}, act ${act}, seed ${seed}`, { cause });
    }
  }
  pair.ends();
  endings(pair);
}
const [first] = fc.sample(fc.nat(), 1) as [number];

test("whatever they do, the actors and the model say the same", () => {
  const stories = Math.ceil(STEPS / STORY);
  for (let n = 0; n < stories; n++) play(first + n, STORY);
  console.log(
    `flow B: ${stories * STORY} steps in ${stories} stories from seed ${first}, no difference`,
  );
}, 120_000);

const BUGS: readonly Safeguard[] = [
  "reserve.no-overlap",
  "reserve.locked",
  "reserve.other-pile",
  "reserve.trouble-never-no-show",
  "reserve.lock-restored",
  "reserve.appeal-limited",
  "reserve.cancel-refund",
  "noshow.fee",
  "noshow.suspends",
];
test.each(BUGS)("actors without '%s' differ from the model", (bug) => {
  const found = () => {
    for (let n = 0; n < 10; n++) play(first + n, STORY, [bug]);
  };
  expect(found).toThrow(/they differ at step/);
}, 60_000);

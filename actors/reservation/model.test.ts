// Users, ops, clock and pile at random: the real actors do what the model of flow B says, answer by answer,
// and every promise keeps R1, R2, M7 and O5. FC_SEED draws another story, MODEL_STEPS a longer one.
import process from "node:process";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ok, PILE } from "../../test/kit/charge-town.ts";
import { minutes, refusedWith, ReserveTown } from "../../test/kit/reserve-town.ts";
import { Model } from "./model.ts";

const STEPS = Number(process.env["MODEL_STEPS"] ?? 500);
const WHO = ["usr_anna0001", "usr_boris001", "usr_clara001"];
const ops = { kind: "ops" as const, id: "ops_0001", roles: ["operator"] };
const pileAt = { kind: "pile", id: PILE };

class Pair {
  readonly real = new ReserveTown();
  readonly model = new Model();
  /** Of each driver the newest reservation, and the order that charges. */
  readonly promise = new Map<string, string>();
  order = "";
  #names = 0;
  #registerWh = 5_000;
  constructor() {
    for (const who of WHO) {
      this.real.person(300_000, who);
      this.model.balance.set(who, 300_000);
    }
  }
  #name(prefix: string): string {
    return `${prefix}${String(++this.#names).padStart(6, "0")}`;
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
  start(who: string, works: boolean): void {
    const id = this.promise.get(who);
    if (id === undefined) return;
    const orderId = this.#name("ord_m");
    this.real.device["start"] = () =>
      ok(works ? { outcome: "accepted" } : { outcome: "refused", code: "internal" });
    const reply = this.real.begin({ limit: { moneyFen: 2_000 } }, orderId, id, who);
    if (reply?.ok && works) this.begun(orderId);
    expect(refusedWith(reply)).toBe(this.model.start(who, works));
  }
  walkIn(who: string): void {
    const orderId = this.#name("ord_w");
    this.real.device["start"] = () => ok({ outcome: "accepted" });
    const tap = this.real.start({ limit: { moneyFen: 2_000 } }, orderId, who);
    this.real.run();
    const reply = this.real.answer({ kind: "order", id: orderId }, tap.id);
    if (reply?.ok) this.begun(orderId);
    // who charges already is refused for that, whatever the pile would have said
    if (this.model.charging !== who) expect(refusedWith(reply)).toBe(this.model.walkIn(who));
    else expect(reply?.ok).toBe(false);
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
  breaks(how: "pile.disabled" | "pile.offline" | "pile.faulted"): void {
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

/** What happened to each promise, out of the whole record. */
function endings(real: ReserveTown): void {
  const ends = new Map<string, string[]>();
  const fees = new Map<string, number>();
  for (const { actor, event } of real.log) {
    const note = (id: string) => ends.set(id, [...ends.get(id) ?? [], event.type]);
    if (actor.kind === "reservation") {
      const isEnd = ["ReservationFulfilled", "ReservationCancelled", "NoShowRecorded"];
      if (isEnd.includes(event.type)) note(actor.id);
    }
    const { feeFen, reservationId } = event as { feeFen?: number; reservationId?: string };
    if (event.type === "DepositSettled" && feeFen! > 0) fees.set(reservationId!, feeFen!);
  }
  for (const [id, types] of ends) {
    expect(types).toHaveLength(1); // R2
    if (types[0] === "ReservationFulfilled") expect(fees.has(id)).toBe(false); // M7
  }
  for (const [account, fen] of Object.entries(real.book())) {
    if (account.startsWith("hold:")) expect([account, fen]).toEqual([account, 0]);
  }
}

test("whatever they do, the actors and the model say the same", () => {
  const pair = new Pair();
  const [seed] = fc.sample(fc.nat(), 1);
  let state = seed! >>> 0;
  const upTo = (n: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 16) % n;
  };
  const who = () => WHO[upTo(WHO.length)]!;
  const acts: (() => void)[] = [
    () => pair.reserve(who(), [0, 0, 4, 10, 45, 120][upTo(6)]!, [15, 20, 60][upTo(3)]!),
    () => pair.reserve(who(), upTo(60), 15 + upTo(46)),
    () => pair.cancel(who()),
    () => pair.start(who(), upTo(3) > 0),
    () => pair.walkIn(who()),
    () => pair.ends(),
    () => pair.ends(),
    () => pair.breaks((["pile.disabled", "pile.offline", "pile.faulted"] as const)[upTo(3)]!),
    () => pair.mended(),
    () => pair.mended(),
    () => pair.wait(1 + upTo(12)),
    () => pair.wait([1, 5, 15, 30, 1_500][upTo(5)]!),
  ];
  for (let step = 0; step < STEPS; step++) {
    const act = upTo(acts.length);
    try {
      acts[act]!();
      pair.check();
    } catch (cause) {
      throw new TypeError(`they differ at step ${step}, act ${act}, seed ${seed}`, { cause });
    }
  }
  endings(pair.real);
}, 120_000);

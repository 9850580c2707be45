// Any order of messages, taps, faults, repeats and time, between any two steps of a reservation: windows never
// overlap (R1), it ends once (R2), no fee beside a charge (M7), no lock without an owner (O5), books closed.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ok, PILE, USER } from "../../test/kit/charge-town.ts";
import { minutes, ReserveTown, RSV, rulesVersion } from "../../test/kit/reserve-town.ts";

const BORIS = "usr_boris001";
const OTHER = "rsv_01kreserve0zzzzbbbbccccdddd";
const pileAt = { kind: "pile", id: PILE };
const ops = { kind: "ops" as const, id: "ops_0001", roles: ["operator"] };
const host = { kind: "system" as const, id: "host" };
const deed = fc.record({ act: fc.nat(99), n: fc.nat(1_000), steps: fc.nat(5) });
const plan = fc.record({
  seed: fc.nat(),
  inMin: fc.constantFrom(0, 0, 3, 20),
  balanceFen: fc.constantFrom(2_500, 6_000, 20_000),
  deeds: fc.array(deed, { maxLength: 30, size: "max" }),
});
type Deed = { act: number; n: number; steps: number };

function dice(seed: number) {
  let state = seed >>> 0;
  return (n: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 16) % n;
  };
}
const ENDS = new Set([
  "ReservationFulfilled",
  "ReservationCancelled",
  "ReservationRefused",
  "NoShowRecorded",
  "AppealOpened",
]);

class Story {
  readonly town: ReserveTown;
  #orders = 0;
  #wh = 5_000;
  constructor(seed: number, balanceFen: number) {
    const roll = dice(seed);
    const twice = () => roll(5) === 0;
    this.town = new ReserveTown({ pick: roll, twice }).person(balanceFen).person(20_000, BORIS);
    this.town.onRecord = () => this.#overlaps();
  }
  ask(id: string, who: string, inMin: number): void {
    const from = this.town.at + minutes(inMin);
    const asked = { pileId: PILE, connector: 1, from, minutes: 15, rulesVersion };
    this.town.tap(id, { type: "RequestReservation", ...asked }, who);
  }
  /** Something that somebody does, with whatever is on its way still on its way. */
  do({ act, n, steps }: Deed): void {
    const { town } = this;
    for (let i = 0; i < steps; i++) town.step();
    const which = act % 12;
    if (which < 2) return this.#start(n);
    if (which === 2) return void town.tap(RSV, { type: "CancelReservation", costVersion: COST(n) });
    if (which === 3) return void town.tap(RSV, { type: "AppealReservation", text: "blocked" });
    if (which === 4) return this.ask(n % 2 === 0 ? OTHER : `rsv_again${n}`, BORIS, n % 30);
    if (which === 5) return this.#walkIn(n);
    if (which === 6) return this.#report();
    if (which === 7) return this.#disable(n % 2 === 0);
    if (which === 8) return this.#stop();
    this.#wait(n % 8);
  }
  #start(n: number): void {
    const limit = { moneyFen: n % 3 === 0 ? 20_000 : 2_000 };
    this.town.device["start"] = () =>
      n % 4 === 0 ? ok({ outcome: "refused", code: "internal" }) : ok({ outcome: "accepted" });
    this.town.tap(RSV, {
      type: "StartReserved",
      orderId: `ord_story${++this.#orders}`,
      pileId: n % 7 === 0 ? "P0009" : PILE,
      connector: 1,
      tariffVersion: "tv_1",
      limit,
      pay: { by: "wallet", autoCapture: true },
      ageMs: 1,
    });
  }
  #walkIn(n: number): void {
    const who = n % 2 === 0 ? BORIS : USER;
    this.town.start({ limit: { moneyFen: 2_000 } }, `ord_walk${++this.#orders}`, who);
  }
  /** The device began, if it was told to. */
  #report(): void {
    const { use } = this.#gun();
    if (use.status !== "starting") return;
    this.#tell("ReportStarted", { registerWh: ++this.#wh, orderId: use.orderId });
  }
  #stop(): void {
    const { use } = this.#gun();
    const orderId = use.session?.owner.orderId;
    if (use.status !== "charging" && use.status !== "stopping") return;
    this.#tell("ReportEnded", { registerWh: this.#wh, orderId, reason: "local" });
  }
  #disable(off: boolean): void {
    const type = off ? "DisablePile" : "EnablePile";
    this.town.send(pileAt, { type, reason: "story" }, ops);
  }
  #gun() {
    type Use = { status: string; orderId?: string; session?: { owner: { orderId: string } } };
    return this.town.state<{ connectors: { use: Use }[] }>("pile", PILE).connectors[0]!;
  }
  #tell(type: string, body: Record<string, unknown>): void {
    const { link, factSeq } = this.town.state<{
      link: { linkEpoch: number };
      factSeq: number;
    }>("pile", PILE);
    const fact = { bootId: "boot", seq: factSeq + 1 };
    const common = { linkEpoch: link.linkEpoch, fact, connector: 1, deviceAt: this.town.at };
    this.town.send(pileAt, { type, ...common, ...body }, { kind: "device", id: PILE });
  }
  /** Time passes while messages wait; what is due fires now, and once more later. */
  #wait(count: number): void {
    this.town.at += minutes(count);
    for (
      const [kind, id] of [["reservation", RSV], ["reservation", OTHER], ["pile", PILE]] as const
    ) {
      for (const [name, at] of this.town.timers(kind, id)) {
        if (at > this.town.at) continue;
        this.town.send({ kind, id }, { type: "TimerFired", name }, host);
      }
    }
  }
  #overlaps(): void {
    const slots = this.town.slots as { connector: number; from: number; until: number }[];
    for (const [i, a] of slots.entries()) {
      for (const b of slots.slice(i + 1)) {
        if (a.connector === b.connector && a.from < b.until && b.from < a.until) {
          throw new TypeError("R1: two promises of one connector overlap");
        }
      }
    }
  }
  /** Faults are over and cars leave: what is left? */
  settle(): void {
    const { town } = this;
    town.device["start"] = () => ok({ outcome: "refused", code: "internal" });
    for (let i = 0; i < 4; i++) {
      town.run();
      this.#report();
      town.run();
      this.#stop();
      town.advance(minutes(60));
    }
  }
}
const COST = (n: number) => n % 3 === 0 ? "500-1500" : "0-2000";

function ended(town: ReserveTown): void {
  const ids = new Set(
    town.log.flatMap(({ actor }) => actor.kind === "reservation" ? [actor.id] : []),
  );
  for (const id of ids) {
    const events = town.events("reservation", id);
    const ends = events.filter(({ type }) => ENDS.has(type));
    expect([id, ends.map(({ type }) => type)]).toEqual([id, [ends[0]?.type]]); // R2
    const fee = town.log.find(({ event }) =>
      event.type === "DepositSettled" && event["reservationId"] === id &&
      Number(event["feeFen"]) > 0
    );
    const begun = events.some(({ type }) => type === "PromiseUsed");
    expect([id, fee !== undefined && begun]).toEqual([id, false]); // M7
    expect([id, town.answered(id)]).toEqual([id, true]); // O3
  }
  expect(town.slots).toEqual([]); // O5
  for (const [account, fen] of Object.entries(town.book())) {
    if (/^(deposit|hold):/.test(account)) expect([account, fen]).toEqual([account, 0]); // M2
  }
  for (const who of [USER, BORIS]) {
    const { reserving } = town.state<{ reserving?: { open: string[] } }>("user", who);
    expect(reserving?.open ?? []).toEqual([]);
  }
}

test("whatever happens between any two steps, a reservation ends once and leaves nothing", () => {
  fc.assert(
    fc.property(plan, ({ seed, inMin, balanceFen, deeds }) => {
      const story = new Story(seed, balanceFen);
      story.ask(RSV, USER, inMin);
      for (const one of deeds) story.do(one);
      story.settle();
      ended(story.town);
    }),
    { numRuns: 80 },
  );
}, 120_000);

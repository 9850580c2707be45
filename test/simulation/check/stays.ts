// M7 of cars that stay: the fee begins behind end and grace, ends when the gun is out, is never over its
// cap, leaves out all times in which we are in the way, and is taken once at most.
import type { Known } from "../../../actors/order/state.ts";
import { openStay, owedFor, stayOf } from "../../../actors/order/stay.ts";
import type { Registered } from "../../../actors/pile/state.ts";
import type { OverstayBill } from "../../../wire/tariff.ts";
import { bare, type Checker, type Seen, type Verdicts } from "./kit.ts";

type Event = ReturnType<typeof bare>;
interface Span {
  fromAt: number;
  toAt: number;
}
/** What a gun's pile had on record, by its own clock. */
interface Gun {
  blockedSince: number | null;
  blocked: Span[];
}
interface Stood {
  gun: string;
  fromAt: number;
  toAt: number | null;
}
export interface Truth {
  /** When the gun really came out last; null: it is in. */
  outAt(pileId: string, no: number): number | null;
  /** No clock was ever wrong in this run. */
  isClockRight(): boolean;
}

export class Stays {
  readonly #guns = new Map<string, Gun>();
  readonly #stood = new Map<string, Stood>();
  readonly #fees = new Map<string, OverstayBill>();
  readonly #taken = new Map<string, number>();
  readonly #back = new Set<string>();

  constructor(readonly verdicts: Verdicts, readonly truth: Truth) {}

  readonly check: Checker = (seen) => {
    if (seen.kind === "pile") return this.#pile(seen);
    for (const stored of seen.record.events) {
      const event = bare(stored);
      if (seen.kind === "order") this.#order(seen, event);
      else if (seen.kind === "wallet") this.#wallet(event);
    }
  };

  #gun(name: string): Gun {
    let gun = this.#guns.get(name);
    if (!gun) this.#guns.set(name, gun = { blockedSince: null, blocked: [] });
    return gun;
  }

  #pile({ id, record: { at, events, state } }: Seen): void {
    const pile = state as Registered;
    if (pile.status !== "registered") return;
    for (const { no, fault } of pile.connectors) {
      const gun = this.#gun(`${id}/${no}`);
      const isBlocked = pile.link.presence === "offline" || pile.disabled !== null ||
        isCritical(fault) || isCritical(pile.fault);
      if (isBlocked) gun.blockedSince ??= at;
      else if (gun.blockedSince !== null) {
        gun.blocked.push({ fromAt: gun.blockedSince, toAt: at });
        gun.blockedSince = null;
      }
    }
    for (const event of events.map(bare)) {
      const orderId = String(event["orderId"]);
      const gun = `${id}/${Number(event["connector"])}`;
      if (event.type === "BayTaken") this.#stood.set(orderId, { gun, fromAt: at, toAt: null });
      if (event.type === "BayBlocked") this.verdicts.count("stay-blocked");
      if (event.type !== "BayLeft") continue;
      const stood = this.#stood.get(orderId);
      if (stood) stood.toAt = at;
      this.#really(orderId, event);
    }
  }

  /** What the pile calls the end of a stay is no later than the gun was really out. */
  #really(orderId: string, { leftAt, why, connector }: Event): void {
    if (why !== "unplugged" || leftAt === undefined) return;
    const [pileId = ""] = this.#stood.get(orderId)?.gun.split("/") ?? [];
    const outAt = this.truth.outAt(pileId, Number(connector));
    if (outAt === null || !this.truth.isClockRight()) return;
    if (Number(leftAt) > outAt) {
      this.verdicts.breach("M7", `${orderId}: out at ${outAt}, on record is ${Number(leftAt)}`);
    }
  }

  #order({ id, record }: Seen, event: Event): void {
    const { breach, count } = this.verdicts;
    const state = record.state as Known;
    switch (event.type) {
      case "StayBegan":
        return count("stay-began");
      case "OverstayDue":
        return this.#due(id, state, event["bill"] as OverstayBill, record.at);
      case "OverstayPaid":
        if (event["fen"] !== this.#fees.get(id)?.fen) breach("M7", `${id}: paid is not the fee`);
        return count("overstay-paid");
      case "OverstayOverdue":
        return count("overstay-overdue");
      case "OverstayDecided":
        return count(event["waive"] === true ? "overstay-waived" : "overstay-stands");
      case "BayReleased":
        return count(event["ok"] === true ? "gun-unlocked" : "gun-not-unlocked");
    }
  }

  #due(id: string, state: Known, bill: OverstayBill, at: number): void {
    const { breach, count } = this.verdicts;
    const stay = stayOf(state)!;
    const { rule, minuteMs } = stay;
    const { fen, minutes } = bill;
    count(fen === rule.capFen ? "overstay-capped" : "overstay-due");
    if (this.#fees.has(id)) breach("M7", `${id}: a second fee`);
    this.#fees.set(id, bill);
    if (fen !== Math.min(minutes * rule.fenPerMinute, rule.capFen)) {
      breach("M7", `${id}: ${fen} fen for ${minutes} minutes are not by its rule`);
    }
    const paidMs = minutes * minuteMs;
    const graceMs = rule.graceMinutes * minuteMs;
    const endedAt = "endedAt" in state ? state.endedAt : at;
    if (paidMs > at - endedAt - graceMs) breach("M7", `${id}: a fee within the grace`);
    const stood = this.#stood.get(id);
    if (!stood || stood.toAt === null) return;
    const begins = Math.max(stood.fromAt, endedAt) + graceMs;
    const freeMs = this.#freeMs(stood.gun, begins, stood.toAt);
    if (paidMs > Math.max(0, stood.toAt - begins - freeMs)) {
      breach("M7", `${id}: a fee for ${paidMs} ms, of which we were in the way for ${freeMs}`);
    }
  }

  #freeMs(name: string, from: number, to: number): number {
    const { blocked, blockedSince } = this.#gun(name);
    const all = blockedSince === null ? blocked : [...blocked, { fromAt: blockedSince, toAt: to }];
    return all.reduce(
      (sum, { fromAt, toAt }) => sum + Math.max(0, Math.min(toAt, to) - Math.max(fromAt, from)),
      0,
    );
  }

  #wallet(event: Event): void {
    const { breach, count } = this.verdicts;
    const id = String(event["orderId"]);
    const fen = Number(event["fen"]);
    if (event.type === "OverstayBooked") {
      if (this.#taken.has(id)) breach("M7", `${id}: the fee is taken twice`);
      if (fen !== this.#fees.get(id)?.fen) breach("M7", `${id}: ${fen} fen taken are not the fee`);
      this.#taken.set(id, fen);
    } else if (event.type === "OverstayReturned") {
      if (this.#back.has(id) || fen !== this.#taken.get(id)) {
        breach("M7", `${id}: ${fen} fen go back that were not taken`);
      }
      this.#back.add(id);
      count("overstay-returned");
    }
  }
}

const isCritical = (fault: Registered["fault"]): boolean => fault?.severity === "critical";

/** What of a stay is not over when all cars have left. */
export function stayOpen(state: Known, add: (invariant: string, what: string) => void): void {
  if (openStay(state)) add("O5", "its car has gone, and its stay has not ended");
  if (owedFor(state)?.status === "open") add("L1", "the fee of its stay is open");
}

// R, and what else holds of reservations: each ends once, two of one connector never overlap, no fee of a
// no-show beside a charge (M7), the deposit follows (M2), nothing is kept for nobody at the end (O5).
import type { JournalRecord } from "../../../wire/envelope.ts";
import type { ReservationStatus } from "../../../wire/reservation.ts";
import type { Registered as Pile, Slot } from "../../../actors/pile/state.ts";
import type { ReservationState, Reserved } from "../../../actors/reservation/state.ts";
import type { Registered as User } from "../../../actors/user/state.ts";
import { bare, type Checker, type Seen, type Verdicts } from "./kit.ts";
import type { Open } from "./settled.ts";

type Event = ReturnType<typeof bare>;
type Status = ReservationStatus | "absent";
interface Window {
  connector: number;
  from: number;
  until: number;
}
interface Deposit {
  fen: number;
  /** What stands of it. */
  leftFen: number;
  feeFen: number;
  /** A hold took its place once. */
  lent: boolean;
}
const NEXT: Readonly<Record<Status, readonly Status[]>> = {
  absent: ["awaiting-deposit"],
  "awaiting-deposit": ["reserved", "cancelled"],
  reserved: ["fulfilled", "cancelled", "no-show", "appealed"],
  fulfilled: [],
  cancelled: [],
  "no-show": [],
  appealed: [],
};
/** What may still happen behind an end: a lock that is given back, a start under it, a person's word. */
const FOLLOWS = new Set([
  "FactNoted",
  "IncidentRaised",
  "StartAsked",
  "StartRefused",
  "StartTold",
  "PromiseUsed",
  "LockRestored",
  "LockOver",
  "AppealWaiting",
  "AppealGranted",
  "AppealRefused",
]);

export class Promises {
  /** Windows that nobody has taken up yet, by reservation. */
  readonly #open = new Map<string, Reserved>();
  readonly #deposits = new Map<string, Deposit>();
  readonly #begun = new Set<string>();
  readonly #missed = new Set<string>();

  constructor(readonly verdicts: Verdicts, readonly bufferMs: number) {}

  readonly check: Checker = (seen) => {
    if (seen.kind === "reservation") this.#reservation(seen);
    if (seen.kind === "pile") this.#pile(seen);
    for (const stored of seen.record.events) {
      const event = bare(stored);
      if (seen.kind === "wallet") this.#wallet(event);
      if (seen.kind === "order" && event.type === "StartOrdered") this.#started(seen);
    }
  };

  #reservation({ id, record, before }: Seen): void {
    const { breach, count } = this.verdicts;
    const state = record.state as ReservationState;
    const from = (before?.state as ReservationState | undefined)?.status ?? "absent";
    const to = state.status;
    const events = record.events.map(bare);
    if (from !== to) {
      count(`reservation-${to}`);
      if (!NEXT[from].includes(to)) breach("R2", `${id}: from ${from} to ${to}`);
    } else if (NEXT[to].length === 0) {
      const changes = events.find(({ type }) => !FOLLOWS.has(type));
      if (changes) breach("R2", `${id}: ${changes.type} after ${to}`);
    }
    for (const event of events) {
      if (event.type === "LockRestored") count("lock-restored");
      if (event.type === "TroubleTold") count("promise-troubled");
      if (event.type === "ReservationRefused" && (event["undo"] as { wallet: boolean }).wallet) {
        count("deposit-back-at-once");
      }
      if (event.type === "NoShowRecorded") this.#missedBy(id);
    }
    const isOpen = state.status === "reserved" && !state.expiring && !state.starting &&
      state.used === null;
    if (!isOpen) return void this.#open.delete(id);
    if (from !== "reserved") {
      for (const [other, one] of this.#open) {
        if (one.pileId === state.pileId) this.#apart([id, state], [other, one]);
      }
    }
    this.#open.set(id, state);
  }

  #pile({ record }: Seen): void {
    const { slots = [] } = record.state as { slots?: Slot[] };
    const open = slots.filter(({ used }) => used === null);
    for (const [i, one] of open.entries()) {
      for (const other of open.slice(i + 1)) {
        this.#apart([one.reservationId, one], [other.reservationId, other]);
      }
    }
  }

  #apart([id, a]: [string, Window], [other, b]: [string, Window]): void {
    const { bufferMs } = this;
    if (a.connector !== b.connector) return;
    if (a.from < b.until + bufferMs && b.from < a.until + bufferMs) {
      this.verdicts.breach("R1", `${id} and ${other} are promised the same time`);
    }
  }

  #started({ id, record }: Seen): void {
    const { reservationId } = record.state as { reservationId?: string };
    if (reservationId === undefined) return;
    this.#begun.add(reservationId);
    if (this.#missed.has(reservationId)) {
      this.verdicts.breach("M7", `${reservationId}: a no-show, and ${id} began under it`);
    }
  }

  #missedBy(id: string): void {
    if (this.#begun.has(id)) this.verdicts.breach("M7", `${id}: a no-show beside a charge`);
    this.#missed.add(id);
  }

  #wallet(event: Event): void {
    const { breach } = this.verdicts;
    const part = event["deposit"] as { reservationId: string; fen: number } | undefined;
    const id = part?.reservationId ?? String(event["reservationId"]);
    const known = this.#deposits.get(id);
    switch (event.type) {
      case "DepositHeld": {
        if (known) breach("M2", `${id}: its deposit is held twice`);
        const fen = Number(event["fen"]);
        return void this.#deposits.set(id, { fen, leftFen: fen, feeFen: 0, lent: false });
      }
      case "HoldPlaced":
        if (part) this.#move(id, -part.fen, { lent: true });
        return;
      case "HoldReleased":
        if (part) this.#move(id, part.fen, {});
        return;
      case "DepositSettled": {
        const { feeFen, refundFen } = event as unknown as { feeFen: number; refundFen: number };
        if (feeFen > 0 && (known?.feeFen ?? 0) > 0) breach("M7", `${id}: a second fee`);
        if (feeFen > 0 && this.#begun.has(id)) breach("M7", `${id}: a fee beside a charge`);
        return this.#move(id, -feeFen - refundFen, { feeFen });
      }
    }
  }

  #move(id: string, byFen: number, more: Partial<Deposit>): void {
    const deposit = this.#deposits.get(id);
    const leftFen = (deposit?.leftFen ?? 0) + byFen;
    if (!deposit || leftFen < 0 || leftFen > deposit.fen) {
      this.verdicts.breach("M2", `${id}: ${leftFen} of its deposit of ${deposit?.fen} would stand`);
    }
    if (deposit) this.#deposits.set(id, { ...deposit, ...more, leftFen });
  }

  /** What is not over yet; nothing: all is. */
  open(newest: Iterable<[string, JournalRecord]>): Open[] {
    const open: Open[] = [];
    const add = (invariant: string, what: string) => void open.push({ invariant, what });
    const standing = new Set<string>();
    for (const [actor, { state }] of newest) {
      const [, kind = "", id = ""] = actor.split("/");
      if (kind === "pile") {
        for (const { reservationId } of (state as Partial<Pile>).slots ?? []) {
          add("O5", `${id}: a connector is still kept for ${reservationId}`);
        }
      }
      if (kind === "user") {
        const { open: ids = [], bound = [] } = (state as Partial<User>).reserving ?? {};
        for (const one of [...ids, ...bound]) add("O5", `${id}: ${JSON.stringify(one)} is open`);
      }
      if (kind === "reservation" && this.#unsettled(id, state as ReservationState, add)) {
        standing.add(id);
      }
    }
    for (const [id, { leftFen }] of this.#deposits) {
      if (leftFen > 0 && !standing.has(id)) add("M2", `${id} is over, ${leftFen} fen stand`);
    }
    return open;
  }

  /** True: its deposit may still stand. */
  #unsettled(id: string, state: ReservationState, add: (inv: string, what: string) => void) {
    const { lent = false, feeFen: takenFen = 0 } = this.#deposits.get(id) ?? {};
    switch (state.status) {
      case "absent":
        return false;
      case "awaiting-deposit":
      case "reserved":
        add("R2", `${id} is ${state.status}`);
        return true;
      case "fulfilled":
        if (state.starting) add("O3", `${id}: somebody waits for ${state.starting.orderId}`);
        if (!state.used && !state.closed) add("O5", `${id} is fulfilled and still locks`);
        return false;
      case "appealed":
        if (state.appeal === "counting") add("R2", `${id}: its appeal is not counted`);
        if (state.appeal === "waiting") return true;
        break;
      case "cancelled":
      case "no-show":
    }
    // what came back in a hold before may be too little for a fee
    if (takenFen > state.feeFen || takenFen < state.feeFen && !lent) {
      add("M7", `${id}: ${takenFen} fen taken, ${state.feeFen} told`);
    }
    return false;
  }
}

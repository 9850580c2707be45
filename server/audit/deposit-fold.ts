// What the auditor knows of deposits: a reservation that is over has settled its own, and what it cost is
// what its end says, once; a reservation that became a charge costs nothing.
import {
  type AuditEvent,
  type AuditRow,
  type Difference,
  num,
  obj,
  ownerOf,
  text,
} from "./rows.ts";

interface DepositFold {
  owner: string;
  /** What its rules ask for. */
  depositFen: number;
  /** What stood when it ended. */
  heldFen: number;
  feeFen: number;
  /** What its end says that it costs; null: it goes on, or a person looks at it. */
  endFeeFen: number | null;
  overAt: number | null;
}
/** May what happened at that moment still be on its way? And is it old enough to be forgotten? */
interface Ages {
  isDue(at: number): boolean;
  isOld(at: number): boolean;
}

export class Deposits {
  readonly #deposits = new Map<string, DepositFold>();

  /** An event of a reservation's own record. */
  take({ tenant, id, at }: AuditRow, event: AuditEvent): void {
    const fold = this.#at(`${tenant}/reservation/${id}`);
    if (event.type === "ReservationRequested") {
      fold.owner = ownerOf(tenant, text(event["userId"]));
      fold.depositFen = num(obj(event["rules"])["depositFen"]);
      return;
    }
    const fee = feeOf(event, fold.depositFen);
    if (fee === null) return;
    fold.endFeeFen = fee;
    fold.overAt = at;
  }

  /** An event of a wallet. */
  booked({ tenant }: AuditRow, event: AuditEvent): void {
    const moved = event.type === "HoldPlaced" || event.type === "HoldReleased"
      ? obj(event["deposit"])
      : event;
    const id = text(moved["reservationId"]);
    if (id === "") return;
    const fold = this.#at(`${tenant}/reservation/${id}`);
    if (event.type === "DepositSettled") fold.feeFen += num(event["feeFen"]);
    if (event.type === "DepositHeld" || event.type === "HoldReleased") {
      fold.heldFen = num(moved["fen"]);
    }
    if (event.type === "HoldPlaced") fold.heldFen = 0;
  }

  /** `leftFen`: what still lies in its account. */
  differences({ isDue, isOld }: Ages, leftFen: (key: string) => number): Difference[] {
    const found: Difference[] = [];
    for (const [where, fold] of this.#deposits) {
      const { owner, endFeeFen, feeFen, heldFen, overAt } = fold;
      if (endFeeFen === null || overAt === null || !isDue(overAt)) continue;
      const left = leftFen(where);
      if (left !== 0) {
        found.push({ rule: "hold-closed", where, what: `${0 - left} fen are still held`, owner });
      }
      const dueFen = Math.min(endFeeFen, heldFen);
      if (feeFen !== dueFen) {
        const what = `${feeFen} fen were taken, its end says ${dueFen}`;
        found.push({ rule: "deposit-settled", where, what, owner });
      } else if (left === 0 && isOld(overAt)) this.#deposits.delete(where);
    }
    return found;
  }

  #at(key: string): DepositFold {
    const known = this.#deposits.get(key);
    if (known) return known;
    const fresh = {
      owner: "",
      depositFen: 0,
      heldFen: 0,
      feeFen: 0,
      endFeeFen: null,
      overAt: null,
    };
    this.#deposits.set(key, fresh);
    return fresh;
  }
}

/** What this end of a reservation costs; null: it is none. */
function feeOf(event: AuditEvent, depositFen: number): number | null {
  switch (event.type) {
    case "NoShowRecorded":
    case "ReservationCancelled":
    case "AppealRefused":
      return num(event["feeFen"]);
    case "AppealGranted":
      return depositFen - num(event["refundFen"]);
    case "ReservationFulfilled":
    case "ReservationRefused":
      return 0;
    default: // of all that is told of a reservation only its ends cost
      return null;
  }
}

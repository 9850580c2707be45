// What the auditor knows of one order: what it was billed, what it says was paid and corrected, and what
// the wallets booked for it. A bill by a rule waits for its true meter; until then nothing is forgotten.
import { billFault } from "./rebill.ts";
import { type AuditEvent, list, num, obj, type Rule } from "./rows.ts";

type Say = (rule: Rule, what: string) => void;

/** The difference to the true meter that an order asks the wallet for. */
interface Correction {
  fen: number;
  /** What the order says was booked of it; null: it waits for that. */
  bookedFen: number | null;
}
export interface OrderFold {
  /** Whose charge it is; empty: not read yet. */
  owner: string;
  /** Kept while a bill of it may come. */
  tariff: Record<string, unknown> | null;
  /** The newest bill, its coupon laid on; null: there was none. */
  billFen: number | null;
  couponOffFen: number;
  /** Taken off the bill by hand before it was paid. */
  offFen: number;
  /** Nothing is asked for, whatever was billed. */
  waived: boolean;
  awaitsMeter: boolean;
  correction: Correction | null;
  /** Since when nothing more is to come of it; null: something is. */
  overSince: number | null;
  /** What the order calls paid. */
  paidFen: number | null;
  /** Booked as revenue for it, by wallets. */
  revenueFen: number;
  couponFen: number;
  refundFen: number;
  adjustedFen: number;
  /** Booked by wallets as corrections of its bill. */
  correctedFen: number;
  /** What it says was paid for staying after the charge, and not given back. */
  stayFen: number;
  /** Booked by wallets for that. */
  overstayFen: number;
}

export const freshOrder = (): OrderFold => ({
  owner: "",
  tariff: null,
  billFen: null,
  couponOffFen: 0,
  offFen: 0,
  waived: false,
  awaitsMeter: false,
  correction: null,
  overSince: null,
  paidFen: null,
  revenueFen: 0,
  couponFen: 0,
  refundFen: 0,
  adjustedFen: 0,
  correctedFen: 0,
  stayFen: 0,
  overstayFen: 0,
});

/** One posting that a wallet made for the order. */
export function postToOrder(order: OrderFold, type: string, account: string, fen: number): void {
  if (account === "revenue:overstay") order.overstayFen -= fen;
  else if (account.startsWith("revenue:")) {
    if (type === "BillCorrected") order.correctedFen -= fen;
    else order.revenueFen -= fen;
  } else if (account === "coupon") order.couponFen += fen;
  else if (account === "refund") order.refundFen += fen;
  else if (account === "adjustment") order.adjustedFen += fen;
}

export function takeOrder(order: OrderFold, event: AuditEvent, at: number, say: Say): void {
  switch (event.type) {
    case "ConnectorKept":
    case "CardChargeStarted":
      order.tariff = obj(event["tariff"]);
      return;
    case "ChargeDeclined":
    case "CardRefused":
    case "IdleProven":
      order.overSince ??= at;
      return;
    case "ChargeStartFailed":
      if (event["proven"] === true) order.overSince ??= at;
      return;
    case "OrderPaid":
      return paid(order, num(event["fen"]), at, say);
    case "OverstayPaid":
      order.stayFen += num(event["fen"]);
      order.overSince = order.overSince === null ? null : at;
      return;
    case "OverstayDecided":
      order.stayFen -= num(event["backFen"]);
      order.overSince = order.overSince === null ? null : at;
      return;
    default:
      takeBill(order, event, at, say);
  }
}

function takeBill(order: OrderFold, event: AuditEvent, at: number, say: Say): void {
  switch (event.type) {
    case "ChargeEnded":
      return ended(order, event, say);
    case "ReviewDecided":
      order.waived = event["accept"] === false;
      return;
    case "CouponTaken":
      order.couponOffFen = num(obj(event["use"])["fen"]);
      if (order.billFen !== null) order.billFen -= order.couponOffFen;
      return;
    case "CouponGivenBack":
      if (order.billFen !== null) order.billFen += order.couponOffFen;
      order.couponOffFen = 0;
      return;
    case "AdjustmentMade":
      order.offFen += num(event["fen"]); // once it is paid, this asks nobody any more
      return;
    case "BillCorrected":
      return corrected(order, event, at, say);
    case "CorrectionBooked":
      return booked(order, event, at, say);
    case "EstimateStands":
      awaitsNoMore(order, at);
  }
}

function paid(order: OrderFold, fen: number, at: number, say: Say): void {
  if (order.paidFen !== null) say("paid-in-full", "it was paid twice");
  const { billFen, offFen, waived } = order;
  const wantedFen = waived ? 0 : billFen === null ? fen : billFen - offFen;
  if (fen !== wantedFen) say("paid-in-full", `it calls ${fen} fen paid, the bill is ${wantedFen}`);
  order.paidFen = fen;
  order.overSince ??= at;
}

function ended(order: OrderFold, event: AuditEvent, say: Say): void {
  const bill = obj(event["bill"]);
  rebilled(order, event, say);
  order.billFen = num(bill["totalFen"]);
  if (!("estimated" in bill)) {
    order.tariff = null; // it is needed no more
    return;
  }
  order.awaitsMeter = true;
  const { lowFen, highFen } = obj(bill["estimated"]);
  if (!(num(lowFen) <= order.billFen && order.billFen <= num(highFen))) {
    say("bill-recomputed", `${order.billFen} fen are no estimate within its own bounds`);
  }
}

/** A bill of the order, against the energy that it is for and the tariff that was agreed. */
function rebilled({ tariff }: OrderFold, event: AuditEvent, say: Say): void {
  const bill = obj(event["bill"]);
  const fault = tariff === null
    ? "it has no frozen tariff"
    : billFault(bill, list(event["segments"]), tariff);
  if (fault !== null) say("bill-recomputed", fault);
}

/** The true meter: once, of the bill that was, and by as much as the two differ. */
function corrected(order: OrderFold, event: AuditEvent, at: number, say: Say): void {
  if (!order.awaitsMeter) {
    say("correction-booked", "a bill was corrected that awaits no meter");
    return;
  }
  rebilled(order, event, say);
  const bill = obj(event["bill"]);
  const fromFen = num(event["fromFen"]);
  const fen = num(event["fen"]);
  const waivedFen = num(event["waivedFen"]);
  const totalFen = num(bill["totalFen"]);
  if (fromFen !== order.billFen) {
    say("correction-booked", `it corrects a bill of ${fromFen} fen, there was ${order.billFen}`);
  }
  if (fen + waivedFen !== totalFen - fromFen) {
    say("correction-booked", `${fen} and ${waivedFen} waived, from ${fromFen} to ${totalFen} fen`);
  }
  if (event["how"] === "replaced") {
    if (order.paidFen !== null) say("correction-booked", "a paid bill was replaced");
    order.billFen = totalFen;
    order.couponOffFen = num(obj(bill["coupon"])["fen"] ?? 0);
  } else order.correction = { fen, bookedFen: fen === 0 ? 0 : null };
  awaitsNoMore(order, at);
}

/** Down it is booked in full, up as far as there was balance. */
function booked(order: OrderFold, event: AuditEvent, at: number, say: Say): void {
  const fen = num(event["fen"]);
  const { correction } = order;
  if (correction === null) return say("correction-booked", "a correction that nobody asked for");
  const [least, most] = correction.fen < 0 ? [correction.fen, correction.fen] : [0, correction.fen];
  if (!(least <= fen && fen <= most)) {
    say("correction-booked", `${fen} fen are booked of a difference of ${correction.fen}`);
  }
  correction.bookedFen = fen;
  if (order.overSince !== null) order.overSince = at;
}

function awaitsNoMore(order: OrderFold, at: number): void {
  order.awaitsMeter = false;
  order.tariff = null;
  if (order.overSince !== null) order.overSince = at;
}

/** What does not fit of an order of which nothing more is to come. */
export function orderFaults(order: OrderFold, heldFen: number, dueFen: number): [Rule, string][] {
  const faults: [Rule, string][] = [];
  if (heldFen !== 0) faults.push(["hold-closed", `${0 - heldFen} fen are still held`]);
  if (order.overstayFen !== order.stayFen) {
    const said = `it calls ${order.stayFen} fen paid for staying`;
    faults.push(["paid-in-full", `${said}, the book has ${order.overstayFen}`]);
  }
  const { paidFen, correction, correctedFen, refundFen } = order;
  if (paidFen === null) return faults;
  const tookFen = order.revenueFen - order.couponFen - order.adjustedFen - dueFen;
  if (tookFen !== paidFen) {
    faults.push(["paid-in-full", `it calls ${paidFen} fen paid, the book took ${tookFen}`]);
  }
  if (refundFen > tookFen + correctedFen) {
    const sum = `${tookFen} taken and ${correctedFen} corrected`;
    faults.push(["refund-bounded", `${refundFen} fen went back of ${sum}`]);
  }
  if (correction?.bookedFen === null) {
    faults.push(["correction-booked", `${correction.fen} fen of the true meter are not booked`]);
  } else if (correctedFen !== (correction?.bookedFen ?? 0)) {
    const saysFen = correction?.bookedFen ?? 0;
    const what = `it calls ${saysFen} fen corrected, the book moved ${correctedFen}`;
    faults.push(["correction-booked", what]);
  }
  return faults;
}

// L1 and its like, at the end: when faults healed and inputs stopped, everything is final or with a
// person; the provider's books and ours agree; nothing is locked without an owner.
import type { JournalRecord } from "../../../wire/envelope.ts";
import type { Registered } from "../../../actors/pile/state.ts";
import type { Known } from "../../../actors/order/state.ts";
import { type PaymentState, refundsOf } from "../../../actors/payment/state.ts";
import type { OpenWallet } from "../../../actors/wallet/state.ts";
import type { Difference } from "../../../server/audit/mod.ts";
import { stayOpen } from "./stays.ts";
import type { Device } from "../device.ts";
import type { Paid } from "../provider.ts";

export interface Open {
  invariant: string;
  what: string;
}
export interface End {
  newest: Iterable<[string, JournalRecord]>;
  devices: readonly Device[];
  payments: ReadonlyMap<string, Paid>;
  /** Actors about which a person was told. */
  withPerson: ReadonlySet<string>;
  /** What the archive alone tells its auditor: sums, balances shown, holds, bills, payments. */
  audit: readonly Difference[];
}
const ORDER_FINAL = new Set(["declined", "start-failed", "paid", "overdue", "bill-review"]);

/** What is not settled yet; nothing: all is. */
export function unsettled({ newest, devices, payments, withPerson, audit }: End): Open[] {
  const open: Open[] = [];
  const states = new Map<string, unknown>();
  for (const [actor, record] of newest) {
    const [, kind = "", id = ""] = actor.split("/");
    states.set(`${kind}/${id}`, record.state);
    const add = (invariant: string, what: string) =>
      open.push({ invariant, what: `${kind}/${id}: ${what}` });
    if (record.out.length > 0) add("L1", `${record.out.length} effects have not left`);
    if (withPerson.has(`${kind}/${id}`)) continue;
    if (kind === "order") orderOpen(record.state as Known, add);
    if (kind === "payment") paymentOpen(record.state as PaymentState, add);
    if (kind === "pile") {
      pileOpen(
        record.state as Registered,
        devices.find((d) => d.id === id)!,
        add,
      );
    }
  }
  return [
    ...open,
    ...holdsOpen(states, withPerson),
    ...reconciled(states, payments, withPerson),
    ...audited(audit, withPerson),
  ];
}

type Add = (invariant: string, what: string) => void;

function orderOpen(state: Known, add: Add): void {
  stayOpen(state, add);
  if (!ORDER_FINAL.has(state.status)) add("L1", `is ${state.status}`);
  const isPaid = state.status === "paid";
  if (isPaid && state.correction?.booked === false) add("L1", "its correction is not booked");
  if (state.status === "start-failed" && !state.proven) add("L1", "failed, and nothing proves it");
}

function paymentOpen(state: PaymentState, add: Add): void {
  const { status } = state;
  if (status === "creating" || status === "open" || status === "closing") add("M8", `is ${status}`);
  if (status === "succeeded" && !state.delivered) add("L1", "its money is booked nowhere");
  const isUnderWay = ({ stage }: { stage: string }) => stage === "booking" || stage === "asked";
  if (refundsOf(state, "").some(isUnderWay)) add("M3", "money that goes back is not there yet");
}

function pileOpen(state: Registered, device: Device, add: Add): void {
  if (state.status !== "registered") return;
  if (state.left.length > 0) add("E3", "a session waits for its end");
  for (const { no, use, calls, register, stay } of state.connectors) {
    if (stay) add("O5", `connector ${no} is kept by ${stay.orderId}, whose car has gone`);
    const physical = device.socket(no).session;
    if (use.status !== "free" && use.status !== "occupied") {
      add(physical ? "L1" : "O5", `connector ${no} is ${use.status}`);
    } else if (physical) add("O6", `connector ${no} charges and nobody knows`);
    if (calls.length > 0) add("O3", `connector ${no} waits for ${calls.join()}`);
    const wh = device.registerWh(no);
    if (register?.wh !== wh) add("E1", `connector ${no} shows ${wh} Wh, known are ${register?.wh}`);
  }
  if (device.queue.length > 0) add("E3", `${device.queue.length} facts were never taken`);
}

/** M2: a hold ends with its order. */
function holdsOpen(states: ReadonlyMap<string, unknown>, withPerson: ReadonlySet<string>): Open[] {
  const open: Open[] = [];
  for (const [name, state] of states) {
    if (!name.startsWith("wallet/")) continue;
    const { orders = {} } = state as Partial<OpenWallet>;
    for (const [orderId, book] of Object.entries(orders)) {
      if (book.status !== "held" || withPerson.has(`order/${orderId}`)) continue;
      const status = (states.get(`order/${orderId}`) as Known | undefined)?.status;
      if (status === "overdue" || status === "bill-review") continue; // it still stands for the bill
      open.push({
        invariant: "M2",
        what: `${orderId} is ${status}, its hold of ${book.fen} stands`,
      });
    }
  }
  return open;
}

const goneBack = (state: PaymentState, id: string): number =>
  refundsOf(state, id).reduce((sum, { fen, stage }) => sum + (stage === "stood" ? fen : 0), 0);

/** M4: what the provider took is what we booked or gave back. */
function reconciled(
  states: ReadonlyMap<string, unknown>,
  payments: ReadonlyMap<string, Paid>,
  withPerson: ReadonlySet<string>,
): Open[] {
  const open: Open[] = [];
  for (const [id, { status, fen, refundedFen }] of payments) {
    if (withPerson.has(`payment/${id}`)) continue;
    const state = states.get(`payment/${id}`) as PaymentState | undefined;
    const ours = state?.status ?? "absent";
    const kept = status === "succeeded" ? fen - refundedFen : 0;
    const backFen = state === undefined || ours !== "succeeded" ? 0 : goneBack(state, id);
    const booked = ours === "succeeded" ? fen - backFen : 0;
    if (kept !== booked) {
      open.push({
        invariant: "M4",
        what: `${id}: the provider has ${kept} fen, we have ${booked}`,
      });
    }
  }
  return open;
}

function audited(audit: readonly Difference[], withPerson: ReadonlySet<string>): Open[] {
  return audit
    .filter(({ where }) => !where.includes("/payment/pay_first")) // the world began with them
    .filter(({ where }) => !withPerson.has(where.replace(/^[^/]*\//, "")))
    .map(({ rule, where, what }) => ({ invariant: `audit ${rule}`, what: `${where}: ${what}` }));
}

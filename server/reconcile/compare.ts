// What a provider's rows and our payments differ in. Pure: whoever calls brings both, and the
// provider's own word on what its file lacks.
import type { PaymentView } from "../../wire/money.ts";
import type { Difference } from "../../wire/reconcile.ts";
import type { Dated } from "./unusual.ts";

/** A row of a bill, as the payment gateway reads it. */
export interface Row {
  kind: "pay" | "refund";
  paymentId: string;
  refundId?: string;
  ref: string;
  fen: number;
}
/** `null`: no such payment of ours. */
export type Ours = ReadonlyMap<string, PaymentView | null>;

/** Those that a provider's file may name: a number that another one was given is none of its own. */
export const ofProvider = (by: PaymentView["by"], ours: Ours): Ours =>
  new Map([...ours].map(([id, view]) => [id, view?.by === by ? view : null]));

/** What a day is about: payments of its file, as of when they were paid, and what else changed then. */
export function ofDay(
  rows: readonly (Row & { at: number })[],
  ours: Ours,
  changed: readonly Dated[],
): Dated[] {
  const all = new Map(changed.map((one) => [one.view.paymentId, one]));
  for (const { kind, paymentId, at } of rows) {
    const view = ours.get(paymentId);
    if (kind === "pay" && view) all.set(paymentId, { at, view });
  }
  return [...all.values()];
}

export function compareRows(rows: readonly Row[], ours: Ours): Difference[] {
  const paid = new Map<string, Row[]>();
  for (const row of rows) {
    if (row.kind !== "pay") continue;
    paid.set(row.paymentId, [...paid.get(row.paymentId) ?? [], row]);
  }
  return [
    ...[...paid].flatMap(([id, found]) => payDiffers(id, found, ours.get(id) ?? null)),
    ...rows.flatMap((row) => row.kind === "refund" ? refundDiffers(row, ours) : []),
  ];
}

function payDiffers(paymentId: string, rows: Row[], our: PaymentView | null): Difference[] {
  const theirFen = rows.reduce((sum, { fen }) => sum + fen, 0);
  const head = { paymentId, theirFen, facts: { refs: rows.map(({ ref }) => ref) } };
  const as = (kind: Difference["kind"], ourFen?: number): Difference[] => [
    { key: `${kind}/${paymentId}`, kind, ...head, ...(ourFen === undefined ? {} : { ourFen }) },
  ];
  if (our === null) return as("unknown-payment");
  if (rows.length > 1) return as("double-debit", our.fen);
  if (our.fen !== theirFen) return as("amount", our.fen);
  // What came after the end is no success of ours: it is right once all of it goes back.
  if (our.status !== "succeeded" && backFen(our) !== our.fen) return as("missing-here", 0);
  return [];
}
const backFen = ({ refunds = [] }: PaymentView): number =>
  refunds.reduce((sum, { fen, stage }) => sum + (stage === "declined" ? 0 : fen), 0);

function refundDiffers({ paymentId, refundId = "?", fen, ref }: Row, ours: Ours): Difference[] {
  const our = ours.get(paymentId)?.refunds?.find((one) => one.refundId === refundId);
  const head = { paymentId, theirFen: fen, facts: { refundId, ref } };
  if (our && our.fen !== fen) {
    return [{ key: `refund-amount/${refundId}`, kind: "refund-amount", ...head, ourFen: our.fen }];
  }
  if (our?.stage === "stood") return [];
  const kind = "refund-missing-here";
  return [{ key: `${kind}/${refundId}`, kind, ...head, ourFen: our?.fen ?? 0 }];
}

/** Two successes for one bill, of which none went back. */
export function doubleDebits(payments: readonly PaymentView[]): Difference[] {
  const byOrder = new Map<string, PaymentView[]>();
  for (const one of payments) {
    const isDue = one.purpose === "bill" || one.purpose === "overstay";
    if (!isDue || one.status !== "succeeded" || !one.orderId) continue;
    if (backFen(one) === one.fen) continue;
    const due = one.purpose === "bill" ? one.orderId : `${one.orderId}/${one.purpose}`;
    byOrder.set(due, [...byOrder.get(due) ?? [], one]);
  }
  return [...byOrder].filter(([, found]) => found.length > 1).map(([due, found]) => ({
    key: `double-debit/${due}`,
    kind: "double-debit",
    paymentId: found.at(-1)!.paymentId,
    ourFen: found.reduce((sum, { fen }) => sum + fen, 0),
    facts: { orderId: found[0]!.orderId, payments: found.map(({ paymentId }) => paymentId) },
  }));
}

/** What the provider says of one that its file lacks. */
export interface Said {
  status: string;
  fen?: number | undefined;
}
/** Null: both agree, or nothing is known yet. */
export function saidDiffers(our: PaymentView, said: Said | null): Difference | null {
  if (said === null) return null;
  const { paymentId, fen: ourFen, status } = our;
  const isPaid = said.status === "succeeded" || said.status === "refunded";
  const facts = { said: said.status, have: status };
  if (status === "succeeded") {
    const isBack = said.status === "closed" && backFen(our) === ourFen;
    if (isBack || (isPaid && (said.fen ?? ourFen) === ourFen)) return null;
    const kind = isPaid ? "amount" : "missing-there";
    return { key: `${kind}/${paymentId}`, kind, paymentId, theirFen: said.fen ?? 0, ourFen, facts };
  }
  if (!isPaid || backFen(our) === ourFen) return null;
  const theirFen = said.fen ?? ourFen;
  const kind = "missing-here";
  return { key: `${kind}/${paymentId}`, kind, paymentId, theirFen, ourFen: 0, facts };
}

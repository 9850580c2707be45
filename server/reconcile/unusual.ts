// Debits that are true and yet deserve a look (docs/money.md): few rules, each with its number.
import type { PaymentView } from "../../wire/money.ts";
import type { Difference } from "../../wire/reconcile.ts";

/** With the moment of its last change. */
export interface Dated {
  at: number;
  view: PaymentView;
}
const WINDOW_MS = 600_000;
/** Paid by one user within ten minutes: nobody fills a wallet or ends charges that often. */
const PER_WINDOW_MAX = 5;
/** One payment: a hold is 300 yuan at most, so no bill and hardly a recharge is ten times that. */
const FEN_MAX = 300_000;
/** Given back to one user on one day. */
const REFUNDS_MAX = 3;

export function unusualDebits(payments: readonly Dated[]): Difference[] {
  const byUser = new Map<string, Dated[]>();
  for (const one of payments) {
    if (one.view.purpose === "binding") continue;
    byUser.set(one.view.userId, [...byUser.get(one.view.userId) ?? [], one]);
  }
  return [
    ...payments.filter(({ view }) => view.status === "succeeded" && view.fen > FEN_MAX)
      .map(({ view }) => found("large", view.paymentId, view, { limitFen: FEN_MAX })),
    ...[...byUser].flatMap(([userId, own]) => [...often(userId, own), ...back(userId, own)]),
  ];
}

function found(
  rule: string,
  name: string,
  { paymentId, fen }: PaymentView,
  facts: Record<string, unknown>,
): Difference {
  const key = `unusual/${rule}/${name}`;
  return { key, kind: "unusual", paymentId, ourFen: fen, facts: { rule, ...facts } };
}

function often(userId: string, own: readonly Dated[]): Difference[] {
  const paid = own.filter(({ view }) => view.status === "succeeded")
    .sort((one, other) => one.at - other.at);
  const hit = paid.find((one, i) => {
    const first = paid[i - PER_WINDOW_MAX];
    return first !== undefined && one.at - first.at <= WINDOW_MS;
  });
  if (!hit) return [];
  return [found("often", userId, hit.view, { userId, payments: paid.length })];
}

function back(userId: string, own: readonly Dated[]): Difference[] {
  const refunded = own.filter(({ view }) => (view.refunds?.length ?? 0) > 0);
  const count = refunded.reduce((sum, { view }) => sum + view.refunds!.length, 0);
  const last = refunded.at(-1);
  if (!last || count <= REFUNDS_MAX) return [];
  return [found("refunds", userId, last.view, { userId, refunds: count })];
}

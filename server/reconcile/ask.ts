// What is asked while books are compared: our payments themselves, where the read models may be behind,
// and the provider about what its file lacks. Silence is told apart from agreement.
import type { PaymentView } from "../../wire/money.ts";
import type { Difference } from "../../wire/reconcile.ts";
import { compareRows, type Ours, type Row, type Said, saidDiffers } from "./compare.ts";
import { type ReconcileDeps, ReconcileFault } from "./ports.ts";

const AT_ONCE = 8;
const IDS_AT_ONCE = 1_000;

/** `silent`: payments of which nothing was learned. */
export interface Asked {
  differences: Difference[];
  silent: ReadonlySet<string>;
}

/** By the read models first; what differs there is asked of the payment itself, which is never behind. */
export async function ourPayments(deps: ReconcileDeps, rows: readonly Row[]): Promise<Ours> {
  const ids = [...new Set(rows.map(({ paymentId }) => paymentId))];
  const ours = new Map<string, PaymentView | null>(ids.map((id) => [id, null]));
  for (let i = 0; i < ids.length; i += IDS_AT_ONCE) {
    const views = await deps.payments.byIds(ids.slice(i, i + IDS_AT_ONCE));
    for (const view of views) ours.set(view.paymentId, view);
  }
  const doubted = new Set(compareRows(rows, ours).flatMap(({ paymentId }) => paymentId ?? []));
  await inTurns([...doubted], async (id) => void ours.set(id, await shown(deps, id)));
  return ours;
}

async function shown({ client, tenant }: ReconcileDeps, id: string): Promise<PaymentView | null> {
  const reply = await client.read({
    to: { tenant, kind: "payment", id },
    name: "show",
    query: {},
    principal: { kind: "system", id: "reconciler" },
  });
  if (reply.ok) return reply.body as PaymentView;
  if ("fault" in reply) throw new ReconcileFault(`payment not read: ${reply.fault.code}`);
  return null;
}

/** Those that exist, as they are now. */
export async function paymentsNow(
  deps: ReconcileDeps,
  ids: readonly string[],
): Promise<PaymentView[]> {
  const found: PaymentView[] = [];
  await inTurns(ids, async (id) => {
    const view = await shown(deps, id);
    if (view) found.push(view);
  });
  return found;
}

/** The provider's own word on payments that its file lacks, or has not been made for. */
export async function askedAbout(
  deps: ReconcileDeps,
  payments: readonly PaymentView[],
): Promise<Asked> {
  const differences: Difference[] = [];
  const silent = new Set<string>();
  const ask = async (view: PaymentView): Promise<Difference | null> => {
    const said = await saidOf(deps, view);
    if (said === null) silent.add(view.paymentId);
    return saidDiffers(view, said);
  };
  await inTurns(payments, async (view) => {
    if (!await ask(view)) return;
    const fresh = await shown(deps, view.paymentId); // the view may be behind
    const still = fresh && await ask(fresh);
    if (still) differences.push(still);
  });
  return { differences, silent };
}

async function saidOf(
  { payment, tenant }: ReconcileDeps,
  { paymentId, by }: PaymentView,
): Promise<Said | null> {
  const answer = await payment.port({ body: { op: "query", tenant, paymentId, by } });
  if (answer.ok) return answer.body;
  const { code } = answer.refusal;
  return code === "payment.unknown" ? { status: code } : null;
}

/** Refunds that stand with us and not in the file: of another day, or never made. */
export async function refundsAbsent(
  { payment, tenant }: ReconcileDeps,
  rows: readonly Row[],
  payments: readonly PaymentView[],
): Promise<Asked> {
  const inBill = new Set(rows.map(({ refundId }) => refundId));
  const absent = payments.flatMap((view) =>
    (view.refunds ?? []).filter(({ stage, refundId }) => stage === "stood" && !inBill.has(refundId))
      .map((refund) => ({ ...refund, paymentId: view.paymentId, by: view.by }))
  );
  const differences: Difference[] = [];
  const silent = new Set<string>();
  await inTurns(absent, async ({ paymentId, by, refundId, fen }) => {
    const body = { op: "query-refund", tenant, paymentId, by, refundId };
    const answer = await payment.port({ body });
    if (answer.ok && answer.body.status === "refunded") return;
    if (!answer.ok && answer.refusal.code !== "payment.unknown") return void silent.add(paymentId);
    const kind = "refund-missing-there";
    const facts = { refundId };
    differences.push({
      key: `${kind}/${refundId}`,
      kind,
      paymentId,
      theirFen: 0,
      ourFen: fen,
      facts,
    });
  });
  return { differences, silent };
}

async function inTurns<T>(all: readonly T[], each: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const worker = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await each(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

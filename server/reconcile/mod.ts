// The reconciler (对账): brings the provider's word and our payments together, near real time by
// questions, daily and on demand by the provider's file or a bank's, and files every difference.
import type { PaymentView, ProviderOutcome } from "../../wire/money.ts";
import {
  type Difference,
  DIFFERENCES_MAX,
  reconciliationId,
  type ReconciliationView,
  type runHow,
  type Source,
} from "../../wire/reconcile.ts";
import type { Safeguard } from "../../wire/safeguards.ts";
import type * as z from "zod";
import type { Client, Clock, Log, Metrics } from "../ports.ts";
import { compareBank, readBankFile, type Settled } from "./bank.ts";
import {
  compareRows,
  doubleDebits,
  type Ours,
  type Row,
  type Said,
  saidDiffers,
} from "./compare.ts";
import { chinaDay, chinaDayStart, DAY_MS } from "./days.ts";
import { type Dated, unusualDebits } from "./unusual.ts";

export { chinaDay, chinaHour, DAY_MS } from "./days.ts";

type By = "wechat" | "alipay";
export type Outcome =
  | { ok: true; view: ReconciliationView }
  | { ok: false; why: "no-bill" | "unreadable" | "unavailable" };
type CallAnswer = { ok: true; body: ProviderOutcome } | { ok: false; refusal: { code: string } };
/** What of the payment gateway it needs. */
export interface Providers {
  providers: readonly By[];
  port(call: { body: Record<string, unknown> }): Promise<CallAnswer>;
  bill(by: By, day: string): Promise<
    | { ok: true; rows: (Row & { feeFen: number })[] }
    | { ok: false; why: "no-bill" | "unknown" }
  >;
}
/** Our payments as the read models have them. */
export interface Payments {
  byIds(ids: readonly string[]): Promise<PaymentView[]>;
  /** Of one provider, last changed in this span, oldest first; bounded. */
  changed(by: By, fromAt: number, toAt: number): Promise<Dated[]>;
}
export interface ReconcileDeps {
  tenant: string;
  client: Client;
  payment: Providers;
  payments: Payments;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** What a drill has switched off for a driver, or for a reconciliation of its own. */
  without?(id: string): ReadonlySet<Safeguard>;
}
/** `userId`: of one driver's payments alone. */
export interface Reconciler {
  /** A provider's file of one day. */
  day(by: By, day: string, how: How, userId?: string): Promise<Outcome>;
  /** What changed in the last half hour, by questions. Younger ones ask their provider themselves. */
  now(by: By, ageMs: number, userId?: string): Promise<Outcome>;
  /** A bank's statement. */
  bank(day: string, file: string): Promise<Outcome>;
}
type How = z.infer<typeof runHow>;

const LOOK_BACK_MS = 1_800_000;
const AT_ONCE = 8;
const IDS_AT_ONCE = 1_000;
const ASK_MS = 20_000;

interface Found {
  rows: number;
  paidFen: number;
  refundedFen: number;
  feeFen: number;
  userId?: string | undefined;
  differences: Difference[];
  /** Does the open case agree now? */
  agrees(one: ReconciliationView["cases"][number], key: string): boolean;
}

export function createReconciler(deps: ReconcileDeps): Reconciler {
  return {
    async day(by, day, how, userId) {
      const found = await foundInBill(deps, by, day, userId);
      return "why" in found ? { ok: false, why: found.why } : await file(deps, by, day, how, found);
    },
    async now(by, ageMs, userId) {
      const day = chinaDay(deps.clock.now());
      const found = await foundByQuestions(deps, by, ageMs, userId);
      return await file(deps, by, day, "now", found);
    },
    async bank(day, text) {
      const read = readBankFile(text);
      if (!read) return { ok: false, why: "unreadable" };
      const lines = offFor(deps, reconciliationId("bank", day)).has("pay.reconciled") ? [] : read;
      const wanted = new Set(lines.map((line) => `${line.provider}/${line.settlement_day}`));
      for (const by of deps.payment.providers) wanted.add(`${by}/${day}`);
      const settled: Settled[] = [];
      for (const name of wanted) {
        const [by, of] = name.split("/") as [By, string];
        const bill = await deps.payment.bill(by, of);
        if (!bill.ok && bill.why === "unknown") return { ok: false, why: "unavailable" };
        settled.push({ provider: by, day: of, ...sumsOf(bill.ok ? bill.rows : []) });
      }
      const differences = compareBank(lines, settled);
      const total = sumsOf([]);
      for (const one of settled) {
        total.paidFen += one.paidFen;
        total.refundedFen += one.refundedFen;
        total.feeFen += one.feeFen;
      }
      const agrees = () => true;
      return await file(deps, "bank", day, "demand", {
        rows: lines.length,
        ...total,
        differences,
        agrees,
      });
    },
  };
}

const sumsOf = (rows: readonly (Row & { feeFen: number })[]) => {
  const of = (kind: Row["kind"]) =>
    rows.reduce((sum, row) => sum + (row.kind === kind ? row.fen : 0), 0);
  const feeFen = rows.reduce((sum, row) => sum + row.feeFen, 0);
  return { paidFen: of("pay"), refundedFen: of("refund"), feeFen };
};

const NONE: ReadonlySet<Safeguard> = new Set();
const offFor = ({ without }: ReconcileDeps, id: string | undefined): ReadonlySet<Safeguard> =>
  id === undefined ? NONE : without?.(id) ?? NONE;
/** Is that payment to be compared? */
function isWanted(deps: ReconcileDeps, userId: string | undefined) {
  const isOff = offFor(deps, userId).has("pay.reconciled");
  return (view: PaymentView | null | undefined): boolean =>
    userId === undefined || (!isOff && view?.userId === userId);
}

async function foundInBill(
  deps: ReconcileDeps,
  by: By,
  day: string,
  userId: string | undefined,
): Promise<Found | { why: "no-bill" | "unavailable" }> {
  const { payment, payments } = deps;
  const bill = await payment.bill(by, day);
  if (!bill.ok && bill.why === "unknown") return { why: "unavailable" };
  const from = chinaDayStart(day);
  const ofDay = await payments.changed(by, from, from + DAY_MS);
  const wanted = isWanted(deps, userId);
  const paid = ofDay.filter(({ view }) => view.purpose !== "binding" && wanted(view));
  if (!bill.ok && paid.some(({ view }) => view.status === "succeeded")) return { why: "no-bill" };
  const all = bill.ok ? bill.rows : [];
  const ours = await ourPayments(deps, all);
  const rows = all.filter(({ paymentId }) => wanted(ours.get(paymentId)));
  const inBill = new Set(rows.map(({ paymentId }) => paymentId));
  const absent = paid.filter(({ view }) => !inBill.has(view.paymentId));
  const said = await askedAbout(deps, absent.map(({ view }) => view));
  const differences = [
    ...compareRows(rows, ours),
    ...said,
    ...await refundsAbsent(deps, rows, paid.map(({ view }) => view)),
    ...doubleDebits(paid.map(({ view }) => view)),
    ...(offFor(deps, userId).has("pay.unusual-debits") ? [] : unusualDebits(paid)),
  ];
  const compared = new Set([...inBill, ...paid.map(({ view }) => view.paymentId)]);
  return {
    rows: rows.length,
    ...sumsOf(rows),
    userId,
    differences,
    agrees: ({ paymentId = "" }) => userId === undefined || compared.has(paymentId),
  };
}

/** By the read models first; what differs there is asked of the payment itself, which is never behind. */
async function ourPayments(deps: ReconcileDeps, rows: readonly Row[]): Promise<Ours> {
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
/** Nothing was filed: it is tried again. */
export class ReconcileFault extends Error {
  override readonly name = "ReconcileFault";
}

/** The provider's own word on payments that its file lacks, or has not been made for. */
async function askedAbout(
  deps: ReconcileDeps,
  payments: readonly PaymentView[],
): Promise<Difference[]> {
  const found: Difference[] = [];
  await inTurns(payments, async (view) => {
    const difference = saidDiffers(view, await saidOf(deps, view));
    if (!difference) return;
    const fresh = await shown(deps, view.paymentId); // the view may be behind
    const still = fresh && saidDiffers(fresh, await saidOf(deps, fresh));
    if (still) found.push(still);
  });
  return found;
}

/** Refunds that stand with us and not in the file: of another day, or never made. */
async function refundsAbsent(
  { payment, tenant }: ReconcileDeps,
  rows: readonly Row[],
  payments: readonly PaymentView[],
): Promise<Difference[]> {
  const inBill = new Set(rows.map(({ refundId }) => refundId));
  const absent = payments.flatMap((view) =>
    (view.refunds ?? []).filter(({ stage, refundId }) => stage === "stood" && !inBill.has(refundId))
      .map((refund) => ({ ...refund, paymentId: view.paymentId, by: view.by }))
  );
  const found: Difference[] = [];
  await inTurns(absent, async ({ paymentId, by, refundId, fen }) => {
    const body = { op: "query-refund", tenant, paymentId, by, refundId };
    const answer = await payment.port({ body });
    const isKnown = answer.ok || answer.refusal.code === "payment.unknown";
    if (!isKnown || (answer.ok && answer.body.status === "refunded")) return;
    const kind = "refund-missing-there";
    const facts = { refundId };
    found.push({ key: `${kind}/${refundId}`, kind, paymentId, theirFen: 0, ourFen: fen, facts });
  });
  return found;
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

async function foundByQuestions(
  deps: ReconcileDeps,
  by: By,
  ageMs: number,
  userId: string | undefined,
): Promise<Found> {
  const now = deps.clock.now();
  const recent = await deps.payments.changed(by, now - LOOK_BACK_MS, now - ageMs);
  const over = recent.map(({ view }) => view).filter(isWanted(deps, userId))
    .filter(({ status, purpose }) =>
      purpose !== "binding" &&
      (status === "succeeded" || status === "closed" || status === "failed")
    );
  const differences = [...await askedAbout(deps, over), ...doubleDebits(over)];
  const compared = new Set(over.map(({ paymentId }) => paymentId));
  return {
    rows: over.length,
    ...sumsOf([]),
    userId,
    differences,
    agrees: ({ paymentId = "", kind }) => compared.has(paymentId) && kind.startsWith("missing"),
  };
}

async function file(
  deps: ReconcileDeps,
  source: Source,
  day: string,
  how: How,
  { agrees, differences, userId, ...sums }: Found,
): Promise<Outcome> {
  if (userId !== undefined && how !== "demand" && sums.rows === 0) {
    return { ok: false, why: "no-bill" }; // nothing of this driver: nobody asked to hear that
  }
  const { client, tenant, clock, metrics } = deps;
  const to = { tenant, kind: "reconciliation", id: reconciliationId(source, day) };
  const principal = { kind: "system" as const, id: "reconciler" };
  const before = await client.read({ to, name: "show", query: {}, principal });
  const known = before.ok ? (before.body as ReconciliationView).cases : [];
  const keys = new Set(differences.map(({ key }) => key));
  const settled = known.filter((one) => {
    const key = String(one.facts.key);
    return one.state !== "settled" && !keys.has(key) && agrees(one, key);
  }).map(({ facts }) => String(facts.key)).slice(0, 1_000);
  for (const { kind } of differences) metrics.count("reconciliation_differences", { kind, source });
  const tooMany: Difference = {
    key: `too-many/${source}`,
    kind: "too-many",
    facts: { differences: differences.length },
  };
  const filed = differences.length > DIFFERENCES_MAX
    ? [...differences.slice(0, DIFFERENCES_MAX), tooMany]
    : differences;
  const id = `run|${source}|${day}|${how}|${userId ?? ""}|${clock.now()}`;
  const reply = await client.ask({
    id,
    to,
    type: "FileRun",
    body: {
      source,
      day,
      how,
      ...sums,
      ...(userId === undefined ? {} : { userId }),
      differences: filed,
      settled,
    },
    principal,
    ttlMs: ASK_MS,
    cause: id,
    correlation: id,
  });
  if (!reply.ok) {
    deps.log.warn({ source, day, how }, "reconciliation not filed");
    return { ok: false, why: "unavailable" };
  }
  return { ok: true, view: reply.body as ReconciliationView };
}

async function inTurns<T>(all: readonly T[], each: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const worker = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await each(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

// The reconciler (对账): brings the provider's word and our payments together, near real time by
// questions, daily and on demand by the provider's file or a bank's, and files every difference.
import type { PaymentView } from "../../wire/money.ts";
import {
  type Difference,
  DIFFERENCES_MAX,
  reconciliationId,
  type ReconciliationView,
  type Source,
} from "../../wire/reconcile.ts";
import type { Safeguard } from "../../wire/safeguards.ts";
import { askedAbout, ourPayments, paymentsNow, refundsAbsent } from "./ask.ts";
import { compareBank, readBankFile, type Settled } from "./bank.ts";
import { compareRows, doubleDebits, ofDay, ofProvider, type Row } from "./compare.ts";
import { chinaDay, chinaDayStart, DAY_MS } from "./days.ts";
import type { BilledRow, By, How, ReconcileDeps } from "./ports.ts";
import { unusualDebits } from "./unusual.ts";

export type { ReconcileDeps } from "./ports.ts";
export { allOf } from "./pages.ts";
export { type Round, roundOf } from "./rounds.ts";

export type Outcome =
  | { ok: true; view: ReconciliationView }
  | { ok: false; why: "no-bill" | "unreadable" | "unavailable" };

/** `userId`: of one driver's payments alone. */
export interface Reconciler {
  /** A provider's file of one day. */
  day(by: By, day: string, how: How, userId?: string): Promise<Outcome>;
  /** What changed in the last half hour, by questions. Younger ones ask their provider themselves. */
  now(by: By, ageMs: number, userId?: string): Promise<Outcome>;
  /** A bank's statement. */
  bank(day: string, file: string): Promise<Outcome>;
  /** The provider's file of that day could not be had for so long that a person should know. */
  missed(by: By, day: string): Promise<Outcome>;
}

const LOOK_BACK_MS = 1_800_000;
const ASK_MS = 20_000;

type OpenCase = ReconciliationView["cases"][number];
/** What is compared, with what is still open of it. */
interface Wish {
  source: Source;
  day: string;
  how: How;
  userId?: string | undefined;
  open: readonly OpenCase[];
}
interface Found {
  rows: number;
  paidFen: number;
  refundedFen: number;
  feeFen: number;
  differences: Difference[];
  /** An open case without a difference: was it really compared? */
  agrees(one: OpenCase): boolean;
}

export function createReconciler(deps: ReconcileDeps): Reconciler {
  const wishOf = async (wish: Omit<Wish, "open">): Promise<Wish> => ({
    ...wish,
    open: await openCases(deps, wish.source, wish.day),
  });
  return {
    async day(by, day, how, userId) {
      const wish = await wishOf({ source: by, day, how, userId });
      const found = await foundInBill(deps, by, wish);
      return "why" in found ? { ok: false, why: found.why } : await file(deps, wish, found);
    },
    async now(by, ageMs, userId) {
      const day = chinaDay(deps.clock.now());
      const wish = await wishOf({ source: by, day, how: "now", userId });
      return await file(deps, wish, await foundByQuestions(deps, by, ageMs, userId));
    },
    async bank(day, text) {
      const read = readBankFile(text);
      if (!read) return { ok: false, why: "unreadable" };
      const wish = await wishOf({ source: "bank", day, how: "demand" });
      const isOff = offFor(deps, reconciliationId("bank", day)).has("pay.reconciled");
      const found = await foundByBank(deps, day, isOff ? [] : read);
      return found ? await file(deps, wish, found) : { ok: false, why: "unavailable" };
    },
    async missed(by, day) {
      const wish = await wishOf({ source: by, day, how: "daily" });
      const kind = "bill-missing";
      const differences: Difference[] = [{ key: `${kind}/${by}`, kind, facts: { day } }];
      return await file(deps, wish, { rows: 0, ...sumsOf([]), differences, agrees: () => false });
    },
  };
}

const sumsOf = (rows: readonly BilledRow[]) => {
  const of = (kind: Row["kind"]) =>
    rows.reduce((sum, row) => sum + (row.kind === kind ? row.fen : 0), 0);
  const feeFen = rows.reduce((sum, row) => sum + row.feeFen, 0);
  return { paidFen: of("pay"), refundedFen: of("refund"), feeFen };
};

/** Null: a provider did not say what it settled. */
async function foundByBank(
  deps: ReconcileDeps,
  day: string,
  lines: NonNullable<ReturnType<typeof readBankFile>>,
): Promise<Found | null> {
  const wanted = new Set(lines.map((line) => `${line.provider}/${line.settlement_day}`));
  for (const by of deps.payment.providers) wanted.add(`${by}/${day}`);
  const settled: Settled[] = [];
  for (const name of wanted) {
    const [by, of] = name.split("/") as [By, string];
    const bill = await deps.payment.bill(by, of);
    if (!bill.ok && bill.why === "unknown") return null;
    settled.push({ provider: by, day: of, ...sumsOf(bill.ok ? bill.rows : []) });
  }
  const total = sumsOf([]);
  for (const one of settled) {
    total.paidFen += one.paidFen;
    total.refundedFen += one.refundedFen;
    total.feeFen += one.feeFen;
  }
  const differences = compareBank(lines, settled);
  return { rows: lines.length, ...total, differences, agrees: () => true };
}

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
  { day, userId, open }: Wish,
): Promise<Found | { why: "no-bill" | "unavailable" }> {
  const { payment, payments } = deps;
  const bill = await payment.bill(by, day);
  if (!bill.ok && bill.why === "unknown") return { why: "unavailable" };
  const from = chinaDayStart(day);
  const wanted = isWanted(deps, userId);
  const changed = (await payments.changed(by, from, from + DAY_MS))
    .filter(({ view }) => view.purpose !== "binding" && wanted(view));
  const hasPaid = changed.some(({ view }) => view.status === "succeeded");
  if (!bill.ok && hasPaid) return { why: "no-bill" };
  const all = bill.ok ? bill.rows : [];
  const whole = await ourPayments(deps, all);
  const rows = all.filter(({ paymentId }) => wanted(whole.get(paymentId)));
  const ours = ofProvider(by, whole);
  const paid = ofDay(rows, ours, changed);
  const views = paid.map(({ view }) => view);
  const inBill = new Set(rows.map(({ paymentId }) => paymentId));
  const named = new Set([...inBill, ...views.map(({ paymentId }) => paymentId)]);
  // Met shortly after midnight, a case is of a payment that this day's books do not name.
  const others = open.flatMap(({ paymentId = "", kind }) =>
    kind.startsWith("missing") && !named.has(paymentId) ? [paymentId] : []
  );
  const elsewhere = (await paymentsNow(deps, others)).filter(wanted);
  const absent = views.filter(({ paymentId }) => !inBill.has(paymentId));
  const asked = await askedAbout(deps, [...absent, ...elsewhere]);
  const refunds = await refundsAbsent(deps, rows, [...views, ...elsewhere]);
  const differences = [
    ...compareRows(rows, ours),
    ...asked.differences,
    ...refunds.differences,
    ...doubleDebits(views),
    ...(offFor(deps, userId).has("pay.unusual-debits") ? [] : unusualDebits(paid)),
  ];
  for (const { paymentId } of elsewhere) named.add(paymentId);
  const isSilent = (id: string) => asked.silent.has(id) || refunds.silent.has(id);
  return {
    rows: rows.length,
    ...sumsOf(rows),
    differences,
    agrees: ({ paymentId }) =>
      paymentId === undefined ? userId === undefined : named.has(paymentId) && !isSilent(paymentId),
  };
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
  const asked = await askedAbout(deps, over);
  const heard = new Set(
    over.map(({ paymentId }) => paymentId).filter((id) => !asked.silent.has(id)),
  );
  return {
    rows: over.length,
    ...sumsOf([]),
    differences: [...asked.differences, ...doubleDebits(over)],
    agrees: ({ paymentId = "", kind }) => heard.has(paymentId) && kind.startsWith("missing"),
  };
}

async function openCases(
  { client, tenant }: ReconcileDeps,
  source: Source,
  day: string,
): Promise<OpenCase[]> {
  const to = { tenant, kind: "reconciliation", id: reconciliationId(source, day) };
  const principal = { kind: "system" as const, id: "reconciler" };
  const shown = await client.read({ to, name: "show", query: {}, principal });
  const cases = shown.ok ? (shown.body as ReconciliationView).cases : [];
  return cases.filter(({ state }) => state !== "settled");
}

const keyOf = ({ facts }: OpenCase): string => String(facts.key);
/** What is unusual stays so: only a person can say that it was looked into. */
const canAgree = ({ kind }: OpenCase): boolean => kind !== "unusual";

async function file(
  deps: ReconcileDeps,
  { source, day, how, userId, open }: Wish,
  { agrees, differences, ...sums }: Found,
): Promise<Outcome> {
  if (userId !== undefined && how !== "demand" && sums.rows === 0) {
    return { ok: false, why: "no-bill" }; // nothing of this driver: nobody asked to hear that
  }
  const { client, tenant, clock, metrics } = deps;
  const to = { tenant, kind: "reconciliation", id: reconciliationId(source, day) };
  const keys = new Set(differences.map(({ key }) => key));
  const settled = open.filter((one) => !keys.has(keyOf(one)) && canAgree(one) && agrees(one))
    .map(keyOf).slice(0, 1_000);
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
  const ofOne = userId === undefined ? {} : { userId };
  const reply = await client.ask({
    id,
    to,
    type: "FileRun",
    body: { source, day, how, ...sums, ...ofOne, differences: filed, settled },
    principal: { kind: "system", id: "reconciler" },
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

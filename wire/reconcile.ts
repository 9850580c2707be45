// Reconciliation (对账): what a comparison of our payments with a provider's or a bank's file is told as,
// and the cases that its differences become.
import * as z from "zod";
import { userId } from "./ids.ts";
import { fen, fenPlus, iso } from "./units.ts";
import { answered } from "./order.ts";

export const source = z.enum(["wechat", "alipay", "bank"]);
export type Source = z.infer<typeof source>;
export const day = z.iso.date();
export const caseKind = z.enum([
  "missing-here", // the provider has it as paid, we do not
  "missing-there", // we have it as paid, the provider does not
  "amount",
  "double-debit",
  "unknown-payment", // a number that we never gave
  "refund-missing-here",
  "refund-missing-there",
  "refund-amount",
  "bank-missing",
  "bank-amount",
  "bank-double",
  "unusual", // true, and yet a person should look
  "too-many", // more differences than one run files, or than there is room for
  "bill-missing", // the provider's file could not be had: the day is not compared
]);
export type CaseKind = z.infer<typeof caseKind>;

export const difference = z.strictObject({
  /** The same difference in a later run has the same key. */
  key: z.string().min(1).max(160),
  kind: caseKind,
  paymentId: z.string().max(80).optional(),
  theirFen: fen.optional(),
  ourFen: fen.optional(),
  facts: z.record(z.string(), z.unknown()),
});
export type Difference = z.infer<typeof difference>;

/** now: of the last half hour, by questions · daily: the file of a day that is over · demand: by hand. */
export const runHow = z.enum(["now", "daily", "demand"]);
/** Of one driver's payments alone. */
const ofOne = { userId: userId.optional() };
const sums = { rows: z.int().min(0), paidFen: fenPlus, refundedFen: fenPlus, feeFen: fen };
export const DIFFERENCES_MAX = 200;

export const reconciliationCommand = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("FileRun"), // reconciler; reply ReconciliationView
    source,
    day,
    how: runHow,
    ...sums,
    ...ofOne,
    differences: z.array(difference).max(DIFFERENCES_MAX + 1),
    /** Keys of open cases that were compared again and agree now. */
    settled: z.array(z.string().max(160)).max(1_000),
  }),
  z.strictObject({
    type: z.literal("SettleCase"), // ops: looked into; reply ReconciliationView
    n: z.int().min(1),
    reason: z.string().min(1).max(500),
  }),
  answered("CheckAnswered"),
]);
export type ReconciliationCommand = z.infer<typeof reconciliationCommand>;

export const caseState = z.enum(["retrying", "open", "settled"]);
export const caseRow = z.strictObject({
  /** `<reconciliation>.<n>` */
  id: z.string(),
  source,
  day,
  kind: caseKind,
  state: caseState,
  paymentId: z.string().optional(),
  theirFen: fen.optional(),
  ourFen: fen.optional(),
  facts: z.record(z.string(), z.unknown()),
  openedAt: iso,
  settledAt: iso.optional(),
  /** Why it is settled: `agrees`, or a person's words. */
  reason: z.string().optional(),
  by: z.string().optional(),
});
export type CaseRow = z.infer<typeof caseRow>;
export const runRow = z.strictObject({
  at: iso,
  how: runHow,
  ...sums,
  ...ofOne,
  differences: z.int(),
});
export const reconciliationView = z.strictObject({
  id: z.string(),
  v: z.int(),
  source,
  day,
  runs: z.array(runRow),
  cases: z.array(caseRow),
  open: z.int(),
});
export type ReconciliationView = z.infer<typeof reconciliationView>;

// over HTTP ---------------------------------------------------------------------------------------
export const reconcileBody = z.strictObject({
  source,
  day,
  /** Of a bank: its lines as CSV (docs/money.md). */
  file: z.string().max(1_000_000).optional(),
  ...ofOne,
});
export const casesQuery = z.strictObject({
  state: caseState.optional(),
  cursor: z.string().max(300).optional(),
  size: z.coerce.number().int().min(1).max(200).optional(),
});
export const settleBody = z.strictObject({ reason: z.string().min(1).max(500) });
export const caseId = z.string().regex(/^rcn_(wechat|alipay|bank)-\d{4}-\d{2}-\d{2}\.[0-9]{1,4}$/);

/** One actor for each source and day. */
export const reconciliationId = (of: Source, on: string): string => `rcn_${of}-${on}`;
/** One line of a bank's statement: what a provider settled of one day, in fen. */
export const bankColumns = [
  "bank_ref",
  "booked_on",
  "provider",
  "settlement_day",
  "gross_fen",
  "refund_fen",
  "fee_fen",
  "net_fen",
] as const;
const written = z.string().regex(/^-?[0-9]{1,12}$/).transform(Number);
export const bankLine = z.strictObject({
  bank_ref: z.string().min(1).max(64),
  booked_on: day,
  provider: z.enum(["wechat", "alipay"]),
  settlement_day: day,
  gross_fen: written.pipe(fenPlus),
  refund_fen: written.pipe(fenPlus),
  fee_fen: written.pipe(fen),
  net_fen: written.pipe(fen),
});
export type BankLine = z.infer<typeof bankLine>;

// What the auditor reads: rows of the archive, and nothing else. It shares no code with the actors, so
// that a mistake of theirs shows here (test/tidy/arrows.ts); shapes are its own, and as loose as can be.

export interface AuditEvent {
  type: string;
  [field: string]: unknown;
}
/** One record as the archive has it. */
export interface AuditRow {
  tenant: string;
  kind: string;
  id: string;
  v: number;
  /** Moment of the record. */
  at: number;
  events: readonly AuditEvent[];
}
/** Something in the books that cannot be right. */
export interface Difference {
  rule: Rule;
  /** Kind and id of the actor, or an account. */
  where: string;
  what: string;
  /** Tenant and user whose money it is; empty: nobody's alone. */
  owner: string;
}
/** True: differences of that owner by that rule are left out. */
export type Skips = (owner: string, rule: Rule) => boolean;
export const ownerOf = (tenant: string, userId: string): string => `${tenant}/${userId}`;
export const RULES = [
  "book-sum", // every movement sums to 0, and so do all accounts together
  "balance-shown", // each balance that is shown is the one in the book
  "hold-closed", // what was held for an order that is over is captured or free
  "bill-recomputed", // tariff and meter come to the bill
  "paid-in-full", // what an order calls paid is what the book took for it, once
  "payment-booked", // what a provider paid is booked once, nothing else is
  "correction-booked", // what a true meter makes of an estimated bill is booked once, as it was asked
  "refund-booked", // what goes back through a provider has left its wallet, once
  "refund-bounded", // never more back than was taken
  "deposit-settled", // what a reservation cost is what its end says, and once
  "coupon-once", // used once and given back once
] as const;
export type Rule = typeof RULES[number];

export const num = (value: unknown): number => typeof value === "number" ? value : Number.NaN;
export const text = (value: unknown): string => typeof value === "string" ? value : "";
export const obj = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
export const list = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.map(obj) : [];

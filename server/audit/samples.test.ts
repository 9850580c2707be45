// The auditor over all stored samples that hold money: stories that were told by this or an older release.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type AuditEvent, type AuditRow, Books, type Rule } from "./mod.ts";

const NOW = Date.UTC(2030, 0, 1);
const KINDS = ["payment", "wallet", "order", "reservation"];

interface Samples {
  events: Record<string, AuditEvent | AuditEvent[]>;
  journals: { name: string; id: string; events: (AuditEvent & { at: number })[] }[];
}
const samplesOf = (kind: string): Samples =>
  JSON.parse(readFileSync(new URL(`../../wire/samples/${kind}.json`, import.meta.url), "utf8"));

/** Journals of one story that were kept under two names. */
const SAME: Record<string, string> = {
  "a paid bill corrected": "estimated, paid, corrected",
  "refund: a part goes back, another is declined": "refund: back through the provider",
};
/** The wallet's side of it is in no sample: what it booked cannot be asked for. */
const NO_WALLET: Rule[] = ["paid-in-full", "payment-booked"];

const stories = new Map<string, AuditRow[]>();
for (const kind of KINDS) {
  for (const { name, id, events } of samplesOf(kind).journals) {
    const rows = events.map((event, i): AuditRow => (
      { tenant: "main", kind, id, v: i + 1, at: event.at, events: [event] }
    ));
    const story = SAME[name] ?? name;
    stories.set(story, [...stories.get(story) ?? [], ...rows]);
  }
}

/** The recharges that the samples' drivers begin with have no journal of their own. */
function withRecharges(rows: AuditRow[]): AuditRow[] {
  const known = new Set(rows.filter(({ kind }) => kind === "payment").map(({ id }) => id));
  const paid = rows.flatMap(({ at, events }) =>
    events.filter(({ type, to }) => type === "PaymentBooked" && to === "balance")
      .map(({ paymentId, fen }) => ({ id: String(paymentId), at, fen }))
  );
  const missing = paid.filter(({ id }) => !known.has(id)).map(({ id, at, fen }): AuditRow => {
    const requested = { type: "PaymentRequested", purpose: "recharge", fen };
    const events = [requested, { type: "PaymentSucceeded" }];
    return { tenant: "main", kind: "payment", id, v: 1, at, events };
  });
  return [...missing, ...rows];
}

test.each([...stories])("no difference: %s", (_name, rows) => {
  const books = new Books();
  for (const row of withRecharges(rows)) books.take(row);
  const hasWallet = rows.some(({ kind }) => kind === "wallet");
  const found = books.differences(NOW, 0).filter(({ rule }) => {
    return hasWallet || !NO_WALLET.includes(rule);
  });
  expect(found).toEqual([]);
  expect(books.rows).toBeGreaterThan(0);
});

/** Events with amounts that the books fold, and those that only tell what others book. */
const FOLDED = new Set(
  `AdjustmentBooked AdjustmentMade AppealGranted AppealRefused BillCorrected BillPaid
  CardChargeStarted ChargeEnded ConnectorKept CorrectionBooked CouponReturned CouponTaken
  CouponUsed CreditPlaced DepositHeld DepositSettled DoubleDebitFound HoldCaptured
  HoldPlaced HoldRaised HoldReleased NoShowRecorded OrderPaid PaymentBooked
  PaymentRequested RefundAsked ReservationCancelled ReservationFulfilled
  ReservationRequested RefundBooked RefundStood OverstayBooked OverstayReturned
  OverstayPaid OverstayDecided`
    .split(/\s+/),
);
const TOLD = new Set(
  `AdjustmentProposed AmountMisreported AppealOpened AttemptFailed BalanceAsked
  ChargeDeclined CouponGranted CreditUsed DepositAsked HoldAsked HoldNearlySpent
  IncidentRaised OrderOverdue PaymentAsked PaymentReminded RefundRequested StartOrdered
  StartTold TopUpAsked TopUpRefused CardRefused StayBegan StayTold OverstayDue
  OverstayAsked OverstayFailed OverstayOverdue OverstayPaymentAsked`
    .split(/\s+/),
);
test("no event has an amount that the auditor has not been told of", () => {
  const strange = KINDS.flatMap((kind) =>
    Object.entries(samplesOf(kind).events)
      .filter(([type, event]) => /fen"|postings"/i.test(JSON.stringify(event)) && !TOLD.has(type))
      .map(([type]) => type)
  ).filter((type) => !FOLDED.has(type));
  expect(strange).toEqual([]);
});

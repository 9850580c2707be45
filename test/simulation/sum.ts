// Sums up many runs: what broke, how often each fault really hit, which interesting things happened.
import { FAULTS } from "./faults.ts";
import type { Outcome } from "./run.ts";
import type { Breach } from "./world.ts";

export interface Sum {
  seeds: number;
  /** Deliveries, answers, timers that did something, faults. */
  steps: number;
  /** Every timer and delivery, also beats and looks around. */
  tasks: number;
  records: number;
  virtualMs: number;
  cpuMs: number;
  breaches: (Breach & { seed: number })[];
  hits: Record<string, number>;
  met: Record<string, number>;
}

export const emptySum = (): Sum => ({
  seeds: 0,
  steps: 0,
  tasks: 0,
  records: 0,
  virtualMs: 0,
  cpuMs: 0,
  breaches: [],
  hits: {},
  met: {},
});

export function addRun(sum: Sum, { seed, breach, hits, met, ...one }: Outcome): void {
  sum.seeds++;
  sum.steps += one.steps;
  sum.tasks += one.tasks;
  sum.records += one.records;
  sum.virtualMs += one.virtualMs;
  if (breach) sum.breaches.push({ ...breach, seed });
  for (const [name, times] of hits) sum.hits[name] = (sum.hits[name] ?? 0) + times;
  for (const [name, times] of met) sum.met[name] = (sum.met[name] ?? 0) + times;
}

export function add(sum: Sum, more: Sum): void {
  for (const key of ["seeds", "steps", "tasks", "records", "virtualMs", "cpuMs"] as const) {
    sum[key] += more[key];
  }
  sum.breaches.push(...more.breaches);
  for (const key of ["hits", "met"] as const) {
    for (const [name, times] of Object.entries(more[key])) {
      sum[key][name] = (sum[key][name] ?? 0) + times;
    }
  }
}

/** What a good many runs must have met at least once: else they prove little. */
const SOMETIMES = [
  "journal_lost_acks", // an acknowledgement was lost, and the record found
  "taken-over", // another node went on with an actor
  "zombie-refused", // a node that was paused wrote from old memory, and was refused
  "timer-fired",
  "timer-fired-late", // by the net: no node had its alarm clock
  "wakes",
  "commands_hedged",
  "mailbox_full",
  "answer-replayed",
  "answer-overloaded",
  "answer-unavailable",
  "answer-outcome.unknown",
  "trimmed",
  "left-journal",
  "rehydrated",
  "order-declined",
  "order-paid",
  "order-overdue",
  "start-unknown",
  "start-failed",
  "start-undone",
  "nobody-late-start", // stopped, and nobody's bill
  "gun-pulled-charging",
  "limit-reached",
  "card-accepted",
  "card-refused",
  "hold-released",
  "payment-unknown",
  "payment-resolved-by-query",
  "payment-recreated",
  "payment-refunded",
  "callback-misreported",
  "needs-person",
  // cars that stay
  "stay-began",
  "stay-blocked",
  "overstay-due",
  "overstay-capped",
  "overstay-paid",
  "overstay-overdue",
  "overstay-waived",
  "overstay-returned",
  "gun-unlocked",
  // money: what was done, and where a node was killed right after it
  "money-operation",
  "coupon-used",
  "coupon-returned",
  "credit-placed",
  "hold-raised",
  "adjustment-booked",
  // reservations
  "reservation-reserved",
  "reservation-fulfilled",
  "reservation-cancelled",
  "reservation-no-show",
  "reservation-appealed",
  "promise-troubled",
  "lock-restored",
  "deposit-back-at-once",
  "reserve-slot.taken",
  "told-reservation.other-pile",
  "told-pile.reserved",
  "killed-after-record-acknowledged",
  "killed-after-outbox-sent",
  "killed-after-provider-acted",
  "killed-after-callback-in",
  "killed-after-posting",
] as const;

/** Faults that never hit and things that never happened, in so many runs that each should have. */
export function missing({ hits, met }: Sum): string[] {
  return [
    ...FAULTS.filter((name) => !hits[name]).map((name) => `fault ${name} never hit`),
    ...SOMETIMES.filter((name) => !met[name]).map((name) => `${name} never happened`),
  ];
}

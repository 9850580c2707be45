// O: only legal steps of an order, final states absorb, so many open orders a user and no more.
import { stayEvents } from "../../../actors/order/stay-events.ts";
import type { OrderStatus } from "../../../wire/order.ts";
import { bare, type Checker, type Verdicts } from "./kit.ts";

type Status = OrderStatus | "absent";
/** What people say about a bill changes no status, nor does a car that stays. */
const AFTERWARDS = new Set([
  ...Object.keys(stayEvents),
  "AdjustmentProposed",
  "AdjustmentMade",
  "ProposalDropped",
  "AppealOpened",
  "AppealRefused",
]);
const OVER = ["bill-review", "awaiting-payment", "paid"] as const;
const NEXT: Readonly<Record<Status, readonly Status[]>> = {
  absent: ["authorizing", "charging"],
  authorizing: ["declined", "starting"],
  declined: [],
  starting: ["charging", "stopping", "start-failed", ...OVER],
  "start-failed": [],
  charging: ["stopping", "start-failed", ...OVER],
  stopping: ["start-failed", ...OVER],
  "bill-review": ["awaiting-payment", "paid"],
  "awaiting-payment": ["paid", "overdue"],
  paid: [],
  overdue: ["paid"],
};

/** Notes, answers to who still waits, and what the true meter makes of an estimated bill. */
const FOLLOWS = new Set([
  "FactNoted",
  "IncidentRaised",
  "IdleProven",
  "PaymentHanded",
  "TopUpRefused",
  "BillCorrected",
  "CorrectionBooked",
  "EstimateStands",
]);

export const ordersChecker =
  (verdicts: Verdicts, ordersPerUser: number): Checker => ({ kind, id, record, before }) => {
    if (kind === "user") {
      const { openOrders = [] } = record.state as { openOrders?: string[] };
      if (openOrders.length > ordersPerUser) {
        verdicts.breach("O1", `${id}: ${openOrders.length} open orders`);
      }
    }
    if (kind !== "order") return;
    const from = (before?.state as { status: Status } | undefined)?.status ?? "absent";
    const to = (record.state as { status: Status }).status;
    if (from !== to) {
      verdicts.count(`order-${to}`);
      if (!NEXT[from].includes(to)) verdicts.breach("O2", `${id}: from ${from} to ${to}`);
      return;
    }
    const isFinal = NEXT[to].length === 0;
    const changes = record.events.map(bare)
      .filter(({ type }) => !FOLLOWS.has(type) && !AFTERWARDS.has(type));
    if (isFinal && changes.length > 0) {
      verdicts.breach("O2", `${id}: ${changes[0]!.type} after ${to}`);
    }
  };

// Which row of the drills an exception of a charge belongs to, and the words for its driver.
import type { IncidentRaised } from "../../wire/incident.ts";
import type { Ending, OrderNotice } from "../../wire/order.ts";
import type { EndReason, RawCause } from "../../wire/pile.ts";

type Facts = Record<string, unknown>;
type Told = Pick<IncidentRaised, "row" | "cause" | "words" | "action" | "outcome">;

export const incident = (orderId: string, told: Told, facts: Facts = {}): IncidentRaised => ({
  type: "IncidentRaised",
  actor: `order/${orderId}`,
  ...told,
  facts,
});

/** Rows of the refusals that stop a start; others are the driver's own doing and no exception. */
const DECLINED: Record<string, string> = {
  "wallet.balance-too-low": "1.4",
  "wallet.hold-refused": "1.4",
  "wallet.unknown": "1.4",
  "wallet.credit-refused": "1.4",
  "pile.unplugged": "2.3",
  "pile.offline": "2.1",
  "pile.faulted": "2.2",
  "order.no-answer": "3.1",
  "user.debt-open": "4.2",
};
export function declinedIncident(orderId: string, code: string, facts: Facts): IncidentRaised[] {
  const row = DECLINED[code];
  if (!row) return [];
  const told = { row, cause: code, words: code, action: "declined", outcome: "handled" } as const;
  return [incident(orderId, told, facts)];
}

export function startFailedIncident(orderId: string, why: string, proven: boolean) {
  return incident(orderId, {
    row: "2.4",
    cause: why,
    words: "charge.start-failed" satisfies OrderNotice,
    action: proven ? "hold-released" : "stop-until-proven",
    outcome: proven ? "compensated" : "retrying",
  });
}

/** The notice that an abnormal ending is worth; null: it ended as somebody wanted. */
export function noticeOfEnding(ending: Ending, cause: RawCause | undefined): OrderNotice | null {
  switch (ending) {
    case "gun-pulled":
      return "charge.gun-pulled";
    case "fault":
      return cause?.by === "vehicle" ? "charge.vehicle-fault" : "charge.fault";
    case "user":
    case "limit":
    case "vehicle":
    case "ops":
      return null;
  }
}

const FAULT_ROWS: Partial<Record<EndReason, string>> = { "power-loss": "2.2", reset: "2.2" };
export function endingIncident(
  orderId: string,
  ending: Ending,
  reason: EndReason,
  cause: RawCause | undefined,
): IncidentRaised[] {
  const words = noticeOfEnding(ending, cause);
  if (!words) return [];
  const row = words === "charge.gun-pulled"
    ? "2.7"
    : words === "charge.vehicle-fault"
    ? "1.9"
    : FAULT_ROWS[reason] ?? "2.8";
  const told = {
    row,
    cause: cause?.code ?? reason,
    words,
    action: "billed-by-meter",
    outcome: "handled",
  } as const;
  return [incident(orderId, told, { reason, ...(cause ? { by: cause.by, raw: cause.raw } : {}) })];
}

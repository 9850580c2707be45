// Which row of the drills an exception of a charge belongs to, and the words for its driver.
import type { IncidentRaised } from "../../wire/incident.ts";
import type { Ending, OrderNotice } from "../../wire/order.ts";
import { faultRowOf } from "../../wire/faults/mod.ts";
import type { EndReason, RawCause } from "../../wire/pile.ts";
import type { Safeguard } from "../../wire/safeguards.ts";

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
  "pile.gate-fault": "2.6",
  "order.no-answer": "3.1",
  "user.debt-open": "4.2",
};
export function declinedIncident(orderId: string, code: string, facts: Facts): IncidentRaised[] {
  const row = DECLINED[code];
  if (!row) return [];
  const told = { row, cause: code, words: code, action: "declined", outcome: "handled" } as const;
  return [incident(orderId, told, facts)];
}

type Without = ReadonlySet<Safeguard>;

/** The last try was in vain: ops see it as critical, unless only the gun was missing. */
export function startFailedIncident(
  orderId: string,
  why: string,
  proven: boolean,
  cause: RawCause | undefined,
  without: Without,
): IncidentRaised[] {
  const noGun = why === "unplugged" && !without.has("plug.no-failure");
  if (!noGun && without.has("start.failure-told")) return [];
  const silent = why === "device-silent" || why === "link-lost";
  const told = {
    row: noGun ? "2.3" : (cause && faultRowOf(cause.code)?.drill) ?? "2.4",
    cause: cause?.code ?? why,
    words: noGun ? "charge.plug-awaited" : "charge.start-failed" satisfies OrderNotice,
    action: proven ? "hold-released" : "stop-until-proven",
    outcome: proven ? "compensated" : "retrying",
  } as const;
  return [incident(orderId, told, {
    why,
    ...(silent ? { severity: "critical" } : {}),
    ...(cause?.raw === undefined ? {} : { raw: cause.raw }),
  })];
}

/** The driver is asked to plug in, and has a minute for it. */
export const plugIncident = (orderId: string): IncidentRaised =>
  incident(orderId, {
    row: "2.3",
    cause: "unplugged",
    words: "charge.plug-awaited",
    action: "wait-for-plug",
    outcome: "retrying",
  });

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
/** Row of an abnormal ending: by the catalogue where that knows the cause. */
export function rowOfEnding(
  words: OrderNotice,
  reason: EndReason,
  cause: RawCause | undefined,
): string {
  if (words === "charge.gun-pulled") return "2.7";
  const known = cause && faultRowOf(cause.code)?.drill;
  if (known !== undefined && known !== "flow-a") return known;
  return words === "charge.vehicle-fault" ? "1.9" : FAULT_ROWS[reason] ?? "2.8";
}

export function endingIncident(
  orderId: string,
  ending: Ending,
  reason: EndReason,
  cause: RawCause | undefined,
): IncidentRaised[] {
  const words = noticeOfEnding(ending, cause);
  if (!words) return [];
  const told = {
    row: rowOfEnding(words, reason, cause),
    cause: cause?.code ?? reason,
    words,
    action: "billed-by-meter",
    outcome: "handled",
  } as const;
  const { by, raw, fault } = cause ?? {};
  return [incident(orderId, told, { reason, ...(cause ? { by, raw, fault } : {}) })];
}

/** May the driver be told of this end, or has a drill switched the notice off? */
export function isTold(row: string, without: Without): boolean {
  const off: Partial<Record<string, Safeguard>> = {
    "2.2": "fault.notice-user",
    "2.7": "pull.notice",
    "2.8": "electric.reason-to-user",
    "1.9": "catalogue.words",
  };
  const name = off[row];
  return name === undefined || !without.has(name);
}

// May a start or a stop be done now? Pure answers of the pile, and of a pile that misbehaves.
import type { ChargeOwner, ConnectorMemory, EndReason, Limit } from "./events.ts";
import type { Misbehaviour } from "./misbehaviour.ts";

export type CommandResult =
  | { outcome: "accepted" }
  | { outcome: "refused"; code: string }
  | { outcome: "known"; code: string }
  /** Not answered at all: the misbehaving pile. */
  | { outcome: "silent" };

export interface StartRequest extends ChargeOwner {
  readonly connector: number;
  readonly limit: Limit;
  /** Accept without a car and wait this long for it (OCPP); absent: refuse `unplugged`. */
  readonly waitMs?: number;
}

export interface StopRequest {
  readonly connector: number;
  /** Only if this order runs; absent: whatever runs. */
  readonly orderId?: string;
  readonly reason: EndReason;
  readonly code?: string;
}

const no = (code: string): CommandResult => ({ outcome: "refused", code });
export const NO_CONNECTOR = no("no-connector");
export const NOT_CHARGING = no("not-charging");

/** Null: go on. */
export function whyNoStart(
  connector: ConnectorMemory | undefined,
  bad: Misbehaviour,
  { waitMs }: StartRequest,
): CommandResult | null {
  if (connector === undefined) return NO_CONNECTOR;
  if (bad.refuseStart !== null) return no(bad.refuseStart);
  if (bad.silentStart && bad.lateStartMs === null) return { outcome: "silent" };
  if (connector.fault?.severity === "critical") return no("faulted");
  if (connector.charge !== null || connector.pending !== null) return no("busy");
  const seated = connector.plugged && !bad.loosePlug;
  return seated || waitMs !== undefined ? null : no("unplugged");
}

/** Null: go on. Only the platform's own stop meets the misbehaviour. */
export function whyNoStop(
  connector: ConnectorMemory | undefined,
  bad: Misbehaviour,
  { reason, orderId }: StopRequest,
): CommandResult | null {
  if (connector === undefined) return NO_CONNECTOR;
  if (reason === "remote" && bad.silentStop) return { outcome: "silent" };
  if (reason === "remote" && bad.lyingStop) return { outcome: "accepted" };
  const owner = connector.charge ?? connector.pending;
  if (owner === null) return NOT_CHARGING;
  return orderId !== undefined && owner.orderId !== orderId ? no("other-order") : null;
}

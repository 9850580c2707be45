// How a state looks: tone and sign beside its words, so that colour is never the only sign.
import type { OrderStatus } from "../wire/order.ts";
import type { ReservationStatus } from "../wire/reservation.ts";
import type { IconName } from "./icons.ts";
import type { ShownStatus } from "./words/codes.ts";

export type Tone = "good" | "live" | "busy" | "warn" | "bad" | "idle";
export interface Look {
  tone: Tone;
  icon: IconName;
}

export const statusLooks: Record<ShownStatus, Look> = {
  free: { tone: "good", icon: "check" },
  plugged: { tone: "busy", icon: "plug" },
  kept: { tone: "busy", icon: "clock" },
  starting: { tone: "live", icon: "spin" },
  charging: { tone: "live", icon: "bolt" },
  stopping: { tone: "busy", icon: "pause" },
  occupied: { tone: "warn", icon: "car" },
  reserved: { tone: "busy", icon: "clock" },
  faulted: { tone: "bad", icon: "alert" },
  offline: { tone: "idle", icon: "off" },
  disabled: { tone: "idle", icon: "cross" },
};

export const orderLooks: Record<OrderStatus, Look> = {
  "authorizing": { tone: "busy", icon: "spin" },
  "declined": { tone: "idle", icon: "cross" },
  "starting": { tone: "live", icon: "spin" },
  "start-failed": { tone: "bad", icon: "cross" },
  "charging": { tone: "live", icon: "bolt" },
  "stopping": { tone: "busy", icon: "pause" },
  "bill-review": { tone: "warn", icon: "clock" },
  "awaiting-payment": { tone: "warn", icon: "wallet" },
  "paid": { tone: "good", icon: "check" },
  "overdue": { tone: "bad", icon: "alert" },
};

export const reservationLooks: Record<ReservationStatus, Look> = {
  "awaiting-deposit": { tone: "busy", icon: "spin" },
  "reserved": { tone: "live", icon: "clock" },
  "fulfilled": { tone: "good", icon: "check" },
  "cancelled": { tone: "idle", icon: "cross" },
  "no-show": { tone: "bad", icon: "alert" },
  "appealed": { tone: "idle", icon: "help" },
};

/** Statuses in which a charge still runs. */
export const running: ReadonlySet<OrderStatus> = new Set([
  "authorizing",
  "starting",
  "charging",
  "stopping",
]);

/** A connector as shown: presence and standing of its pile come first. */
export function shownStatus(
  pile: { presence: "online" | "offline"; disabled: boolean },
  connector: { status: ShownStatus },
): ShownStatus {
  if (pile.disabled) return "disabled";
  return pile.presence === "offline" ? "offline" : connector.status;
}

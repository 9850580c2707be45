// Bands of the wall's filter: many states, five questions an operator asks.
import type { PileStatus } from "../../../wire/http.ts";

export type WallBand = "charging" | "free" | "busy" | "faulted" | "offline";

export const bandOf: Record<PileStatus, WallBand> = {
  charging: "charging",
  starting: "charging",
  stopping: "charging",
  free: "free",
  plugged: "busy",
  occupied: "busy",
  reserved: "busy",
  faulted: "faulted",
  offline: "offline",
  disabled: "offline",
};
export const bands: readonly WallBand[] = ["charging", "free", "busy", "faulted", "offline"];

/** What wants a person stands first within its station. */
export const urgency: Record<PileStatus, number> = {
  faulted: 0,
  offline: 1,
  stopping: 2,
  starting: 3,
  charging: 4,
  occupied: 5,
  plugged: 6,
  reserved: 7,
  free: 8,
  disabled: 9,
};

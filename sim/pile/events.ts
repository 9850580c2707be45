// What a simulated pile does and shows, in words of no protocol: the lanes put them into theirs.
import type { CarState } from "../vehicle/mod.ts";

export interface ConnectorSpec {
  readonly no: number;
  readonly plug: "gb-dc" | "gb-ac" | "ccs2" | "type2";
  readonly ratedPowerW: number;
}

export interface PileSpec {
  readonly id: string;
  readonly model: string;
  readonly firmware: string;
  readonly connectors: readonly ConnectorSpec[];
  /** From an accepted start to the first current (handshake with the car). */
  readonly startMs: number;
  /** From a stop to the contactor's opening. */
  readonly stopMs: number;
  /** How long it is away when it boots. */
  readonly bootMs: number;
  /** Tests only: power and energy are this many times the car's. 1 in the demo. */
  readonly energyFactor: number;
}

export interface Limit {
  readonly energyWh?: number;
  readonly moneyFen?: number;
  readonly timeMs?: number;
  readonly socPct?: number;
}

export type EndReason =
  | "remote"
  | "local"
  | "limit"
  | "unplugged"
  | "emergency-stop"
  | "power-loss"
  | "reset"
  | "unlock"
  | "deauthorized"
  | "fault"
  | "other";

export type Severity = "info" | "warning" | "critical";

/** Who a charge is for, as far as the pile was told. */
export interface ChargeOwner {
  readonly orderId?: string;
  readonly idTag?: string;
  readonly commandId?: string;
}

interface Base {
  /** The pile's clock, ms since 1970. */
  readonly at: number;
  readonly connector: number;
}
interface Metered extends Base, ChargeOwner {
  readonly registerWh: number;
}

export type PileEvent =
  | Base & { readonly kind: "plugged" | "unplugged" | "fault-cleared" | "estop" }
  /** A start was accepted and waits for the car or its handshake. */
  | Base & ChargeOwner & { readonly kind: "preparing" }
  /** The wait for the car is over without a start. */
  | Base & { readonly kind: "gave-up" }
  | Metered & { readonly kind: "charging" }
  | Metered & {
    readonly kind: "meter" | "tariff-edge";
    readonly powerW: number;
    readonly socPct?: number;
  }
  | Metered & {
    readonly kind: "limit-reached";
    readonly limit: "energy" | "money" | "time" | "soc";
  }
  | Metered & {
    readonly kind: "ended";
    readonly reason: EndReason;
    readonly code?: string;
    readonly raw?: string;
    readonly startedAt: number;
    readonly startRegisterWh: number;
  }
  | Base & {
    readonly kind: "fault";
    readonly code: string;
    readonly raw?: string;
    readonly severity: Severity;
  }
  | Base & { readonly kind: "tamper"; readonly code: string }
  /** A gate is up when it is closed. */
  | Base & {
    readonly kind: "lock" | "gate";
    readonly state: BayLockMemory["state"];
    readonly bay: BayLockMemory["bay"];
    readonly code?: string;
  };

/** What bars a bay, and what its sensor sees there. */
export interface BayLockMemory {
  readonly form: "lock" | "gate";
  state: "up" | "down" | "moving" | "fault";
  bay: "empty" | "taken";
}

export interface Reading extends Metered {
  readonly powerW: number;
  readonly mV: number;
  readonly mA: number;
  /** A car tells its charge over the DC handshake only: an AC pile does not know it. */
  readonly socPct?: number;
}

/** A stop that was taken and waits for the contactor. */
export interface Stopping {
  readonly dueAt: number;
  readonly reason: EndReason;
  readonly code?: string;
  readonly raw?: string;
}

export interface Charge extends ChargeOwner {
  readonly startedAt: number;
  readonly startRegisterMwh: number;
  readonly limit: Limit;
}

/** A start that was accepted but has not begun. */
export interface PendingStart extends ChargeOwner {
  readonly dueAt: number;
  readonly limit: Limit;
  /** Begins whatever is said meanwhile: the late start of a misbehaving pile. */
  readonly stubborn: boolean;
  /** Waits for the car until then (OCPP ConnectionTimeOut); absent: the car is there. */
  readonly waitsUntil?: number;
}

export interface ConnectorMemory {
  readonly no: number;
  /** Meter register in mWh: it only ever rises, over all boots. */
  registerMwh: number;
  plugged: boolean;
  car: CarState | null;
  charge: Charge | null;
  pending: PendingStart | null;
  stopping: Stopping | null;
  fault: { code: string; severity: Severity } | null;
  /** Until when the car's metered energy has been counted. */
  countedAt: number;
  /** Absent: the bay has no lock. */
  lock?: BayLockMemory;
}

export type ConnectorState = "idle" | "plugged" | "charging" | "faulted";

export const whOf = (mwh: number): number => Math.floor(mwh / 1_000);

export function stateOf(connector: ConnectorMemory): ConnectorState {
  if (connector.charge !== null) return "charging";
  if (connector.fault?.severity === "critical") return "faulted";
  return connector.plugged ? "plugged" : "idle";
}

/** Only what names the owner, and only what is there. */
export const ownerOf = ({ orderId, idTag, commandId }: ChargeOwner): ChargeOwner => ({
  ...(orderId === undefined ? {} : { orderId }),
  ...(idTag === undefined ? {} : { idTag }),
  ...(commandId === undefined ? {} : { commandId }),
});

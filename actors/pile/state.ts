// What a pile can be. A connector is in exactly one use; what a use needs exists only inside it.
import type { ChargeLimit, EndReason, Lane, RawCause } from "../../wire/pile.ts";
import type { LockFault, LockForm, LockPosition, LockTo } from "../../wire/lock.ts";
import type { ReserveRule } from "../../wire/slot.ts";
import type { Estimate, Segment, Tariff } from "../../wire/tariff.ts";

/** A value of a connector's meter, under a clock that was checked. */
export interface Reading {
  /** When it was measured: the device's clock, corrected and clamped. */
  at: number;
  wh: number;
  /** When it arrived. */
  gotAt: number;
  /** The device's start under which it was said: after another one the meter may be a new one. */
  boot: string;
}

/** Whose energy it is. */
export type Owner =
  | { by: "order"; orderId: string; userId: string }
  /** A card whose order has not answered yet. */
  | { by: "card"; orderId: string; userId: string }
  /** Goes to *unattributed*, never to a bill. `failed`: an order waits for proof that it is over. */
  | { by: "nobody"; orderId: string | null; why: NobodyWhy; failed: FailedStart | null };
export type NobodyWhy = "late-start" | "card-unknown" | "card-blocked" | "card-busy" | "no-order";
export type FailWhy =
  | "device-refused"
  | "device-silent"
  | "late-start"
  | "link-lost"
  | "unplugged"
  | "fault"
  | "stopped";
export interface FailedStart {
  orderId: string;
  why: FailWhy;
  cause?: RawCause;
}

/** One running transaction. Σ segments = register now - register at the start, while it is somebody's. */
export interface Session {
  txId: number;
  owner: Owner;
  tag: string | null;
  /** Frozen when the connector was kept; null: nobody's, and the pile had none. */
  tariff: Tariff | null;
  startAt: number;
  startRegisterWh: number;
  /** What must be added to the device's clock; 0 where it is about right. */
  clockOffsetMs: number;
  segments: Segment[];
  limit: ChargeLimit;
  holdFen: number | null;
  /** `topW`: the most that this vehicle has been told to take here. */
  latest: { powerW?: number; socPct?: number; topW?: number };
  /** Why its meter is not believed; null: it is. */
  doubt: string | null;
  /** Since when no reading has come, though it charges. */
  gapSince?: number;
  /** A grave code told while it ran: what an end without a reason of its own came from. */
  told?: { cause: RawCause; at: number };
  /** Its order was billed by this, since the pile was lost: its true end corrects it. */
  estimated?: Estimate;
}

export type StopBy = "user" | "ops" | "limit" | "platform";
/** A stop goes on until the pile proves that nothing runs. */
export interface Stop {
  by: StopBy;
  limit?: string;
  /** A fault that made the platform stop. */
  cause?: RawCause;
  attempts: number;
  /** Command ids used: a pile that answered and charges on would only repeat that answer for the old id. */
  round: number;
  /** The newest stop was answered. */
  heard: boolean;
  /** send: stop is due. sent: on its way. wait: until the timer. ask: a question is due. */
  phase: "send" | "sent" | "wait" | "ask";
  /** Times the pile said that nothing runs, without a report of the end. */
  idleSeen: number;
  /** Since when it says so: no energy has flowed after that. */
  idleAt?: number;
}

/** due: a start may be sent. unsure: must ask first. waits-plug: the pile said "not plugged". */
export type StartStep = "due" | "sent" | "accepted" | "unsure" | "waits-plug";

export interface Starting {
  status: "starting";
  orderId: string;
  userId: string;
  tag: string;
  tariff: Tariff;
  limit: ChargeLimit;
  holdFen: number | null;
  requestedAt: number;
  deadlineAt: number;
  step: StartStep;
  attempt: number;
  /** Command ids used: grows only after a refusal that the pile would repeat for the old id. */
  round: number;
  /** Some try's outcome is unknown: only the pile can prove that nothing runs. */
  doubt: boolean;
  /** The pile said that it charges for this order, though its report has not come. */
  seen: { registerWh: number | null } | null;
}

export type Use =
  | { status: "free" }
  /** Ended, the car of that user is still there. */
  | { status: "occupied"; userId: string | null }
  | { status: "kept"; orderId: string; userId: string; tariff: Tariff; until: number }
  | Starting
  /** A failed start: not free before the pile has proven that no session runs. */
  | { status: "undoing"; failed: FailedStart; since: number; stop: Stop }
  /** `check`: the pile is to be asked whether it still charges. */
  | { status: "charging"; session: Session; check: boolean; idleSeen: number; idleAt?: number }
  | { status: "stopping"; session: Session; since: number; stop: Stop };

export interface Fault {
  cause: RawCause;
  severity: "info" | "warning" | "critical";
  since: number;
  /** Only ops clear it, after a look. */
  until?: "inspection";
  /** Since when the pile says that it is over. */
  quietSince?: number;
}
export type CallOp = "start" | "stop" | "ask";
export type ToldState =
  | "available"
  | "preparing"
  | "charging"
  | "suspended"
  | "finishing"
  | "unavailable";

export interface ConnectorSpec {
  no: number;
  plug: "gb-dc" | "gb-ac" | "ccs2" | "type2";
  ratedPowerW: number;
  reservable: boolean;
}
/** The lock of its bay, as that lock's own actor told. */
export interface BayLock {
  form: LockForm;
  position: LockPosition;
  fault: LockFault | null;
  /** What it was asked for last. `userId`: a driver opened it before any order, and until when. */
  wish?: { to: LockTo | "rest"; causeId: string; userId?: string; until?: number };
}

export interface Connector extends ConnectorSpec {
  /** Null: the pile has not said. */
  plugged: boolean | null;
  /** It reports plug and unplug by themselves: its "unplugged" can be trusted. */
  tellsPlug: boolean;
  told: ToldState | null;
  /** When the plug last changed. */
  plugAt: number | null;
  /** Newest value of the ledger: every Wh below belongs to an order or to nobody. */
  register: Reading | null;
  unattributedWh: number;
  fault: Fault | null;
  /** Device calls under way: at most one of each kind, so that the outbox stays bounded. */
  calls: CallOp[];
  use: Use;
  /** Absent: its bay has none. */
  lock?: BayLock;
  /** The car of a charge that is over is still plugged in, whatever else is tried meanwhile. */
  stay?: {
    orderId: string;
    /** Why we are in the way, as its order was told. */
    blocked?: string;
    /** Its device's clock was off by so much during the charge. */
    offsetMs?: number;
    /** Ops have asked for the gun to be unlocked. */
    unlock?: { id: string; by: string; reason: string; tries: number };
  };
}

/** A session that another one followed before its end was reported; its energy ends at `ceilingWh`. */
export interface Left {
  connector: number;
  session: Session;
  last: Reading;
  ceilingWh: number;
}

export type StartedAnswer =
  | { txId: number; accepted: true }
  | { txId: number; accepted: false; why: "blocked" | "invalid" | "busy" };
/** By this a report told twice is known again. */
export interface Transaction {
  txId: number;
  connector: number;
  orderId: string | null;
  tag: string | null;
  toldAt: number;
  registerWh: number;
  status: "open" | "ended";
  /** Where and when it was settled. */
  endedWh?: number;
  endedAt?: number;
  /** The gun was pulled: plugging back starts nothing. */
  pulled?: true;
  /** Null: its card's order has not answered yet. */
  answer: StartedAnswer | null;
  /** Commands that get the answer once it is there. */
  waiting: string[];
}
/** Order that may start no more; a session under its tag is a late start. */
export interface Retired {
  orderId: string;
  tag: string;
  connector: number;
}

export type Link =
  | { presence: "offline"; linkEpoch: number; bootId: string; since: number }
  | {
    presence: "online";
    linkEpoch: number;
    bootId: string;
    since: number;
    gatewayId: string;
    lane: Lane;
    /** Command that opened it: a repeat gets the same epoch. */
    openedBy: string;
  };

/** A connector promised to one user for a time (预约). */
export interface Slot {
  reservationId: string;
  userId: string;
  connector: number;
  from: number;
  until: number;
  lockFrom: number;
  /** The lock has begun. */
  locked: boolean;
  /** An order under way that takes it up. */
  orderId: string | null;
  /** Why it could not be used, once that was so. */
  trouble: string | null;
  /** The charge that began under it: it locks nothing any more. */
  used: string | null;
  /** Its time was made longer once, after a start that failed by the pile's fault. */
  restored?: true;
}

export interface Registered {
  status: "registered";
  stationId: string;
  code: string;
  lane: Lane;
  ratedPowerW: number;
  disabled: { reason: string; since: number } | null;
  tariff: Tariff | null;
  stationPhone: string | null;
  /** The station's own rules of reservations; absent: the platform's settings stand. */
  reserving?: ReserveRule;
  device: { model?: string; vendor?: string; firmware?: string; serial?: string };
  link: Link;
  /** Newest start of the device itself, however its lane tells of it. */
  boot: string;
  /** High-water mark of the device's own facts, over all its boots. */
  factSeq: number;
  nextTx: number;
  /** Of the whole pile. */
  fault: Fault | null;
  connectors: Connector[];
  left: Left[];
  transactions: Transaction[];
  retired: Retired[];
  /** Absent: never promised anything. */
  slots?: Slot[];
}
export type PileState = { status: "unregistered" } | Registered;

/** Ended transactions known again: a pile's offline queue holds a few dozen at most. */
export const TRANSACTIONS_MAX = 64;
/** Tags of failed orders: as many failures as fit before a late start can still come. */
export const RETIRED_MAX = 64;
/** Sessions without their end report: more than one per connector means lost reports. */
export const LEFT_MAX = 16;
/** Reports of one card start that wait for its order: gateways repeat a few times. */
export const WAITING_MAX = 8;

export type { EndReason };

// What happened at a pile, as its journal keeps it: facts only, with everything a later reader needs.
import type { ChargeLimit, EndReason, Lane, RawCause } from "../../wire/pile.ts";
import type { IncidentRaised } from "../../wire/incident.ts";
import type {
  LockAnswer,
  LockFault,
  LockForm,
  LockOp,
  LockPosition,
  LockSeen,
  LockTo,
} from "../../wire/lock.ts";
import type { ReserveRule } from "../../wire/slot.ts";
import type { Estimate, Segment, Tariff } from "../../wire/tariff.ts";
import type {
  CallOp,
  ConnectorSpec,
  FailedStart,
  NobodyWhy,
  Owner,
  Reading,
  StartedAnswer,
  StartStep,
  Stop,
  StopBy,
  ToldState,
} from "./state.ts";

type At<T extends string, F = unknown> = { type: T; connector: number } & F;

export type PileEvent =
  // ops and station
  | {
    type: "PileRegistered";
    stationId: string;
    code: string;
    lane: Lane;
    ratedPowerW: number;
    connectors: ConnectorSpec[];
  }
  | { type: "TariffSet"; tariff: Tariff; stationPhone: string; reserving?: ReserveRule }
  | { type: "PileDisabled"; reason: string; by: string }
  | { type: "PileEnabled"; reason: string; by: string }
  // link
  | {
    type: "LinkOpened";
    linkEpoch: number;
    gatewayId: string;
    lane: Lane;
    bootId: string;
    openedBy: string;
    model?: string;
    firmware?: string;
    remote?: string;
  }
  | { type: "LinkLost"; linkEpoch: number; why: string }
  | {
    type: "PileBooted";
    model: string;
    vendor?: string;
    firmware?: string;
    serial?: string;
  }
  | { type: "FactTaken"; bootId: string; seq: number }
  // what is seen at a connector
  | At<"PlugSeen", { plugged: boolean; sure: boolean; deviceAt: number }>
  | At<"StateSeen", { state: ToldState; deviceAt: number }>
  | {
    type: "FaultSeen";
    connector: number | null;
    cause: RawCause;
    severity: Severity;
    /** `nothing`: it is not the pile's, and stands nowhere. Absent: until the pile recovers. */
    until?: "nothing" | "inspection";
  }
  /** The pile says that it is over, and ops have not looked yet. */
  | { type: "FaultQuiet"; connector: number | null }
  | { type: "FaultCleared"; connector: number | null; by: "device" | "ops" }
  // keeping and starting
  | At<"ConnectorKept", { orderId: string; userId: string; until: number }>
  // promises
  | At<
    "SlotReserved",
    {
      reservationId: string;
      userId: string;
      from: number;
      until: number;
      lockFrom: number;
      locked: boolean;
    }
  >
  | At<"SlotLocked", { reservationId: string }>
  /** It cannot be used as promised. */
  | At<"SlotTroubled", { reservationId: string; why: string }>
  | At<"SlotTaken", { reservationId: string; orderId: string }>
  /** That order came to nothing before its start. */
  | At<"SlotOpened", { reservationId: string }>
  | At<"SlotRestored", { reservationId: string; orderId: string; until: number }>
  | At<"SlotUsed", { reservationId: string; orderId: string }>
  | At<"SlotFreed", { reservationId: string; orderId: string }>
  | At<"SlotReleased", { reservationId: string }>
  | At<"ConnectorLetGo", { orderId: string; why: "order" | "time-limit" | "overtaken" }>
  | At<
    "StartRequested",
    {
      orderId: string;
      tag: string;
      limit: ChargeLimit;
      holdFen: number | null;
      deadlineAt: number;
    }
  >
  | At<
    "StartStepped",
    {
      orderId: string;
      step: StartStep;
      /** Why: the pile's answer, a question's answer, a plug, a timer, a link. */
      why: string;
      doubt?: true;
      /** Tries begin again after the first: a gun that was not in counts as no failure. */
      anew?: true;
      newId?: true;
      seen?: { registerWh: number | null };
      /** The driver is told to plug in, though the pile waits by itself. */
      prompt?: true;
    }
  >
  | At<"StartFailed", { failed: FailedStart; proven: boolean }>
  | At<"StartUndone", { failed: FailedStart; proof: "asked" | "state" | "dropped" }>
  // device calls
  | At<"DeviceCalled", { op: CallOp; id: string; about: string }>
  | At<"DeviceReplied", { op: CallOp; about: string; outcome: string; code?: string }>
  // a session
  | At<
    "ChargeStarted",
    {
      txId: number;
      owner: Owner;
      tag: string | null;
      reading: Reading;
      /** The device's own words, by which a repeat is known. */
      toldAt: number;
      toldWh: number;
      clockOffsetMs: number;
      answer: StartedAnswer | null;
      /** Command that gets the answer once it is there. */
      waiting?: string;
    }
  >
  | At<"TransactionNoted", { txId: number; tag: string | null; toldAt: number; toldWh: number }>
  | At<
    "MeterNoted",
    {
      txId: number | null;
      reading: Reading;
      /** Energy since the last value, for the session's owner; empty where it is nobody's. */
      added: Segment[];
      powerW?: number;
      socPct?: number;
    }
  >
  | At<"ReadingDoubted", { txId: number | null; why: string; registerWh: number; knownWh: number }>
  | At<"RegisterReset", { fromWh: number; reading: Reading; why: "rebooted" | "unexplained" }>
  | At<"EnergyUnattributed", { txId: number | null; wh: number; why: NobodyWhy | "gap" | "idle" }>
  | At<
    "CardAccepted",
    {
      txId: number;
      orderId: string;
      holdFen: number | null;
      waiting: string[];
      answer: StartedAnswer;
    }
  >
  | At<
    "CardRefused",
    {
      txId: number;
      orderId: string;
      why: NobodyWhy;
      /** Energy so far, which becomes nobody's. */
      wh: number;
      waiting: string[];
      answer: StartedAnswer;
    }
  >
  | At<"CardWaited", { txId: number; commandId: string }>
  | At<"LimitRaised", { orderId: string; holdFen: number }>
  /** No reading for too long. */
  | At<"GapSeen", { txId: number; since: number }>
  | At<
    "GapClosed",
    { txId: number; fromAt: number; toAt: number; wh: number }
  >
  /** A lost pile: its order is billed by a rule, the session stays open for its true end. */
  | At<
    "ChargeEstimated",
    {
      txId: number;
      estimate: Estimate;
      registerWh: number;
      untilAt: number;
      /** With the estimated ones. */
      segments: Segment[];
    }
  >
  | At<"LimitReached", { orderId: string; limit: string }>
  /** `now`: it is asked; else soon, since the report of the end may be on its way. */
  | At<"CheckRequested", { why: string; now?: true }>
  | At<"CheckAnswered", { idle: boolean }>
  // the end
  | At<"StopRequested", { by: StopBy; limit?: string; cause?: RawCause }>
  | At<"StopStepped", { phase: Stop["phase"]; idle?: true; newId?: true }>
  | At<"ChargeLeft", { txId: number; ceilingWh: number; last: Reading }>
  | At<
    "ChargeEnded",
    {
      txId: number;
      owner: Owner;
      reason: EndReason;
      cause?: RawCause;
      startRegisterWh: number;
      registerWh: number;
      endedAt: number;
      segments: Segment[];
      limit?: string;
      implausible?: string;
      /** The pile did not say what its meter showed at the end. */
      estimate?: Estimate;
      /** Who says that it is over. `waited`: its report never came. */
      proof: "report" | "asked" | "waited" | "meter";
      /** It had been followed by another session before. */
      left?: true;
      unplugged?: true;
    }
  >
  // the lock of its bay
  | At<
    "LockNoted",
    {
      form: LockForm;
      position: LockPosition;
      fault: LockFault | null;
      /** Who waits for it, and is to be told of its fault. */
      tell?: { userId: string; orderId?: string };
    }
  >
  /** `userId`: of a driver who opened it before any order; `forMs`: for so long, `after` it closed again
   * rather than at rest, as their reservation goes on. */
  | At<
    "LockAsked",
    { to: LockTo | "rest"; causeId: string; userId?: string; forMs?: number; after?: "up" }
  >
  /** Where it hangs on the pile: orders and questions of its actor, answers and words of the device. */
  | At<"LockDriven", { op: LockOp; n: number; id?: string; to?: LockTo }>
  | At<"LockReplied", { op: LockOp; n: number; answer: LockAnswer }>
  | At<"LockTold", { seen: LockSeen; deviceAt: number }>
  // the bay after a charge
  /** `offsetMs`: what its device's clock was off by during the charge. */
  | At<"BayTaken", { orderId: string; why?: string; offsetMs?: number }>
  /** `leftAt`: as its device says; the news of it may be late. */
  | At<"BayLeft", { orderId: string; why: "unplugged" | "charges-again"; leftAt?: number }>
  | At<"BayBlocked", { orderId: string; why: string }>
  | At<"BayOpened", { orderId: string }>
  | At<"UnlockAsked", { orderId: string; id: string; by: string; reason: string; tries: number }>
  | At<"UnlockAnswered", { orderId: string; ok: boolean; why?: string }>
  | IncidentRaised;

type Severity = "info" | "warning" | "critical";
export type EventOf<T extends PileEvent["type"]> = Extract<PileEvent, { type: T }>;

// What a lock (地锁, 道闸) is: where it stands as far as it is known, what it is to do and for whom, the
// move under way, its fault with the reason, and the last steps of its life.
import type { IncidentRaised } from "../../wire/incident.ts";
import type {
  BayState,
  LockCommand,
  LockFaultCode,
  LockForm,
  LockOp,
  LockPosition,
  LockTo,
  LockWay,
} from "../../wire/lock.ts";
import type { Instant } from "../../wire/units.ts";

export type Of<T extends LockCommand["type"]> = Extract<LockCommand, { type: T }>;

/** Who wants a move: the pile for whoever has the bay, ops, or the lock itself for what was wanted. */
export type MovedBy = "pile" | "ops" | "self";
/**
 * due: to be sent. sent: on its way. asked: what came of it is unknown, so the lock is asked. moves: it
 * obeys, or cannot say; asked again in a while. pauses: it stands where it stood; sent again in a while.
 */
export type MovePhase = "due" | "sent" | "asked" | "moves" | "pauses";

/** One move, under one command id. */
export interface Move {
  commandId: string;
  to: LockTo;
  causeId: string;
  by: MovedBy;
  since: Instant;
  phase: MovePhase;
  /** Times that it was sent. */
  tries: number;
  /** Ids used: a new one only after an answer that the device would repeat for the old id. */
  round: number;
  /** The lock has answered to this round. */
  heard: boolean;
  /** What kept it from obeying, in its own words. */
  refusal?: string;
}

/** What the lock is to do while nobody says otherwise. `until`: then it goes to rest, or closes again. */
export interface Wish {
  to: LockTo | "rest";
  causeId: string;
  until?: Instant;
  after?: "up";
}

export interface LockFault {
  code: LockFaultCode;
  raw?: string;
  since: Instant;
  /** Where it stood then: standing elsewhere proves that it moves again. */
  at: LockPosition;
  /** Questions since, whether it is over. */
  checks: number;
}

export interface Entry {
  at: Instant;
  what: string;
  facts: Record<string, string | number | boolean>;
}

export interface Fitted {
  status: "fitted";
  pileId: string;
  connector: number;
  stationId: string;
  form: LockForm;
  rests: LockTo;
  way: LockWay;
  position: LockPosition;
  bay: BayState | "unknown";
  /** Newest moment that was told: an older word changes nothing. */
  toldAt: Instant;
  fault: LockFault | null;
  move: Move | null;
  wish: Wish | null;
  /** Moves so far: their ids are counted. */
  moves: number;
  /** Orders and questions so far: an answer to an older one leads nowhere. */
  calls: number;
  entries: Entry[];
}
export type LockActorState = { status: "unfitted" } | Fitted;

export type MoveOutcome = "done" | "refused" | "failed" | "overtaken";
export type LockEvent =
  | {
    type: "LockFitted";
    pileId: string;
    connector: number;
    stationId: string;
    form: LockForm;
    rests: LockTo;
    way: LockWay;
    by: string;
  }
  | {
    type: "LockWished";
    to: LockTo | "rest";
    causeId: string;
    until?: Instant;
    after?: "up";
  }
  | {
    type: "MoveBegun";
    commandId: string;
    to: LockTo;
    causeId: string;
    by: MovedBy;
    /** Of ops, and who. */
    reason?: string;
    who?: string;
  }
  /** `id`: as the device is told it. */
  | { type: "LockCalled"; op: LockOp; n: number; id?: string; to?: LockTo }
  | { type: "LockReplied"; op: LockOp; n: number; outcome: string; code?: string }
  | { type: "MoveStepped"; phase: "moves" | "pauses"; why: string; newId?: true }
  | {
    type: "LockSeen";
    position: LockPosition;
    bay?: BayState;
    /** What told it: the lock by itself, or its answer. */
    by: "report" | "answer";
    deviceAt: Instant;
  }
  /** A word that was older than what is known. */
  | { type: "LateWord"; state: string; deviceAt: Instant }
  | { type: "MoveEnded"; commandId: string; to: LockTo; outcome: MoveOutcome; code?: string }
  | { type: "LockFaulted"; code: LockFaultCode; raw?: string; at: LockPosition }
  | { type: "LockFaultCleared"; by: "move" | "hand" }
  /** Nobody gave it back in time. */
  | { type: "LockReleased"; causeId: string }
  | IncidentRaised;
export type EventOf<T extends LockEvent["type"]> = Extract<LockEvent, { type: T }>;

/** What a person reads; older steps give way, the archive has them. */
export const ENTRIES_MAX = 60;

// The port to durable storage: one subject an actor, compare-and-set on its newest sequence.
// Implementations lie in server/store and answer one contract suite (test/contract/journal.test.ts).
import type { Place } from "../routing/mod.ts";

/** What is stored beside a record so that others need not read it. */
export interface Marks {
  /** Sequence of the record this one follows; 0: the first. */
  expectedSeq: number;
  /** By it a writer knows its own record after a lost acknowledgement. */
  recordId: string;
  /** `sum` of the record before ("" for the first): lets a reader verify this one alone. */
  prevSum: string;
  /** Effects that still have to leave. */
  pending: number;
  /** Earliest timer, milliseconds since 1970. */
  nextAt: number | null;
  /** `v` of the oldest record of the actor that the journal may still hold. */
  base: number;
}

export interface StoredRecord {
  seq: number;
  base: number;
  recordId: string;
  prevSum: string;
  bytes: Uint8Array;
}

/** A stored record on its way to those who follow the journal. */
export interface JournalEntry extends StoredRecord {
  /** The actor's key in this journal. */
  actor: string;
  readonly place: Place;
  storedAt: number;
  pending: number;
  nextAt: number | null;
  /** How many more of this stream waited behind this one when it was sent. */
  behind: number;
}

export type TailStart =
  | { from: "new" }
  /** The newest record of every actor, then all that follow. */
  | { from: "newest" }
  | { from: "seq"; seq: number };

export type Stop = () => Promise<void>;

export interface Journal {
  append(place: Place, bytes: Uint8Array, marks: Marks): Promise<{ seq: number }>;
  /** Newest record by the word of the leader; never from a replica. */
  last(place: Place): Promise<StoredRecord | null>;
  /** Stores that the actor wants to be woken at `at`; `timerId` is unique. */
  schedule(place: Place, timerId: string, at: number): Promise<void>;
  /** Due schedules, each to one of all nodes that listen; again later unless `take` says true. */
  fires(take: (place: Place) => Promise<boolean>): Promise<Stop>;
  /** Records of one stream in order, one after the other; `headersOnly`: without bytes. */
  tail(
    stream: number,
    start: TailStart,
    take: (entry: JournalEntry) => void | Promise<void>,
    options?: { headersOnly?: boolean },
  ): Promise<Stop>;
}

/** What lies behind the journal for ever. A node without one keeps all records in the journal. */
export interface Archive {
  /** True: the actor's records up to this sequence are on the archive's disk. */
  holds(place: Place, seq: number): boolean;
  /** Newest record of an actor that ended and left the journal; throws where nobody can say. */
  newest(place: Place): Promise<Omit<StoredRecord, "seq"> | null>;
}

/**
 * Why an append or a read failed. `wrong-sequence`: somebody else wrote; `transient`: maybe done, the
 * same record may be tried again; the others: surely not done.
 */
export type JournalFaultCode =
  | "wrong-sequence"
  | "transient"
  | "subject-full"
  | "stream-full"
  | "too-large"
  | "read-only";

export class JournalFault extends Error {
  override readonly name = "JournalFault";
  constructor(readonly code: JournalFaultCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
  }
}

/** The fault behind a failure; what nobody foresaw may have been done, so it counts as transient. */
export function asJournalFault(error: unknown): JournalFault {
  if (error instanceof JournalFault) return error;
  return new JournalFault("transient", `journal did not answer: ${String(error)}`, {
    cause: error,
  });
}

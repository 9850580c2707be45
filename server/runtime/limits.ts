// Every bound of the runtime, with its reason. A node may be given others (tests, small machines).
import { routingLimits } from "../routing/mod.ts";
import type { ServiceClass } from "../../wire/envelope.ts";

export const defaultLimits = {
  ...routingLimits,
  /** Commands waiting at one actor: more than a second of work at the slowest disk is refused. */
  mailbox: 64,
  /** Slots above `mailbox` for what lowers risk: stop and emergency stop. */
  mailboxReserve: 8,
  /** Appends under way on one node; the journal answers in batches, more only queue. */
  appends: 512,
  /** New commands of a class are turned away while it would wait longer than this. */
  shedMs: { emergency: Infinity, stop: Infinity, order: 1_500, telemetry: 600, report: 300 },
  /** Answered commands of people that an actor remembers. */
  done: 256,
  /** Entries above `done` for stops: they are never refused for a full ring. */
  doneReserve: 16,
  /** A key is answered the same for this long. */
  doneKeepMs: 24 * 3_600_000,
  /** Senders that an actor remembers. */
  senders: 512,
  /** A sender that said its last word may be forgotten after this. */
  senderLastKeepMs: 10 * 60_000,
  /** From so many on the silent ones are forgotten: every record carries them all. */
  sendersKept: 32,
  /** A sender is silent after this. */
  senderKeepMs: 24 * 3_600_000,
  /** Open effects of an actor; from then on only stops are accepted. */
  open: 32,
  /** Removals of answered effects wait this long for a record to ride in. */
  removalMs: 200,
  /** Failures of a lane's head before the lane is parked and an alarm rings. */
  laneFailures: 10,
  /** A parked lane is tried this often. */
  laneParkedMs: 30_000,
  /** First and longest pause of a lane between two tries. */
  laneBackOffMs: 100,
  laneBackOffMsMax: 5_000,
  /** A told actor must answer within; then the same message is sent again. */
  tellTtlMs: 10_000,
  /** Open effects that another node recorded are left to it for this long. */
  foreignMs: 2_000,
  /** Memory that may be wrong is dropped; the actor is loaded again after this. */
  reloadMs: 500,
  /** An append that nobody answered may still be stored for this long. */
  doubtMs: 60_000,
  /** Callers that wait at one actor for a later record. */
  waiters: 256,
  /** First and longest pause between two tries of the same append. */
  appendBackOffMs: 50,
  appendBackOffMsMax: 1_000,
  /** Commands of the actor to itself (answers, timers) may take this long to be stored. */
  internalTtlMs: 30_000,
  /** The journal's newest record is looked at this often while somebody waits for a later one. */
  lookMs: 500,
  /** A read is answered from memory that is no older; else the journal is looked at first. */
  freshMs: 1_000,
  /** Actors in memory; idle ones go after `idleMs`. */
  residents: 50_000,
  idleMs: 5 * 60_000,
  sweepMs: 10_000,
  /** Breaches within this span before an actor is quarantined. */
  breachMs: 60_000,
  breaches: 2,
  /** A stopping node waits this long for its mailboxes to empty. */
  drainMs: 5_000,
  /** Records with open effects that nothing followed for this long wake their actor. */
  wakeMs: 2_000,
  wakeMsMax: 60_000,
  /** Records of one actor that its stream takes; ordinary commands stop earlier (`recordsShare`). */
  records: 1_024,
  recordsShare: 0.75,
  /** An actor that ended stays in the journal for this long; later it is had from the archive. */
  endedKeepMs: 7 * 24 * 3_600_000,
};
export type Limits = typeof defaultLimits;

const RANK: Record<ServiceClass, number> = {
  emergency: 0,
  stop: 1,
  order: 2,
  telemetry: 3,
  report: 4,
};
/** The place of a class in the order of service; 0 goes first. */
export const rankOf = (service: ServiceClass): number => RANK[service];
/** What lowers risk is let in where everything else is turned away. */
export const isUrgent = (service: ServiceClass): boolean => RANK[service] <= RANK.stop;
export const moreUrgent = (a: ServiceClass, b: ServiceClass): ServiceClass =>
  RANK[a] <= RANK[b] ? a : b;

// What each process of the platform says of itself when it is asked, and what operators see of it.
import * as z from "zod";
import { iso } from "./units.ts";

const count = z.int().min(0);
const ms = z.number().min(0);
const actor = z.strictObject({ tenant: z.string(), kind: z.string(), id: z.string() });
const node = z.string().min(1).max(40);

/** An effect of an actor that failed again and again: its lane waits, and what is behind it. */
export const parkedItem = z.strictObject({
  from: actor,
  id: z.string(),
  lane: z.string(),
  /** `<kind>/<id> <command>`, or the name of a port. */
  to: z.string(),
  failures: count,
  /** What its last try came to; absent: nobody answered. */
  cause: z.string().max(300).optional(),
  /** Since the effect was recorded. */
  ageMs: ms,
});
export type ParkedItem = z.infer<typeof parkedItem>;

const actorsPart = z.strictObject({
  /** Actors in memory. */
  kinds: z.record(z.string(), count),
  shards: count,
  /** Commands in the last minute. */
  hottest: z.array(z.strictObject({ actor, perMinute: count })),
  mailboxes: z.array(z.strictObject({ actor, waiting: count })),
  parked: z.array(parkedItem),
  /** Broke twice in a minute: only stops are served. */
  quarantined: z.array(actor),
  /** Of the last minute, but for `open`: under way or waiting now. */
  appends: z.strictObject({ open: count, count, p50Ms: ms, p99Ms: ms }),
  /** By class, since the process started. */
  overloaded: z.record(z.string(), count),
  hedged: count,
});
const archivePart = z.strictObject({
  /** Batches that MongoDB did not take, in a row; 0: it takes them. */
  failures: count,
  /** How far each stream of the journal is ahead of the archive. */
  streams: z.array(z.strictObject({ stream: z.string(), records: count, ms })),
  /** Actors whose views stand still, and versions that two records claim. */
  parkedActors: count,
  conflicts: count,
});
export const processReport = z.strictObject({
  node,
  roles: z.array(z.string()),
  upMs: ms,
  rssBytes: count,
  /** Why it is not ready; empty: it is. */
  notReady: z.array(z.string()),
  /** Circuits that are not closed, by name. */
  circuits: z.record(z.string(), z.enum(["open", "half-open"])),
  actors: actorsPart.optional(),
  archive: archivePart.optional(),
});
export type ProcessReport = z.infer<typeof processReport>;

/** A process as the one that asked knows it; one that is silent has no report. */
export const nodeSeen = z.strictObject({
  node,
  /** Since its last heartbeat; null: a process without actors, which has none. */
  heardMs: ms.nullable(),
  report: processReport.nullable(),
});
export type NodeSeen = z.infer<typeof nodeSeen>;
export const nodesSeen = z.strictObject({ asOf: iso, nodes: z.array(nodeSeen) });
export type NodesSeen = z.infer<typeof nodesSeen>;

/** What a retry came to: the lane went on, failed once more, or is still being tried. */
export const retryOutcome = z.enum(["delivered", "failed-again", "trying", "gone"]);
export type RetryOutcome = z.infer<typeof retryOutcome>;
export const retryDone = z.strictObject({
  at: iso,
  by: z.string(),
  actor: z.strictObject({ kind: z.string(), id: z.string() }),
  lane: z.string().nullable(),
  reason: z.string(),
  outcome: retryOutcome,
});
export type RetryDone = z.infer<typeof retryDone>;
export const parkedSeen = z.strictObject({
  asOf: iso,
  /** An actor may be in the memory of several nodes: each of them tries. */
  items: z.array(z.strictObject({ nodes: z.array(node), ...parkedItem.shape })),
  /** Nodes that did not answer: what they hold parked is not here. */
  silent: z.array(node),
  /** The last retries by hand, newest first. */
  retries: z.array(retryDone),
});
export type ParkedSeen = z.infer<typeof parkedSeen>;
export const retryBody = z.strictObject({
  /** Left out: every parked lane of the actor. */
  lane: z.string().min(1).max(200).optional(),
  reason: z.string().min(1).max(500),
});
export type RetryBody = z.infer<typeof retryBody>;

// What can be said to the lock of a connector's bay (地锁 ground lock, 道闸 gate), what it shows, and the
// port to locks of other makers. A gate is up when it is closed: "up" always bars the bay.
import * as z from "zod";
import { pileId, stationId } from "./ids.ts";
import { connectorNo, instant, iso, ms } from "./units.ts";

export const lockForm = z.enum(["ground-lock", "gate"]);
export type LockForm = z.infer<typeof lockForm>;
export const lockTo = z.enum(["up", "down"]);
export type LockTo = z.infer<typeof lockTo>;
/** As a device tells it. */
export const lockState = z.enum(["up", "down", "moving", "fault"]);
export type LockState = z.infer<typeof lockState>;
/** As far as it is known. */
export const lockPosition = z.enum(["up", "down", "moving", "unknown"]);
export type LockPosition = z.infer<typeof lockPosition>;
/** What a lock with a sensor sees above itself. */
export const bayState = z.enum(["empty", "taken"]);
export type BayState = z.infer<typeof bayState>;

/** Id of the lock at that connector: whoever knows the bay knows its lock. */
export const lockIdOf = (pileId: string, connector: number): string => `${pileId}-${connector}`;

/** Name of a maker's platform, as it stands in settings, paths and subjects. */
export const lockPartner = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
/** The lock's name there. */
export const lockRef = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/);

/** By whom it is reached: it hangs on its pile, or on its maker's platform. */
export const lockWay = z.discriminatedUnion("by", [
  z.strictObject({ by: z.literal("pile") }),
  z.strictObject({ by: z.literal("partner"), partner: lockPartner, ref: lockRef }),
]);
export type LockWay = z.infer<typeof lockWay>;

const code = z.string().min(1).max(80);
/** What is said of a lock at one moment. */
export const lockSeen = z.strictObject({
  state: lockState,
  bay: bayState.optional(),
  code: code.optional(),
});
export type LockSeen = z.infer<typeof lockSeen>;

/** What a move or a question came to; `none`: no answer that could be trusted. */
export const lockAnswer = z.strictObject({
  outcome: z.enum(["accepted", "refused", "told", "none"]),
  code: code.optional(),
  seen: lockSeen.optional(),
});
export type LockAnswer = z.infer<typeof lockAnswer>;

const causeId = z.string().min(1).max(120);
/** Which question or order of ours an answer belongs to. */
export const lockOp = z.enum(["move", "ask"]);
export type LockOp = z.infer<typeof lockOp>;
const call = { op: lockOp, n: z.int().min(1) };

export const lockCommand = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("FitLock"), // ops
    pileId,
    connector: connectorNo,
    stationId,
    form: lockForm,
    /** Rule of the station: where it is when nobody has the bay. */
    rests: lockTo,
    way: lockWay,
  }),
  z.strictObject({
    type: z.literal("MoveLock"), // the pile for whoever has the bay, or ops with a reason
    to: lockTo,
    causeId,
    reason: z.string().min(1).max(500).optional(),
    /** Goes back to rest by itself after this, whoever forgets it; or closes, for a reservation. */
    forMs: ms.optional(),
    after: z.literal("up").optional(),
  }),
  z.strictObject({ type: z.literal("RestLock"), causeId }), // the pile: nobody has the bay any more
  z.strictObject({
    type: z.literal("ReportLock"), // the pile for its own lock, or the maker's callback
    ...lockSeen.shape,
    deviceAt: instant,
    /** The maker's name of it. */
    ref: lockRef.optional(),
  }),
  z.strictObject({ type: z.literal("LockAnswered"), ...call, answer: lockAnswer }), // the pile
  z.strictObject({
    type: z.literal("PartnerAnswered"), // the port "lock"
    ref: z.strictObject(call),
    answer: z.unknown(),
  }),
  z.strictObject({ type: z.literal("TimerFired"), name: z.string() }),
]);
export type LockCommand = z.infer<typeof lockCommand>;

/** Body of a call on the port "lock": one move or question to a maker's platform. */
export const lockCall = z.strictObject({
  tenant: z.string(),
  partner: lockPartner,
  ref: lockRef,
  command: z.discriminatedUnion("op", [
    z.strictObject({ op: z.literal("move"), id: z.string().max(120), to: lockTo }),
    z.strictObject({ op: z.literal("ask") }),
  ]),
});
export type LockCall = z.infer<typeof lockCall>;

/** Why a lock does not obey; `refused` and `told` carry the device's own code beside it. */
export const lockFaultCode = z.enum([
  "silent", // no answer at all
  "stuck", // says that it obeys, and stays where it was
  "half-way", // moves, and arrives nowhere
  "refused", // says no, again and again
  "told", // says itself that it is broken
]);
export type LockFaultCode = z.infer<typeof lockFaultCode>;
export const lockFault = z.strictObject({
  code: lockFaultCode,
  /** As the device has it. */
  raw: z.string().optional(),
  since: iso,
});
export type LockFault = z.infer<typeof lockFault>;

/** One step of its timeline. */
export const lockEntry = z.strictObject({
  at: iso,
  what: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
export const lockView = z.strictObject({
  id: z.string(),
  v: z.int(),
  pileId,
  connector: connectorNo,
  stationId,
  form: lockForm,
  rests: lockTo,
  way: lockWay,
  position: lockPosition,
  bay: z.enum(["empty", "taken", "unknown"]),
  fault: lockFault.optional(),
  /** What it is to do while nobody says otherwise, for whom (an order, a reservation, a driver, ops). */
  wanted: z.strictObject({
    to: z.enum(["up", "down", "rest"]),
    causeId: z.string(),
    until: iso.optional(),
  }).optional(),
  /** A move that is under way. */
  moving: z.strictObject({ to: lockTo, causeId, since: iso, tries: z.int() }).optional(),
  /** Newest first. */
  timeline: z.array(lockEntry),
});
export type LockView = z.infer<typeof lockView>;

/** The lock as it stands in the view of its connector. */
export const connectorLock = z.strictObject({
  form: lockForm,
  position: lockPosition,
  fault: lockFault.nullable(),
});

// over HTTP ---------------------------------------------------------------------------------------
export const fitLockBody = z.strictObject({
  connector: connectorNo,
  form: lockForm,
  rests: lockTo,
  way: lockWay,
});
export const lockList = z.strictObject({ items: z.array(lockView) });
export const lowerLockBody = z.strictObject({ connector: connectorNo });

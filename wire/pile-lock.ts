// What a pile's actor hears of the locks of its bays: their own word, their orders where they hang on it,
// the device's facts, and a driver who opens one before a start.
import * as z from "zod";
import { connectorLock, lockOp, lockSeen, lockTo } from "./lock.ts";
import { connectorNo, instant } from "./units.ts";

/** A native fact's place in the device's own sequence: told twice, done once; a gap is asked for. */
const sequence = z.strictObject({ bootId: z.string().max(64), seq: z.int().min(1) }).optional();
/** Of every fact: the link over which it came. */
export const deviceLink = { linkEpoch: z.int().min(0), fact: sequence };

const call = { connector: connectorNo, op: lockOp, n: z.int().min(1) };

export const bayLockCommands = [
  z.strictObject({
    type: z.literal("NoteLock"), // the lock
    connector: connectorNo,
    ...connectorLock.shape,
  }),
  z.strictObject({
    type: z.literal("DriveLock"), // the lock, where it hangs on this pile; LockAnswered follows
    ...call,
    id: z.string().max(120).optional(),
    to: lockTo.optional(),
  }),
  z.strictObject({
    type: z.literal("LockDeviceAnswered"), // the device's gateway
    ref: z.strictObject(call),
    answer: z.unknown(),
  }),
  z.strictObject({
    type: z.literal("ReportLock"), // a gateway's fact
    ...deviceLink,
    connector: connectorNo,
    seen: lockSeen,
    deviceAt: instant,
  }),
  z.strictObject({ type: z.literal("LowerLock"), connector: connectorNo }), // driver, before a start
] as const;

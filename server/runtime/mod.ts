// The door of the runtime: hosts actors on a compare-and-set journal. Knows nothing of what they do.
export type { ParkedLane, Shown } from "./shown.ts";
export {
  type Ask,
  type Client,
  type ClientOptions,
  type Clock,
  createClient,
  entityId,
  type FreshId,
  freshIds,
  keyOf,
  type KeyScope,
  type Log,
  type Metrics,
  type Network,
  type NetworkMessage,
  noLog,
  noMetrics,
  type Place,
  type Placement,
  placeOf,
  type Random,
  type Read,
  shardOf,
  sleep,
  systemClock,
  systemRandom,
  type Tracer,
} from "../routing/mod.ts";
export { createNode } from "./node.ts";
export type { ActorNode, NodeOptions } from "./node.ts";
export { backOff } from "./env.ts";
export type { Alarms, PortAnswer, PortCall, PortHandler } from "./env.ts";
export type { Inspection } from "./inspect.ts";
export { asJournalFault, JournalFault } from "./journal.ts";
export type {
  Archive,
  Journal,
  JournalEntry,
  JournalFaultCode,
  Marks,
  Stop,
  StoredRecord,
  TailStart,
} from "./journal.ts";
export { defaultLimits } from "./limits.ts";
export type { Limits } from "./limits.ts";
export { LaterShape, seal, UnreadableRecord, unseal } from "./record.ts";
export type { Draft } from "./record.ts";
export { presentRecord } from "./shapes.ts";

// The door of the runtime: hosts actors on a compare-and-set journal. Knows nothing of what they do.
export { createNode } from "./node.ts";
export type { ActorNode, NodeOptions } from "./node.ts";
export { createClient } from "./client.ts";
export type { Ask, Client, ClientOptions, Read } from "./client.ts";
export { backOff } from "./env.ts";
export type { Alarms, PortAnswer, PortCall, PortHandler } from "./env.ts";
export { entityId, keyOf, placeOf, shardOf } from "./ids.ts";
export type { KeyScope } from "./ids.ts";
export type { Inspection } from "./inspect.ts";
export { asJournalFault, JournalFault } from "./journal.ts";
export type {
  Archive,
  Journal,
  JournalEntry,
  JournalFaultCode,
  Marks,
  Place,
  Stop,
  StoredRecord,
  TailStart,
} from "./journal.ts";
export { defaultLimits } from "./limits.ts";
export type { Limits } from "./limits.ts";
export type { Placement } from "./placement.ts";
export { freshIds, noLog, noMetrics, sleep, systemClock, systemRandom } from "./ports.ts";
export type { Clock, FreshId, Log, Metrics, Network, NetworkMessage, Random } from "./ports.ts";
export { LaterShape, seal, UnreadableRecord, unseal } from "./record.ts";
export type { Draft } from "./record.ts";
export { presentRecord } from "./shapes.ts";

// The door of the runtime: hosts actors on a compare-and-set journal. Knows nothing of what they do.
export type { Inspection, ParkedLane, Shown } from "./shown.ts";
export * from "../routing/mod.ts";
export { createNode } from "./node.ts";
export type { ActorNode, NodeOptions } from "./node.ts";
export { backOff } from "./env.ts";
export type { Alarms, PortAnswer, PortCall, PortHandler } from "./env.ts";
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
export { presentState } from "./head.ts";

// Door of the simulated piles: one kind of handle, two lanes.
export type { Did } from "./did.ts";
export type { ConnectorSpec, EndReason, PileEvent, Reading, Severity } from "./events.ts";
export { fileStore, heapStore, memoryStore, type PileStore } from "./memory.ts";
export { type Misbehaviour, misbehaviourNames } from "./misbehaviour.ts";
export {
  type NativePileOptions,
  type OcppPileOptions,
  Pile,
  type PileOptions,
  startNativePile,
  startOcppPile,
} from "./pile.ts";
export { OcppSocket } from "./ocpp-socket.ts";
export { meterValue } from "./ocpp-words.ts";

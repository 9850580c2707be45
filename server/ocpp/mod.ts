// The door of the OCPP 1.6J gateway: piles come in over WebSocket, their facts go to their actors, the
// platform's orders go out to them. docs/ocpp.md says what is spoken.
export { createOcpp, type Ocpp } from "./gateway.ts";
export type { IdTag, OcppDeps, OcppSettings } from "./ports.ts";

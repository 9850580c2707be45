// The door of the native lane: who a pile is on NATS (auth callout), its facts to its actor, its ticks to
// screens and store, the platform's signed orders to it. docs/native-lane.md says what is spoken.
export { createTelemetry, type Telemetry } from "./gateway.ts";
export type { TelemetryDeps, TelemetrySettings } from "./ports.ts";

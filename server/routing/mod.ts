// The door of routing: the way to actors over a lossy network, and the ports by which it and the
// runtime see the world. Knows neither what an actor is nor where its state lies.
export { type Ask, type Client, type ClientOptions, createClient, type Read } from "./client.ts";
export { bodyHash, entityId, keyOf, type KeyScope, mintedAt, nameOf } from "./ids.ts";
export { type Place, placeOf, selfOf, shardOf } from "./ids.ts";
export { type RoutingLimits, routingLimits } from "./limits.ts";
export { heartbeatPlacement, type Placement } from "./placement.ts";
export { coarseClock, freshIds, noLog, noMetrics, sleep, systemClock } from "./ports.ts";
export { systemRandom } from "./ports.ts";
export type { Clock, FreshId, Log, Metrics, Network, NetworkMessage, Random } from "./ports.ts";
export type { Tracer } from "./ports.ts";
export { elsewhere, INSPECT } from "./route.ts";
export { type Local, type Server, serverOf } from "./serve.ts";

// The door of the engines: finds or starts a nats-server and a MongoDB on a machine that has none.
export { type Child, type ChildPlan, lastLines, startChild } from "./child.ts";
export type { Engine } from "./engine.ts";
export { findMongo, type FoundMongo, type MongoKind } from "./find-mongo.ts";
export { findNats, type FoundNats, NATS_VERSION_MIN } from "./find-nats.ts";
export { EngineFault, exists, freePort, isFree, type Machine, thisMachine } from "./machine.ts";
export { alone, which, writeWhole } from "./machine.ts";
export { externalMongo, type MongoEngine, type MongoOptions, startMongo } from "./mongo.ts";
export { externalNats, type NatsEngine, natsInfo, type NatsOptions, startNats } from "./nats.ts";
export { NATS_ACCOUNTS, NATS_DENIED, natsConfig, type NatsPlan } from "./nats-config.ts";
export { NATS_ROLES, type NatsRole, natsSeedFile, type NatsSeeds, natsSeeds } from "./nats-keys.ts";
export { atLeast } from "./search.ts";

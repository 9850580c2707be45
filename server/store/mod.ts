// The door of the store: the runtime's and the gateways' ports on NATS and MongoDB, and their twins
// in memory.
export { connectNats, followConnection } from "./connect.ts";
export type { NatsConnection, NatsOptions } from "./connect.ts";
export { ensureStreams } from "./streams.ts";
export type { StreamOptions } from "./streams.ts";
export { jetstreamJournal } from "./jetstream-journal.ts";
export { natsNetwork } from "./nats-network.ts";
export { natsDirectory } from "./nats-directory.ts";
export { natsBus } from "./nats-bus.ts";
export { teleWriter } from "./tele-writer.ts";
export { teleStream } from "./tele-stream.ts";
export { type MemoryJournal, memoryJournal } from "./memory-journal.ts";
export { type MemoryNetwork, memoryNetwork } from "./memory-network.ts";
export { memoryDirectory } from "./memory-directory.ts";
export { connectMongo } from "./mongo.ts";
export type { Mongo, MongoOptions } from "./mongo.ts";
export { journalArchive, sayArchived } from "./journal-archive.ts";
export { leftoversOf, purgeOf } from "./journal-purge.ts";
export { type Restored, restoreJournal } from "./restore.ts";
export { streamTails, TailGuard } from "./tail-guard.ts";
export { Trimmer } from "./trimmer.ts";
export { createProjector, type Projector, type ProjectorOptions } from "./projector.ts";
export { projectReadings } from "./readings.ts";
export { ARCHIVE, archivedMarks, PARKED, QUARANTINE, READINGS, SNAPSHOTS } from "./archive.ts";
export type { ViewOf, ViewWrite } from "./archive.ts";

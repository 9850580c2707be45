// The streams of the platform, made at boot where they are missing; the same call twice is harmless.
import {
  DiscardPolicy,
  JetStreamApiError,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import type { StreamConfig } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import {
  reminderStream,
  reminderSubjects,
  streamName,
  STREAMS,
  streamSubjects,
  telemetryStream,
  telemetrySubjects,
} from "../../wire/subjects.ts";

/** Records of one actor: then a definite refusal, never a silent loss of the oldest. */
export const RECORDS_PER_ACTOR = 1_024;
/** Room for our headers within the server's limit of a message. */
export const HEADER_BYTES = 1_024;
/** A due schedule: who got it has that long to answer, a no is asked again, none keeps it for ever. */
export const FIRES = { answerMs: 10_000, againMs: 1_000, keptMs: 24 * 3_600_000 };
const TELEMETRY_BYTES = 4_000_000_000; // a week of 10,000 piles at 10 s, until it is carried away
const NAME_IN_USE = 10058; // the stream exists with another configuration

export interface StreamOptions {
  /** 1 on one server, 3 in a cluster. */
  replicas?: number;
  /** Bound of each journal stream; none: the disk's. */
  journalBytes?: number;
  telemetryBytes?: number;
  recordsPerActor?: number;
}

type Config = Partial<StreamConfig> & { name: string };

export async function ensureStreams(
  connection: NatsConnection,
  options: StreamOptions = {},
): Promise<void> {
  const manager = await jetstreamManager(connection, { timeout: 10_000 });
  for (const config of configs(options)) {
    try {
      await manager.streams.add(config);
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== NAME_IN_USE) throw error;
      await manager.streams.update(config.name, config);
    }
  }
}

function configs(
  {
    replicas = 1,
    journalBytes = -1,
    telemetryBytes = TELEMETRY_BYTES,
    recordsPerActor = RECORDS_PER_ACTOR,
  }: StreamOptions,
) {
  const common = {
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: replicas,
    allow_direct: false, // a replica cut off serves old values; only the leader's word counts
  };
  const journal = (k: number): Config => ({
    ...common,
    name: streamName(k),
    subjects: streamSubjects(k),
    discard: DiscardPolicy.New,
    discard_new_per_subject: true,
    max_msgs_per_subject: recordsPerActor,
    max_bytes: journalBytes,
  });
  const reminders: Config = {
    ...common,
    name: reminderStream,
    subjects: reminderSubjects,
    allow_msg_schedules: true,
    allow_msg_ttl: true, // no size limits: a full stream of schedules drops them silently
  };
  const telemetry: Config = {
    ...common,
    name: telemetryStream,
    subjects: telemetrySubjects,
    discard: DiscardPolicy.New, // answered means stored: never the oldest for the newest
    max_bytes: telemetryBytes,
  };
  return [...Array.from({ length: STREAMS }, (_, k) => journal(k)), reminders, telemetry];
}

// Takes archived records out of the streams, by a connection that may: role `all` or `actors`, or the
// maintenance user.
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Address } from "../../wire/envelope.ts";
import {
  addressOfState,
  leaderRead,
  stateSubject,
  streamName,
  streamOfShard,
  streamPurge,
} from "../../wire/subjects.ts";
import { type AckError, faultOf } from "./jetstream-faults.ts";
import { publisherOf } from "./publisher.ts";
import type { Purge } from "./trimmer.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The answer is an error, or how many were purged. */
interface Answer {
  error?: AckError;
  message?: { seq: number };
}

async function asked(connection: NatsConnection, subject: string, query: object): Promise<Answer> {
  const { request } = publisherOf(connection);
  const answer = await request(subject, encoder.encode(JSON.stringify(query)));
  const parsed = JSON.parse(decoder.decode(answer)) as Answer;
  if (parsed.error) throw faultOf(parsed.error);
  return parsed;
}

export const purgeOf = (connection: NatsConnection): Purge => async ({ shard, address }, seq) => {
  const filter = stateSubject(shard, address);
  await asked(connection, streamPurge(streamOfShard(shard)), { filter, seq });
};

export interface Leftover {
  address: Address;
  /** Records in the journal, and the sequence of the newest of them. */
  count: number;
  seq: number;
}

/** Actors of a stream with more than one record in it: those that no running trimmer has counted. */
export async function* leftoversOf(
  connection: NatsConnection,
  stream: number,
): AsyncGenerator<Leftover> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const name = streamName(stream);
  const { state } = await manager.streams.info(name, { subjects_filter: ">" });
  for (const [subject, count] of Object.entries(state.subjects ?? {})) {
    if (count < 2) continue;
    const { message } = await asked(connection, leaderRead(name), { last_by_subj: subject });
    yield { address: addressOfState(subject), count, seq: message!.seq };
  }
}

// Takes archived records out of the streams, by a connection that may: role `all` or `actors`, or the
// maintenance user.
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Address } from "../../wire/envelope.ts";
import { addressOfState, stateSubject, streamName, streamOfShard } from "../../wire/subjects.ts";
import { leaderOf } from "./leader.ts";
import type { Purge } from "./trimmer.ts";

export function purgeOf(connection: NatsConnection): Purge {
  const leader = leaderOf(connection);
  return ({ shard, address }, seq) =>
    leader.purge(streamOfShard(shard), { filter: stateSubject(shard, address), seq });
}

/** How many records of each actor a stream holds. */
export async function countsOf(
  connection: NatsConnection,
  stream: number,
): Promise<{ subject: string; count: number }[]> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const { state } = await manager.streams.info(streamName(stream), { subjects_filter: ">" });
  return Object.entries(state.subjects ?? {}).map(([subject, count]) => ({ subject, count }));
}

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
  const leader = leaderOf(connection);
  for (const { subject, count } of await countsOf(connection, stream)) {
    if (count < 2) continue;
    const newest = await leader.record(streamName(stream), { last_by_subj: subject });
    if (newest) yield { address: addressOfState(subject), count, seq: newest.seq };
  }
}

// Journals that misbehave, for tests alone: acknowledgements that never come or come too late,
// appends without the fence.
import type { NatsConnection } from "@nats-io/transport-node";
import { stateSubject } from "../../wire/subjects.ts";
import { type Clock, type Journal, JournalFault, sleep } from "../../server/runtime/mod.ts";
import { EXPECTED, marksToHeaders } from "../../server/store/jetstream-journal.ts";
import { publisherOf } from "../../server/store/publisher.ts";

export interface Misbehaviour {
  /** True: the record is stored and nobody is told. */
  swallow?: () => boolean;
  /** The record never reaches the journal. */
  lose?: () => boolean;
  /** The writer gives up now; its record is stored this much later. */
  lateMs?: () => number;
}

export interface FaultyJournal extends Journal {
  hits(): number;
}

export function faultyJournal(
  journal: Journal,
  clock: Clock,
  { swallow = () => false, lose = () => false, lateMs = () => 0 }: Misbehaviour,
): FaultyJournal {
  let hits = 0;
  const silent = () => {
    hits++;
    return new JournalFault("transient", "no acknowledgement in time");
  };
  return {
    ...journal,
    hits: () => hits,
    async append(place, bytes, marks) {
      if (lose()) throw silent();
      const late = lateMs();
      if (late > 0) {
        void sleep(clock, late).then(() => journal.append(place, bytes, marks)).catch(() => {});
        throw silent();
      }
      const done = await journal.append(place, bytes, marks);
      if (swallow()) throw silent();
      return done;
    },
  };
}

/** JetStream without the expected sequence: what the design would be worth without its fence. */
export function unfencedJournal(journal: Journal, connection: NatsConnection): Journal {
  const { publish } = publisherOf(connection);
  return {
    ...journal,
    async append({ shard, address }, bytes, marks) {
      const headers = marksToHeaders(marks);
      headers.delete(EXPECTED);
      const seq = await publish(stateSubject(shard, address), bytes, headers);
      return { seq };
    },
  };
}

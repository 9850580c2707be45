// The journal on JetStream: 16 streams, one subject an actor, every record published with the
// sequence it expects to follow. Reads go through the leader.
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { JetStreamManager, JsMsg } from "@nats-io/jetstream";
import { headers, type NatsConnection } from "@nats-io/transport-node";
import {
  placeOfState,
  reminderFired,
  remindersFiredAll,
  reminderStream,
  reminderSubject,
  stateSubject,
  streamName,
  streamOfShard,
} from "../../wire/subjects.ts";
import {
  type Journal,
  type JournalEntry,
  JournalFault,
  type Marks,
  type Place,
} from "../runtime/mod.ts";
import { follow, PULL } from "./jetstream-tail.ts";
import { BASE, leaderOf, NEXT_AT, PENDING, PREV_SUM, RECORD_ID } from "./leader.ts";
import { natsNotes, notedTail } from "./open-notes.ts";
import { type Marking, publisherOf } from "./publisher.ts";
import { FIRES, HEADER_BYTES } from "./streams.ts";

/** The fence: the server refuses the record where another one is the newest of its subject. */
export const EXPECTED = "Nats-Expected-Last-Subject-Sequence";
const FIRED_TTL = `${FIRES.keptMs / 3_600_000}h`; // the waker finds what nobody took for that long
const FIRES_CONSUMER = "fires"; // durable, shared by all nodes
const FIRES_AT_ONCE = 256;

export async function jetstreamJournal(connection: NatsConnection): Promise<Journal> {
  const js = jetstream(connection);
  const { publish } = publisherOf(connection);
  const leader = leaderOf(connection);
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const subjectOf = ({ shard, address }: Place) => stateSubject(shard, address);

  const tail: Journal["tail"] = async (stream, start, take, { headersOnly = false } = {}) => {
    const what = { stream: streamName(stream), start, headersOnly };
    return (await follow(js, what, (message: JsMsg) => take(entryOf(message)))).stop;
  };

  return {
    async append(place, bytes, marks) {
      const room = (connection.info?.max_payload ?? Infinity) - HEADER_BYTES;
      if (bytes.length > room) {
        throw new JournalFault("too-large", `record has ${bytes.length} bytes of at most ${room}`);
      }
      return { seq: await publish(subjectOf(place), bytes, marksToHeaders(marks)) };
    },
    last(place) {
      return leader.record(streamOfShard(place.shard), { last_by_subj: subjectOf(place) });
    },
    async schedule({ shard, address }, timerId, at) {
      const marks = headers();
      marks.set("Nats-Schedule", `@at ${new Date(at).toISOString()}`);
      marks.set("Nats-Schedule-Target", reminderFired(shard, address, timerId));
      marks.set("Nats-Schedule-TTL", FIRED_TTL);
      const subject = reminderSubject(shard, address, timerId);
      await publish(subject, new Uint8Array(), marks);
    },
    async fires(take) {
      await ensureFires(manager);
      const consumer = await js.consumers.get(reminderStream, FIRES_CONSUMER);
      const messages = await consumer.consume({ ...PULL, max_messages: FIRES_AT_ONCE });
      const ended = (async () => {
        for await (const message of messages) void fired(message, take);
      })();
      return async () => {
        messages.stop();
        await ended.catch(() => {});
      };
    },
    tail: notedTail(tail, natsNotes(connection)),
  };
}

/** What is stored beside a record; a test may take the expectation away. */
export function marksToHeaders(
  { expectedSeq, recordId, prevSum, pending, nextAt, base }: Marks,
): Marking {
  const marks = headers();
  marks.set(EXPECTED, `${expectedSeq}`);
  marks.set(RECORD_ID, recordId);
  if (prevSum) marks.set(PREV_SUM, prevSum);
  if (pending > 0) marks.set(PENDING, `${pending}`);
  if (nextAt !== null) marks.set(NEXT_AT, `${nextAt}`);
  if (base > 0) marks.set(BASE, `${base}`);
  return marks;
}

function entryOf(message: JsMsg): JournalEntry {
  const { subject, headers: marks } = message;
  const { timestampNanos, pending } = message.info;
  const nextAt = marks!.get(NEXT_AT);
  return {
    actor: subject,
    get place() {
      return placeOfState(subject);
    },
    seq: message.seq,
    recordId: marks!.get(RECORD_ID),
    prevSum: marks!.get(PREV_SUM),
    base: Number(marks!.get(BASE)),
    bytes: message.data,
    storedAt: Math.floor(timestampNanos / 1e6),
    pending: Number(marks!.get(PENDING) || 0),
    nextAt: nextAt ? Number(nextAt) : null,
    behind: pending,
  };
}

async function ensureFires(manager: JetStreamManager): Promise<void> {
  await manager.consumers.add(reminderStream, {
    durable_name: FIRES_CONSUMER,
    filter_subject: remindersFiredAll,
    ack_policy: AckPolicy.Explicit,
    ack_wait: FIRES.answerMs * 1e6,
    max_ack_pending: FIRES_AT_ONCE * 4,
  });
}

async function fired(
  message: JsMsg,
  take: (place: Place) => Promise<boolean>,
): Promise<void> {
  const seen = await take(placeOfState(message.subject)).catch(() => false);
  if (seen) message.ack();
  else message.nak(FIRES.againMs);
}

// Requests to JetStream, many at once: one inbox for all, one write for what is asked in the same
// moment. The client library's own request makes a timer, an error and a race for each.
import { setImmediate } from "node:timers";
import { createInbox, headers, type NatsConnection } from "@nats-io/transport-node";
import { JournalFault } from "../runtime/mod.ts";
import { type AckError, faultOf } from "./jetstream-faults.ts";

export type Marking = ReturnType<typeof headers>;

export interface Publisher {
  /** The server's answer; rejects with a transient fault where it said nothing. */
  request(subject: string, bytes: Uint8Array, marks?: Marking): Promise<Uint8Array>;
  /** Sequence of the stored message; throws what the server said, or that it said nothing. */
  publish(subject: string, bytes: Uint8Array, marks?: Marking): Promise<number>;
}

interface Waiting {
  until: number;
  subject: string;
  bytes: Uint8Array;
  marks: Marking | undefined;
  resolve(data: Uint8Array): void;
  reject(fault: JournalFault): void;
}

const ANSWER_MS = 1_000; // past it the outcome is open and the same record is tried again
const SWEEP_MS = 50;
const NO_RESPONDERS = 503;
const decoder = new TextDecoder();

const publishers = new WeakMap<NatsConnection, Publisher>();
/** One a connection. */
export function publisherOf(connection: NatsConnection): Publisher {
  let publisher = publishers.get(connection);
  if (!publisher) publishers.set(connection, publisher = makePublisher(connection));
  return publisher;
}

function makePublisher(connection: NatsConnection): Publisher {
  const inbox = createInbox();
  const waiting = new Map<string, Waiting>(); // in order of time, since all wait equally long
  let unsent: [token: string, one: Waiting][] = [];
  let sweeping = false;
  let n = 0;

  connection.subscribe(`${inbox}.*`, {
    callback(error, message) {
      if (error) return;
      const token = message.subject.slice(inbox.length + 1);
      const one = waiting.get(token);
      if (!one) return; // gave up before
      waiting.delete(token);
      const code = message.headers?.code;
      if (code === NO_RESPONDERS) return one.reject(silent("no stream listens"));
      one.resolve(message.data);
    },
  });

  function send() {
    const batch = unsent;
    unsent = [];
    for (const [token, { subject, bytes, marks }] of batch) {
      const reply = `${inbox}.${token}`;
      try {
        connection.publish(subject, bytes, { reply, ...(marks ? { headers: marks } : {}) });
      } catch (error) {
        waiting.get(token)?.reject(silent(String(error)));
        waiting.delete(token);
      }
    }
  }
  function sweep() {
    const now = performance.now();
    for (const [token, one] of waiting) {
      if (one.until > now) break;
      waiting.delete(token);
      one.reject(silent("no acknowledgement in time"));
    }
    sweeping = waiting.size > 0;
    if (sweeping) setTimeout(sweep, SWEEP_MS);
  }
  function request(subject: string, bytes: Uint8Array, marks?: Marking): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const token = (n++).toString(36);
      const until = performance.now() + ANSWER_MS;
      const one = { until, subject, bytes, marks, resolve, reject };
      waiting.set(token, one);
      if (unsent.push([token, one]) === 1) setImmediate(send);
      if (sweeping) return;
      sweeping = true;
      setTimeout(sweep, SWEEP_MS);
    });
  }
  return {
    request,
    publish: async (subject, bytes, marks) => sequenceIn(await request(subject, bytes, marks)),
  };
}

const silent = (words: string) => new JournalFault("transient", words);

function sequenceIn(data: Uint8Array): number {
  const ack = JSON.parse(decoder.decode(data)) as { seq?: number; error?: AckError };
  if (ack.error) throw faultOf(ack.error);
  if (ack.seq === undefined) throw silent("no acknowledgement");
  return ack.seq;
}

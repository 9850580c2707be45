// The runtime's network on core NATS.
import { setImmediate } from "node:timers";
import { createInbox, type NatsConnection } from "@nats-io/transport-node";
import type { Network } from "../runtime/mod.ts";

const NO_RESPONDERS = 503;

/** The server would close the connection for it. */
export class MessageTooLarge extends Error {
  override readonly name = "MessageTooLarge";
}

interface Unsent {
  subject: string;
  data: Uint8Array;
  reply: string | undefined;
}

export function natsNetwork(connection: NatsConnection): Network {
  let unsent: Unsent[] = [];

  /** What is published in one turn of the event loop goes out in one write. */
  function send() {
    const batch = unsent;
    unsent = [];
    if (connection.isClosed()) return; // a closed connection is a lost message, no error
    for (const { subject, data, reply } of batch) {
      connection.publish(subject, data, reply === undefined ? {} : { reply });
    }
  }
  return {
    publish(subject, data, reply) {
      const max = connection.info?.max_payload ?? Infinity;
      if (data.length > max) {
        throw new MessageTooLarge(`${subject}: ${data.length} of ${max} bytes`);
      }
      if (unsent.push({ subject, data, reply }) === 1) setImmediate(send);
    },
    subscribe(subject, { queue }, take) {
      const subscription = connection.subscribe(subject, {
        ...(queue === undefined ? {} : { queue }),
        callback(error, message) {
          if (error) return;
          const { reply, data } = message;
          const nobody = data.length === 0 && message.headers?.code === NO_RESPONDERS;
          take({
            subject: message.subject,
            data,
            ...(reply ? { reply } : {}),
            ...(nobody ? { nobody } : {}),
          });
        },
      });
      return () => {
        if (!connection.isClosed()) subscription.unsubscribe();
      };
    },
    inbox: () => createInbox(),
    async flush() {
      send();
      await connection.flush();
    },
  };
}

// The runtime's network on core NATS.
import { createInbox, type NatsConnection } from "@nats-io/transport-node";
import type { Network } from "../runtime/mod.ts";

const NO_RESPONDERS = 503;

export function natsNetwork(connection: NatsConnection): Network {
  return {
    publish(subject, data, reply) {
      if (connection.isClosed()) return; // a closed connection is a lost message, no error
      connection.publish(subject, data, reply === undefined ? {} : { reply });
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
    flush: () => connection.flush(),
  };
}

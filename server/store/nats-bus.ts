// Core messages with JSON bodies, as gateways use them.
import { headers, type MsgHdrs, type NatsConnection } from "@nats-io/transport-node";
import type { Bus } from "../ports.ts";

const NO_RESPONDERS = 503;

export function natsBus(connection: NatsConnection): Bus {
  const write = (data: unknown) => JSON.stringify(data ?? null);
  return {
    publish(subject, data, marks) {
      if (connection.isClosed()) return;
      connection.publish(subject, write(data), headed(marks));
    },
    async request(subject, data, timeoutMs, marks) {
      try {
        const options = { timeout: timeoutMs, ...headed(marks) };
        const answer = await connection.request(subject, write(data), options);
        return answer.json<unknown>();
      } catch {
        return null; // nobody there, too late, connection lost: the caller may ask again
      }
    },
    subscribe(subject, handler, { queue } = {}) {
      const subscription = connection.subscribe(subject, {
        ...(queue === undefined ? {} : { queue }),
        callback(error, message) {
          if (error || message.headers?.code === NO_RESPONDERS) return;
          const body = readJson(message.data);
          if (!body) return;
          const reply = message.reply
            ? { reply: (answer: unknown) => void message.respond(write(answer)) }
            : {};
          const { headers: marks } = message;
          const header = marks ? { header: (name: string) => marks.get(name) || undefined } : {};
          handler({ subject: message.subject, ...body, ...reply, ...header });
        },
      });
      return { stop: () => connection.isClosed() || subscription.unsubscribe() };
    },
  };
}

function headed(marks: Record<string, string> | undefined): { headers?: MsgHdrs } {
  if (!marks) return {};
  const all = headers();
  for (const [name, value] of Object.entries(marks)) all.set(name, value);
  return { headers: all };
}

const decoder = new TextDecoder();
/** Null: not JSON, so not from us. */
export function readJson(bytes: Uint8Array): { data: unknown } | null {
  try {
    return { data: bytes.length === 0 ? null : JSON.parse(decoder.decode(bytes)) };
  } catch {
    return null;
  }
}

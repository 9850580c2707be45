// The bus on the in-memory network: the same wire as the nodes of a test.
import type { Bus } from "../ports.ts";
import type { Clock, Network } from "../runtime/mod.ts";
import { readJson } from "./nats-bus.ts";

const encoder = new TextEncoder();

export function memoryBus(network: Network, clock: Clock): Bus {
  const write = (data: unknown) => encoder.encode(JSON.stringify(data ?? null));
  return {
    publish: (subject, data) => network.publish(subject, write(data)),
    request(subject, data, timeoutMs) {
      const inbox = network.inbox();
      return new Promise((answer) => {
        const end = (value: unknown) => {
          timer.cancel();
          stop();
          answer(value);
        };
        const timer = clock.after(timeoutMs, () => end(null));
        const stop = network.subscribe(inbox, {}, (message) => {
          end(message.nobody ? null : readJson(message.data)?.data ?? null);
        });
        network.publish(subject, write(data), inbox);
      });
    },
    subscribe(subject, handler, { queue } = {}) {
      const stop = network.subscribe(subject, queue === undefined ? {} : { queue }, (message) => {
        const body = readJson(message.data);
        if (!body) return;
        const to = message.reply;
        const reply = to ? { reply: (answer: unknown) => network.publish(to, write(answer)) } : {};
        handler({ subject: message.subject, ...body, ...reply });
      });
      return { stop };
    },
  };
}

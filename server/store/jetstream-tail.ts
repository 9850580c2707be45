// Follows a stream in order with a consumer that the client keeps itself: after a restart of the
// server it goes on from the last message seen, within seconds.
import type { ConsumerMessages, JetStreamClient, JsMsg } from "@nats-io/jetstream";
import { DeliverPolicy } from "@nats-io/jetstream";
import type { OrderedConsumerOptions } from "@nats-io/jetstream";
import type { Stop, TailStart } from "../runtime/mod.ts";

/** Short pulls and heartbeats: with the defaults an ordered consumer needs 39 s to come back. */
export const PULL = { expires: 5_000, idle_heartbeat: 1_000 };
const BATCH = 500; // messages on their way while the taker is busy

export interface Follow {
  stream: string;
  start: TailStart;
  filter?: string;
  headersOnly?: boolean;
  batch?: number;
}

export interface Following {
  /** Messages that waited when the following began. */
  behind: number;
  stop: Stop;
}

export async function follow(
  js: JetStreamClient,
  { stream, start, filter, headersOnly = false, batch = BATCH }: Follow,
  take: (message: JsMsg) => void | Promise<void>,
): Promise<Following> {
  const options: Partial<OrderedConsumerOptions> = {
    ...startOf(start),
    ...(filter === undefined ? {} : { filter_subjects: filter }),
    headers_only: headersOnly,
  };
  const consumer = await js.consumers.get(stream, options);
  const messages = await consumer.consume({ ...PULL, max_messages: batch });
  const ended = pump(messages, take);
  const { num_pending: behind } = await consumer.info(true);
  return {
    behind,
    stop: async () => {
      messages.stop();
      await ended.catch(() => {});
    },
  };
}

async function pump(
  messages: ConsumerMessages,
  take: (message: JsMsg) => void | Promise<void>,
): Promise<void> {
  for await (const message of messages) {
    const taken = take(message);
    if (taken) await taken;
  }
}

function startOf(start: TailStart): Partial<OrderedConsumerOptions> {
  switch (start.from) {
    case "new":
      return { deliver_policy: DeliverPolicy.New };
    case "newest":
      return { deliver_policy: DeliverPolicy.LastPerSubject };
    case "seq":
      return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: start.seq };
  }
}

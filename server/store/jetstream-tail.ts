// Follows a stream in order with a consumer that the client keeps itself: after a restart of the
// server it goes on from the last message seen, within seconds.
import type { ConsumerMessages, JetStreamClient, JsMsg } from "@nats-io/jetstream";
import { DeliverPolicy } from "@nats-io/jetstream";
import type { OrderedConsumerOptions } from "@nats-io/jetstream";
import type { Stop, TailStart } from "../runtime/mod.ts";

/** Short pulls and heartbeats: with the defaults an ordered consumer needs 39 s to come back. */
export const PULL = { expires: 5_000, idle_heartbeat: 1_000 };
const AGAIN_MS = 1_000;
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

/** Follows until stopped: a consumer that ends is made again behind the last message seen. */
export async function follow(
  js: JetStreamClient,
  { stream, start, filter, headersOnly = false, batch = BATCH }: Follow,
  take: (message: JsMsg) => void | Promise<void>,
): Promise<Following> {
  let from = start;
  let stopped = false;
  let messages: ConsumerMessages;

  async function open(): Promise<number> {
    const consumer = await js.consumers.get(stream, {
      ...startOf(from),
      ...(filter === undefined ? {} : { filter_subjects: filter }),
      headers_only: headersOnly,
    });
    messages = await consumer.consume({ ...PULL, max_messages: batch });
    return (await consumer.info(true)).num_pending;
  }
  async function pump(): Promise<void> {
    for await (const message of messages) {
      from = { from: "seq", seq: message.seq + 1 };
      const taken = take(message);
      if (taken) await taken;
    }
  }
  async function keep(): Promise<void> {
    while (!stopped) {
      await pump().catch(() => {});
      while (!stopped && !(await again())) await pause();
    }
  }
  const pause = () => new Promise<void>((done) => setTimeout(done, AGAIN_MS));
  const again = () => open().then(() => true, () => false);

  const behind = await open();
  const ended = keep();
  return {
    behind,
    stop: async () => {
      stopped = true;
      messages.stop();
      await ended;
    },
  };
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

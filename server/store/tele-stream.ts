// Batches of readings on the TELE stream: stored means acknowledged by the server.
import type { NatsConnection } from "@nats-io/transport-node";
import { asJournalFault, backOff, type Clock, type Random, sleep } from "../runtime/mod.ts";
import { publisherOf } from "./publisher.ts";
import type { StoreBatch } from "./tele-writer.ts";

const TRIES = 5;
const PAUSE_MS = 50;
const PAUSE_MS_MAX = 1_000;

/** A batch may be stored twice where an acknowledgement got lost: readings are unique by their fields. */
export function teleStream(connection: NatsConnection, clock: Clock, random: Random): StoreBatch {
  const { publish } = publisherOf(connection);
  return async (subject, bytes) => {
    for (let n = 0;; n++) {
      try {
        await publish(subject, bytes);
        return;
      } catch (error) {
        const fault = asJournalFault(error);
        if (fault.code !== "transient" || n >= TRIES) throw fault;
        await sleep(clock, backOff(random, n, PAUSE_MS, PAUSE_MS_MAX));
      }
    }
  };
}

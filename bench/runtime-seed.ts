// Actors that the journal knows already: valid first records, published as fast as they can be.
import type { NatsConnection } from "@nats-io/transport-node";
import { placeOf } from "../server/runtime/mod.ts";
import { jetstreamJournal } from "../server/store/mod.ts";
import type { JournalRecord } from "../wire/envelope.ts";
import { seal } from "../server/runtime/record.ts";
import { timed } from "./rounds.ts";
import { counterAt, firstRecord } from "./runtime-counter.ts";

const AT_ONCE = 512;

export interface SeedJob {
  from: number;
  to: number;
  /** Ids are `<round>-<n>`. */
  round: string;
  pad: number;
}

/** Seconds that it took. */
export async function seedRecords(
  connection: NatsConnection,
  { from, to, round, pad }: SeedJob,
): Promise<number> {
  const journal = await jetstreamJournal(connection);
  const { seconds } = await timed({ callers: AT_ONCE, count: to - from }, async (n) => {
    const id = `${round}-${from + n}`;
    const { bytes } = seal(firstRecord(id, pad), "");
    await journal.append(placeOf(counterAt(id)), bytes, {
      expectedSeq: 0,
      recordId: `seed-${id}`,
      prevSum: "",
      pending: 0,
      nextAt: null,
    });
  });
  return seconds;
}

/** A stored text as the first of its chain, whatever was changed in it. */
export function resealed(text: string): Uint8Array {
  const { sum: _, ...draft } = JSON.parse(text) as JournalRecord;
  return seal(draft, "").bytes;
}

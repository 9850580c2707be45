// Follows the journal for screens: the newest record of every actor, then all that follow.
import type { Address, JournalRecord } from "../../wire/envelope.ts";
import { STREAMS } from "../../wire/subjects.ts";
import { type Stop, unseal } from "../runtime/mod.ts";
import { presentRecordOf } from "./actors.ts";
import type { Base } from "./base.ts";

export interface Records {
  /** How far the newest record heard was behind when it came. */
  lagMs(): number;
  stop(): Promise<void>;
}

export async function followRecords(
  { journal, clock, log }: Base,
  take: (address: Address, record: JournalRecord, seq: number) => void,
): Promise<Records> {
  let lagMs = 0;
  const stops: Stop[] = await Promise.all(
    Array.from(
      { length: STREAMS },
      (_, stream) =>
        journal.tail(stream, { from: "newest" }, (entry) => {
          lagMs = entry.behind === 0 ? 0 : Math.max(0, clock.now() - entry.storedAt);
          const { address } = entry.place;
          try {
            const record = unseal(entry.bytes, entry.prevSum);
            take(address, presentRecordOf(record, address.kind), entry.seq);
          } catch (error) {
            log.error(
              { ...address, seq: entry.seq, error: String(error) },
              "record cannot be shown",
            );
          }
        }),
    ),
  );
  return {
    lagMs: () => lagMs,
    async stop() {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}

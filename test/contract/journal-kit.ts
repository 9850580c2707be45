// Records, places and the two journals, for the suites of the journal.
import { freshIds, type Marks, type Place, placeOf } from "../../server/runtime/mod.ts";
import { inMemory, onJetStream } from "./journal-world.ts";

export const journals = [["memory", inMemory], ["JetStream", onJetStream]] as const;

export const bytesOf = (text: string) => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
export const freshId = freshIds();

/** An actor that nobody knows yet; `besides`: in the same stream as that shard. */
export function fresh(besides?: number): Place {
  for (;;) {
    const place = placeOf({ tenant: "main", kind: "tally", id: freshId() });
    if (besides === undefined || place.shard % 16 === besides % 16) return place;
  }
}

export const marks = (expectedSeq: number, more: Partial<Marks> = {}): Marks => ({
  expectedSeq,
  recordId: freshId(),
  prevSum: "",
  pending: 0,
  nextAt: null,
  base: 0,
  ...more,
});

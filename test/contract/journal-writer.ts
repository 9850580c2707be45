// One writer that appends record after record to an actor, each until its fate is known, as the
// runtime does; for the suites in which the journal goes away meanwhile.
import { expect } from "vitest";
import { type Journal, JournalFault, type Place } from "../../server/runtime/mod.ts";
import { pause, until } from "../kit/pause.ts";
import { bytesOf, marks } from "./journal-kit.ts";

const AGAIN_MS = 10;
const BETWEEN_MS = 5; // an actor's records are bounded, a fast disk would reach that

export function writer(journal: Journal, place: Place) {
  const stored = { seq: 0, texts: [] as string[] };
  let running = true;
  let refusedMs = 0;
  async function one(text: string): Promise<void> {
    const record = marks(stored.seq);
    const begun = performance.now();
    for (;;) {
      try {
        stored.seq = (await journal.append(place, bytesOf(text), record)).seq;
        break;
      } catch (error) {
        if (!(error instanceof JournalFault)) throw error;
        if (error.code === "wrong-sequence") {
          const newest = await journal.last(place).catch(() => null);
          if (newest?.recordId === record.recordId) {
            stored.seq = newest.seq;
            break;
          }
        } else expect(error.code).toBe("transient");
      }
      await pause(AGAIN_MS);
    }
    refusedMs = Math.max(refusedMs, performance.now() - begun);
    stored.texts.push(text);
  }
  const ended = (async () => {
    for (let n = 0; running; n++) {
      await one(`${n}`);
      await pause(BETWEEN_MS);
    }
  })();
  return {
    stored,
    /** Longest time that a record took since this was asked last. */
    refusedMs() {
      const longest = refusedMs;
      refusedMs = 0;
      return Math.round(longest);
    },
    async more(count: number) {
      const before = stored.texts.length;
      await until(() => stored.texts.length >= before + count);
    },
    stop: async () => {
      running = false;
      await ended;
    },
  };
}

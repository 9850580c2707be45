// The journal on three servers while the leader of a stream changes under appends: no record is lost
// or doubled, and what was acknowledged is never older than what a reader is shown.
import { expect, test } from "vitest";
import type { Journal, Place } from "../../server/runtime/mod.ts";
import { pause, until } from "../kit/pause.ts";
import { fresh, textOf } from "./journal-kit.ts";
import { writer } from "./journal-writer.ts";
import { inMemory, onCluster } from "./journal-world.ts";

/** Reads the newest record again and again: never older than one acknowledged before. */
function reader(journal: Journal, place: Place, acknowledged: () => number) {
  let running = true;
  const stale: string[] = [];
  const ended = (async () => {
    while (running) {
      const before = acknowledged();
      const newest = await journal.last(place).catch(() => undefined);
      if (newest !== undefined && (newest?.seq ?? 0) < before) {
        stale.push(`${newest?.seq}<${before}`);
      }
      await pause(1);
    }
  })();
  return {
    stop: async () => {
      running = false;
      await ended;
      return stale;
    },
  };
}

test.each([["memory", inMemory], ["a cluster of JetStream", onCluster]] as const)(
  "a change of the leader loses and doubles nothing in %s",
  async (name, open) => {
    await using world = await open();
    const place = fresh();
    const write = writer(world.journal, place);
    const read = reader(await world.other(), place, () => write.stored.seq);
    await write.more(20);
    const refused: number[] = [];
    for (const change of ["stepDown", "killLeader", "stepDown"] as const) {
      write.refusedMs();
      await world[change](place, 1_500);
      await write.more(20);
      refused.push(write.refusedMs());
    }
    await write.stop();
    expect(await read.stop()).toEqual([]);
    const seen: string[] = [];
    const stop = await (await world.other()).tail(
      place.shard % 16,
      { from: "seq", seq: 1 },
      (entry) => {
        seen.push(textOf(entry.bytes));
      },
    );
    const { length } = write.stored.texts;
    await until(() => seen.length >= length);
    await stop();
    expect(seen).toEqual(write.stored.texts);
    console.log(`${name}: ${length} records; longest wait for one, ms: ${refused.join()}`);
  },
  120_000,
);

// The journal while its server dies, comes back or stands still under appends, and while another one of
// three leads: nothing acknowledged is lost or older than what a reader is shown, nothing is stored
// twice, followers and timers go on by themselves. All cases run at once: they mostly wait.
import { describe, expect, test } from "vitest";
import type { Journal, Place, Stop } from "../../server/runtime/mod.ts";
import { pause, until } from "../kit/pause.ts";
import { bytesOf, fresh, freshId, journals, marks, textOf } from "./journal-kit.ts";
import { inMemory, onCluster } from "./journal-world.ts";
import { writer } from "./journal-writer.ts";

describe.concurrent.each(journals)("an outage of the journal in %s", (name, open) => {
  test("a restart under appends loses and doubles nothing, followers and timers go on", async () => {
    await using world = await open();
    const { journal } = world;
    const place = fresh();
    const write = writer(journal, place);
    const seen: string[] = [];
    const late: string[] = [];
    const woken: string[] = [];
    const follow = (into: string[]) => ({ place: { address }, bytes }: Seen) => {
      if (address.id === place.address.id) into.push(textOf(bytes));
    };
    const stops: Stop[] = [
      await journal.tail(place.shard % 16, { from: "newest" }, follow(seen)),
      await journal.fires((at) => Promise.resolve(woken.push(at.address.id) > 0)),
    ];
    await write.more(10);
    const due = [fresh(), fresh()];
    await journal.schedule(due[0]!, freshId(), Date.now() + 400); // while it is away
    await journal.schedule(due[1]!, freshId(), Date.now() + 2_500);
    for (const gently of [false, true]) {
      await world.restart(800, gently);
      await write.more(10);
      stops.push(
        await journal.tail(place.shard % 16, { from: "seq", seq: 1 }, follow(late)),
      );
    }
    await write.stop();
    const { texts } = write.stored;
    await until(() => seen.at(-1) === texts.at(-1));
    expect(seen).toEqual(texts.slice(texts.indexOf(seen[0]!)));
    await until(() => late.length === 2 * texts.length);
    await until(() => due.every(({ address: { id } }) => woken.includes(id)));
    await Promise.all(stops.map((stop) => stop()));
    console.log(`${name}: ${texts.length} records, longest wait ${write.refusedMs()} ms`);
  });

  test("a record that is stored after its writer's time-out is found to be there", async () => {
    await using world = await open();
    const { journal } = world;
    const place = fresh();
    const { seq } = await journal.append(place, bytesOf("0"), marks(0));
    const record = marks(seq);
    const thaw = await world.freeze();
    await expect(journal.append(place, bytesOf("1"), record)).rejects
      .toMatchObject({ code: "transient" });
    thaw();
    await until(async () =>
      (await journal.last(place).catch(() => null))?.recordId === record.recordId
    );
    await expect(journal.append(place, bytesOf("1"), record)).rejects
      .toMatchObject({ code: "wrong-sequence" });
    expect(await world.seqs(place)).toHaveLength(2);
  });

  test("what is asked of a journal that is away is told to be open while it is away", async () => {
    await using world = await open();
    const { journal } = world;
    const place = fresh();
    const thaw = await world.freeze(); // and not before all three were told
    const asked = await Promise.allSettled([
      journal.append(place, bytesOf("1"), marks(0)),
      journal.last(place),
      journal.schedule(place, freshId(), Date.now() + 60_000),
    ]);
    for (const one of asked) {
      expect(one).toMatchObject({ status: "rejected", reason: { code: "transient" } });
    }
    thaw();
  });

  test("nobody's answer wakes again, whether its taker threw, said no or never answered", async () => {
    await using world = await open();
    const { journal } = world;
    const place = fresh();
    const answers = [
      () => Promise.reject(new Error("taker died")),
      () => Promise.resolve(false),
      () => new Promise<boolean>(() => {}),
      () => Promise.resolve(true),
    ];
    const at: number[] = [];
    const stop = await journal.fires(({ address: { id } }) => {
      if (id !== place.address.id) return Promise.resolve(true);
      return answers[at.push(performance.now()) - 1]!();
    });
    await journal.schedule(place, freshId(), Date.now());
    await until(() => at.length === answers.length);
    await stop();
  });
});

type Seen = { place: { address: { id: string } }; bytes: Uint8Array };

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

describe.concurrent.each([["memory", inMemory], ["a cluster of JetStream", onCluster]] as const)(
  "a change of the journal's leader in %s",
  (name, open) =>
    test("loses and doubles nothing, what was acknowledged is read", async () => {
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
    }),
);

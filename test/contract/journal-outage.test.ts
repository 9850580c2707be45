// The journal while its server dies, comes back or stands still under appends: nothing acknowledged
// is lost, nothing is stored twice, followers and timers go on by themselves.
import { describe, expect, test } from "vitest";
import type { Stop } from "../../server/runtime/mod.ts";
import { until } from "../kit/pause.ts";
import { bytesOf, fresh, freshId, journals, marks, textOf } from "./journal-kit.ts";
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
    const { over } = await world.freeze(1_500);
    await expect(journal.append(place, bytesOf("1"), record)).rejects
      .toMatchObject({ code: "transient" });
    await over;
    await until(async () =>
      (await journal.last(place).catch(() => null))?.recordId === record.recordId
    );
    await expect(journal.append(place, bytesOf("1"), record)).rejects
      .toMatchObject({ code: "wrong-sequence" });
    expect(await world.seqs(place)).toHaveLength(2);
  });

  test("what is asked of a journal that is away is told to be open within its time", async () => {
    await using world = await open();
    const { journal } = world;
    const place = fresh();
    const { over } = await world.freeze(1_600);
    const begun = performance.now();
    const asked = await Promise.allSettled([
      journal.append(place, bytesOf("1"), marks(0)),
      journal.last(place),
      journal.schedule(place, freshId(), Date.now() + 60_000),
    ]);
    expect(performance.now() - begun).toBeLessThan(1_600);
    for (const one of asked) {
      expect(one).toMatchObject({ status: "rejected", reason: { code: "transient" } });
    }
    await over;
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

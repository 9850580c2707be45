// How an actor's records leave the journal, over both journals: by a purge up to a
// sequence. The newest record and what may follow it stay.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Journal, Place, TailStart } from "../../server/runtime/mod.ts";
import { until } from "../kit/pause.ts";
import { bytesOf, fresh, journals, marks, textOf } from "./journal-kit.ts";
import { type JournalWorld, onCluster } from "./journal-world.ts";

describe.each([...journals, ["a cluster", onCluster] as const])(
  "trimming the journal in %s",
  (_name, open) => {
    let world: JournalWorld;
    let journal: Journal;
    beforeAll(async () => {
      world = await open({ recordsPerActor: 10 });
      journal = world.journal;
    });
    afterAll(() => world?.[Symbol.asyncDispose]());

    /** Sequences of an actor's records, oldest first. */
    async function append(place: Place, count: number, after = 0): Promise<number[]> {
      const seqs = [after];
      for (let i = 0; i < count; i++) {
        const { seq } = await journal.append(place, bytesOf(`${i}`), marks(seqs.at(-1)!));
        seqs.push(seq);
      }
      return seqs.slice(1);
    }

    test("a purge takes the records of one actor only", async () => {
      const place = fresh();
      const beside = fresh(place.shard);
      const [of] = await append(beside, 1);
      const seqs = await append(place, 3);
      await world.purge(place, seqs[2]);
      expect(await world.seqs(place)).toEqual([seqs[2]]);
      expect(await world.seqs(beside)).toEqual([of]);
      expect(textOf((await journal.last(place))!.bytes)).toBe("2");
    });

    test("a full actor is freed by a purge", async () => {
      const place = fresh();
      const seqs = await append(place, 10);
      const more = journal.append(place, bytesOf("x"), marks(seqs.at(-1)!));
      await expect(more).rejects.toMatchObject({ code: "subject-full" });
      await world.purge(place, seqs.at(-1));
      expect(await append(place, 9, seqs.at(-1))).toHaveLength(9);
    });

    test("a purge up to a sequence keeps the newest record and its expectation", async () => {
      const place = fresh();
      const seqs = await append(place, 5);
      await world.purge(place, seqs[4]);
      expect(await world.seqs(place)).toEqual([seqs[4]]);
      expect((await journal.last(place))!.seq).toBe(seqs[4]);
      for (const wrong of [0, seqs[3]!]) {
        await expect(journal.append(place, bytesOf("x"), marks(wrong)))
          .rejects.toMatchObject({ code: "wrong-sequence" });
      }
      expect(await append(place, 1, seqs[4])).toHaveLength(1);
    });

    const follow = async (place: Place, start: TailStart, take?: () => Promise<void>) => {
      const seen: number[] = [];
      const stop = await journal.tail(place.shard % 16, start, async (entry) => {
        if (entry.place.address.id !== place.address.id) return;
        seen.push(entry.seq);
        await take?.();
      });
      return { seen, stop };
    };

    test("a follower from a place that is purged gets what is left, in order", async () => {
      const place = fresh();
      const seqs = await append(place, 5);
      await world.purge(place, seqs[3]);
      const starts: TailStart[] = [
        { from: "seq", seq: 1 },
        { from: "seq", seq: seqs[1]! },
        { from: "seq", seq: seqs[3]! },
        { from: "seq", seq: seqs[4]! },
        { from: "newest" },
        { from: "seq", seq: seqs[4]! + 1 },
        { from: "new" },
      ];
      const all = await Promise.all(starts.map((start) => follow(place, start)));
      const [next] = await append(place, 1, seqs[4]);
      const left = [seqs[3], seqs[4], next];
      const expected = [left, left, left, left.slice(1), left.slice(1), [next], [next]];
      await until(() => all.every(({ seen }) => seen.at(-1) === next));
      expect(all.map(({ seen }) => seen)).toEqual(expected);
      await Promise.all(all.map(({ stop }) => stop()));
    });

    test("a follower far behind a purge misses what is gone and nothing else", async () => {
      const place = fresh();
      const trimmed = async (count: number) => { // ten may lie there at once
        let after = 0;
        for (let i = 0; i < count; i++) {
          ({ seq: after } = await journal.append(place, bytesOf(`${i}`), marks(after)));
          if (i % 5 === 4) await world.purge(place, after);
        }
        return after;
      };
      let release!: () => void;
      const released = new Promise<void>((done) => release = done);
      const { seen, stop } = await follow(place, { from: "new" }, () => released);
      const last = await trimmed(1_500);
      release();
      await until(() => seen.at(-1) === last);
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.length).toBeLessThan(1_500);
      await stop();
    });

    test("who follows the newest of each gets one record of an actor that was trimmed", async () => {
      const place = fresh();
      const seqs = await append(place, 3);
      await world.purge(place, seqs[2]);
      const { seen, stop } = await follow(place, { from: "newest" });
      await until(() => seen.length > 0);
      expect(seen).toEqual([seqs[2]]);
      await stop();
    });
  },
);

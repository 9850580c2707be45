// What only a real server can do: go away and come back.
import { expect, test } from "vitest";
import { placeOf } from "../../server/runtime/mod.ts";
import { onJetStream } from "./journal-world.ts";

const DOWN_MS = 1_000;
const place = placeOf({ tenant: "main", kind: "tally", id: "restarted" });
const marksOf = (expectedSeq: number) => ({
  expectedSeq,
  recordId: `r${expectedSeq}`,
  prevSum: "",
  pending: 0,
  nextAt: null,
  base: 0,
});

test("after a restart of the server appends, followers and timers go on within seconds", async () => {
  await using world = await onJetStream();
  const { journal } = world;
  const { seq } = await journal.append(place, new Uint8Array([1]), marksOf(0));
  const seen: number[] = [];
  const woken: string[] = [];
  await journal.tail(place.shard % 16, { from: "newest" }, (entry) => void seen.push(entry.seq));
  await journal.fires((at) => Promise.resolve(woken.push(at.address.id) > 0));
  await expect.poll(() => seen, { timeout: 5_000 }).toEqual([seq]);
  await journal.schedule(place, "t1", Date.now() + DOWN_MS / 2);

  await world.restart(DOWN_MS);
  const begun = performance.now();
  const append = async () => {
    try {
      return (await journal.append(place, new Uint8Array([2]), marksOf(seq))).seq;
    } catch (error) {
      if ((error as { code?: string }).code === "wrong-sequence") {
        return (await journal.last(place))!.seq; // an earlier try got through
      }
      return 0;
    }
  };
  await expect.poll(append, { timeout: 10_000 }).toBeGreaterThan(seq);
  const appended = performance.now() - begun;
  await expect.poll(() => seen.length, { timeout: 15_000 }).toBe(2);
  const followed = performance.now() - begun;
  await expect.poll(() => woken, { timeout: 15_000 }).toEqual(["restarted"]);
  const fired = performance.now() - begun;
  console.log(`after restart, ms: append ${appended | 0}, tail ${followed | 0}, fire ${fired | 0}`);
  expect(followed).toBeLessThan(8_000);
});

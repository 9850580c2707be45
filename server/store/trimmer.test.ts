// When the trimmer purges: after fifteen more records, or once the actor is quiet; again where it failed,
// never twice for the same records.
import { expect, test } from "vitest";
import { noLog, noMetrics, type Place } from "../runtime/mod.ts";
import { virtualClock } from "../../test/race/virtual-clock.ts";
import { Trimmer } from "./trimmer.ts";

const at = (id: string) => ({ tenant: "main", kind: "tally", id });

function setUp(
  purge: (seq: number) => Promise<void>,
  blocked: (key: string) => boolean = () => false,
) {
  const clock = virtualClock();
  const purges: number[] = [];
  const trimmer = new Trimmer({
    clock,
    log: noLog,
    metrics: noMetrics,
    db: null!, // nothing ends here
    blocked,
    limits: { endedKeepMs: 0 },
    times: { quietMs: 1_000, sweepMs: 100, endedMs: Infinity },
    purge: (_place: Place, seq: number) => {
      purges.push(seq);
      return purge(seq);
    },
  });
  let seq = 0;
  const archive = (count: number) => {
    for (let i = 0; i < count; i++) trimmer.archived(at("a"), ++seq);
  };
  return { clock, purges, archive };
}
const done = () => Promise.resolve();

test("a busy actor is trimmed after each fifteen records beside its newest", async () => {
  const { clock, purges, archive } = setUp(done);
  archive(14);
  await clock.advance(500);
  expect(purges).toEqual([]);
  archive(17);
  await clock.advance(200);
  expect(purges).toEqual([15, 30]);
});

test("a quiet actor keeps its newest record, and is asked about no more", async () => {
  const { clock, purges, archive } = setUp(done);
  archive(3);
  await clock.advance(60_000);
  expect(purges).toEqual([3]);
  archive(1); // seldom, but the third one still lies there
  await clock.advance(60_000);
  expect(purges).toEqual([3, 4]);
});

test("records that come during a slow purge are trimmed by the next one", async () => {
  let go = () => {};
  const { clock, purges, archive } = setUp(() => new Promise((end) => go = end));
  archive(15);
  await clock.advance(3_000); // sweeps pass while it is under way
  expect(purges).toEqual([15]);
  archive(14);
  go();
  await clock.advance(3_000);
  expect(purges).toEqual([15, 29]);
});

test("a purge that failed is made again, and an actor whose records are in doubt is left alone", async () => {
  let failing = true;
  const { clock, purges, archive } = setUp(() =>
    failing ? Promise.reject(new TypeError("no server")) : done()
  );
  archive(16);
  await clock.advance(1_500);
  expect(purges.length).toBeGreaterThan(1);
  failing = false;
  await clock.advance(1_500);
  const tries = purges.length;
  await clock.advance(60_000);
  expect(purges).toHaveLength(tries);

  const doubtful = setUp(done, (key) => key === "main/tally/a");
  doubtful.archive(40);
  await doubtful.clock.advance(60_000);
  expect(doubtful.purges).toEqual([]);
});

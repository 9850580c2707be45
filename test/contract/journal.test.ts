// One suite over both journals: what the runtime relies on holds in memory as on a real server.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { store } from "../../server/runtime/append.ts";
import { envOf } from "../../server/runtime/env.ts";
import { headOf, loadHead } from "../../server/runtime/head.ts";
import type { Head } from "../../server/runtime/turn.ts";
import {
  type Draft,
  type Journal,
  type JournalEntry,
  type Place,
  systemClock,
} from "../../server/runtime/mod.ts";
import { faultyJournal } from "../race/faulty-journal.ts";
import { tally } from "../race/tally.ts";
import { bytesOf, fresh, freshId, journals, marks, textOf } from "./journal-kit.ts";
import type { JournalWorld } from "./journal-world.ts";

const RECORDS = 100; // of one actor
const within = (task: () => unknown, timeout = 8_000) => expect.poll(task, { timeout });

const nobody = () => Promise.resolve({ ok: false, fault: { code: "unavailable" } } as const);
const envWith = (journal: Journal) =>
  envOf({ node: "test", actors: [], journal, network: null! }, nobody);

/** The next record of the actor, in which nothing happened. */
const emptyDraft = ({ draft }: Head, at: number): Draft => {
  const principal = { kind: "system", id: "test" } as const;
  const cause = { command: "c", type: "Nothing", principal, correlation: "c" };
  return { ...draft, v: draft.v + 1, at, cause, events: [] };
};

/** Stores an empty next record of the actor, as a turn does. */
async function step(journal: Journal, place: Place, ttlMs = 5_000) {
  const head = await loadHead(envWith(journal), tally, place);
  return await store(envWith(journal), {
    place,
    head,
    draft: emptyDraft(head, Date.now()),
    recordId: freshId(),
    timers: [],
    deadline: performance.now() + ttlMs,
  });
}

describe.each(journals)("journal in %s", (_name, open) => {
  let world: JournalWorld;
  let journal: Journal;
  beforeAll(async () => {
    world = await open({ recordsPerActor: RECORDS });
    journal = world.journal;
  });
  afterAll(() => world?.[Symbol.asyncDispose]());

  test("an actor without records has no newest one, and its first record follows 0", async () => {
    const place = fresh();
    expect(await journal.last(place)).toBeNull();
    const first = marks(0, { prevSum: "" });
    const { seq } = await journal.append(place, bytesOf("one"), first);
    const second = marks(seq, { prevSum: "abc" });
    const next = await journal.append(place, bytesOf("two"), second);
    const newest = await journal.last(place);
    expect(newest).toMatchObject({
      seq: next.seq,
      recordId: second.recordId,
      prevSum: "abc",
    });
    expect(textOf(newest!.bytes)).toBe("two");
  });

  test("of two records after the same one, one is refused", async () => {
    const place = fresh();
    const other = await world.other();
    const tries = await Promise.allSettled([
      journal.append(place, bytesOf("a"), marks(0)),
      other.append(place, bytesOf("b"), marks(0)),
    ]);
    expect(tries.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
    const lost = tries.find((one) => one.status === "rejected")!;
    expect(lost.reason).toMatchObject({ name: "JournalFault", code: "wrong-sequence" });
  });

  test("an expectation of a sequence that never was is refused", async () => {
    const fault = journal.append(fresh(), bytesOf("a"), marks(77));
    await expect(fault).rejects.toMatchObject({ code: "wrong-sequence" });
  });

  test("a record whose acknowledgement got lost is found again and counts once", async () => {
    const place = fresh();
    let first = true;
    const swallow = () => first && !(first = false);
    const faulty = faultyJournal(journal, systemClock, { swallow });
    const stored = await step(faulty, place);
    expect(faulty.hits()).toBe(1);
    expect(stored).toMatchObject({ outcome: "stored" });
    expect(headOf(tally, await journal.last(place)).draft.v).toBe(1);
  });

  test("a record that is stored after its writer gave up waiting counts once", async () => {
    const place = fresh();
    let first = true;
    const lateMs = () => first && !(first = false) ? 100 : 0;
    const stored = await step(faultyJournal(journal, systemClock, { lateMs }), place);
    expect(stored).toMatchObject({ outcome: "stored" });
    await new Promise((done) => setTimeout(done, 200)); // past the late copy
    expect(headOf(tally, await journal.last(place)).draft.v).toBe(1);
  });

  test("while nothing is acknowledged the outcome is unknown at the end of its time", async () => {
    const faulty = faultyJournal(journal, systemClock, { lose: () => true });
    expect(await step(faulty, fresh(), 300)).toEqual({ outcome: "unknown" });
  });

  test("who lost the race gets the winner's record", async () => {
    const place = fresh();
    const head = await loadHead(envWith(journal), tally, place);
    await step(journal, place);
    const winner = await journal.last(place);
    const lost = await store(envWith(journal), {
      place,
      head,
      draft: emptyDraft(head, 1),
      recordId: freshId(),
      timers: [],
      deadline: performance.now() + 5_000,
    });
    expect(lost).toMatchObject({ outcome: "lost", newest: { recordId: winner!.recordId } });
  });

  test("after its records were purged an actor begins at 0 again", async () => {
    const place = fresh();
    const { seq } = await journal.append(place, bytesOf("a"), marks(0));
    await world.purge(place);
    expect(await journal.last(place)).toBeNull();
    await expect(journal.append(place, bytesOf("b"), marks(seq))).rejects
      .toMatchObject({ code: "wrong-sequence" });
    await journal.append(place, bytesOf("c"), marks(0));
  });

  test("a record of the largest size is stored, a larger one is refused for good", async () => {
    const place = fresh();
    const most = 1_048_576 - 1_024; // the server's limit of a message, less the room for our marks
    const long = { prevSum: "a".repeat(64), pending: 32, nextAt: 1_900_000_000_000 };
    const { seq } = await journal.append(place, new Uint8Array(most), marks(0, long));
    const more = new Uint8Array(most + 1);
    await expect(journal.append(place, more, marks(seq))).rejects
      .toMatchObject({ code: "too-large" });
    expect(await journal.last(place)).toMatchObject({ seq, prevSum: long.prevSum });
  });

  test("a record id that is stored already says nothing to the journal: the sequence decides", async () => {
    const place = fresh();
    const record = marks(0);
    const { seq } = await journal.append(place, bytesOf("a"), record);
    await expect(journal.append(place, bytesOf("a"), record)).rejects
      .toMatchObject({ code: "wrong-sequence" });
    expect(await journal.last(place)).toMatchObject({ seq, recordId: record.recordId });
    const again = await journal.append(place, bytesOf("a"), { ...record, expectedSeq: seq });
    expect(await world.seqs(place)).toEqual([seq, again.seq]);
  });

  test("an actor with as many records as may be is refused for good", async () => {
    const place = fresh();
    let seq = 0;
    for (let i = 0; i < RECORDS; i++) {
      ({ seq } = await journal.append(place, bytesOf(`${i}`), marks(seq)));
    }
    await expect(journal.append(place, bytesOf("more"), marks(seq))).rejects
      .toMatchObject({ code: "subject-full" });
    expect((await journal.last(place))?.seq).toBe(seq);
    await expect(journal.append(place, bytesOf("more"), marks(1))).rejects // the expectation first
      .toMatchObject({ code: "wrong-sequence" });
  });

  test("a follower gets the newest of each actor and then all in order", async () => {
    const place = fresh();
    const { seq: one } = await journal.append(place, bytesOf("1"), marks(0, { pending: 1 }));
    const { seq: two } = await journal.append(place, bytesOf("2"), marks(one, { nextAt: 5 }));
    const seen: JournalEntry[] = [];
    const own = (entry: JournalEntry) => {
      if (entry.place.address.id === place.address.id) seen.push(entry);
    };
    const stop = await journal.tail(place.shard % 16, { from: "newest" }, own);
    await within(() => seen.length).toBe(1);
    await journal.append(place, bytesOf("3"), marks(two, { pending: 2 }));
    await within(() => seen.map((entry) => textOf(entry.bytes))).toEqual(["2", "3"]);
    expect(seen[0]).toMatchObject({ place, seq: two, pending: 0, nextAt: 5 });
    expect(seen[1]).toMatchObject({ pending: 2, nextAt: null });
    expect(Math.abs(seen[1]!.storedAt - Date.now())).toBeLessThan(60_000);
    await stop();
  });

  test("a follower of headers alone gets no bytes; one from a sequence misses nothing", async () => {
    const place = fresh();
    const { seq } = await journal.append(place, bytesOf("1"), marks(0));
    const after: string[] = [];
    const bare: number[] = [];
    const stream = place.shard % 16;
    const mine = (entry: JournalEntry) => entry.place.address.id === place.address.id;
    const stops = await Promise.all([
      journal.tail(stream, { from: "seq", seq }, (entry) => {
        if (mine(entry)) after.push(textOf(entry.bytes));
      }),
      journal.tail(stream, { from: "newest" }, (entry) => {
        if (mine(entry)) bare.push(entry.bytes.length);
      }, { headersOnly: true }),
    ]);
    await journal.append(place, bytesOf("2"), marks(seq));
    await within(() => after).toEqual(["1", "2"]);
    await within(() => bare).toEqual([0, 0]);
    await Promise.all(stops.map((stop) => stop()));
  });

  test("a schedule wakes one of those who listen, again until it was seen to", async () => {
    const place = fresh();
    const woken: number[] = [];
    const take = (by: number) => (at: Place) => {
      if (at.address.id === place.address.id) woken.push(by);
      return Promise.resolve(woken.length > 1);
    };
    const stops = await Promise.all([
      journal.fires(take(1)),
      (await world.other()).fires(take(2)),
    ]);
    const begun = Date.now();
    await journal.schedule(place, freshId(), begun + 300);
    await within(() => woken.length).toBe(2);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(300);
    await new Promise((done) => setTimeout(done, 1_500)); // past another delivery
    expect(woken.length).toBe(2);
    await Promise.all(stops.map((stop) => stop()));
  });

  test("a schedule in the past wakes at once", async () => {
    const place = fresh();
    let woken = 0;
    const stop = await journal.fires((at) => {
      if (at.address.id === place.address.id) woken++;
      return Promise.resolve(true);
    });
    await journal.schedule(place, freshId(), Date.now() - 5_000);
    await within(() => woken).toBe(1);
    await stop();
  });
});

describe.each(journals)("full journal in %s", (_name, open) => {
  test("a full stream refuses for good and serves what it has, until there is room", async () => {
    await using world = await open({ streamBytes: 100_000 });
    const { journal } = world;
    const place = fresh();
    const beside = fresh(place.shard);
    const bytes = new Uint8Array(24_000);
    let seq = 0;
    const fill = async (count: number) => {
      for (let i = 0; i < count; i++) ({ seq } = await journal.append(place, bytes, marks(seq)));
    };
    await expect(fill(5)).rejects.toMatchObject({ code: "stream-full" });
    expect((await journal.last(place))?.seq).toBe(seq);
    await expect(journal.append(beside, bytes, marks(0))).rejects
      .toMatchObject({ code: "stream-full" });
    const wrong = journal.append(place, bytes, marks(seq - 1));
    await expect(wrong).rejects.toMatchObject({ code: "wrong-sequence" });
    expect(await world.seqs(place)).toHaveLength(4);

    await world.purge(place, seq);
    await fill(2);
    await journal.append(beside, bytes, marks(0));
    await expect(fill(1)).rejects.toMatchObject({ code: "stream-full" });
  });
});

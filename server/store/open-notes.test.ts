// A follower that is started again goes on from its note: it is handed what was open, then what came
// since, and never what a note of another history says.
import { expect, test } from "vitest";
import { virtualClock } from "../../test/race/virtual-clock.ts";
import { type JournalEntry, placeOf } from "../runtime/mod.ts";
import { stateSubject } from "../../wire/subjects.ts";
import { memoryJournal } from "./memory-journal.ts";
import { type Note, notedTail, type Notes } from "./open-notes.ts";

const NOTE_MS = 1_000;
const headers = { headersOnly: true };
const place = (id: string) => placeOf({ tenant: "main", kind: "tally", id });
const subjectOf = (id: string) => stateSubject(place(id).shard, place(id).address);
const a = "a";
const stream = place(a).shard % 16;

function setUp() {
  const clock = virtualClock();
  const journal = memoryJournal({ clock });
  let note: Note | null = null;
  let valid = true;
  const notes: Notes = {
    write: (_stream, seq, open) => Promise.resolve(void (note = { seq, epoch: "", open })),
    read: () => Promise.resolve(valid ? note : null),
  };
  const starts: string[] = [];
  const tail = notedTail(
    (of, start, ...more) => {
      starts.push(start.from);
      // The real journal names an actor by its subject.
      const [take, options] = more;
      const named = (entry: JournalEntry) =>
        take({ ...entry, actor: stateSubject(entry.place.shard, entry.place.address) });
      return journal.tail(of, start, named, options);
    },
    notes,
    clock,
    NOTE_MS,
  );
  let seq = 0;
  const append = async (id: string, pending: number, nextAt: number | null = null) => {
    const marks = { recordId: `${seq}`, prevSum: "", pending, nextAt, base: 0 };
    const before = journal.history(place(id)).at(-1)?.seq ?? 0;
    const stored = journal.append(place(id), new Uint8Array(9), { ...marks, expectedSeq: before });
    await clock.advance(1);
    ({ seq } = await stored);
  };
  const follow = async () => {
    const seen: [string, number, number | null][] = [];
    const stop = await tail(stream, { from: "newest" }, ({ actor, pending, nextAt }) => {
      seen.push([actor, pending, nextAt]);
    }, headers);
    await clock.advance(10);
    return { seen, stop };
  };
  return { clock, append, follow, starts, forget: () => valid = false };
}

test("who starts again is handed what is open, and what came since", async () => {
  const { clock, append, follow, starts } = setUp();
  await append(a, 2, 77);
  const first = await follow();
  await clock.advance(2 * NOTE_MS);
  await first.stop();
  const second = await follow();
  expect(second.seen).toEqual([[subjectOf(a), 2, 77]]);
  await append(a, 0);
  await clock.advance(2 * NOTE_MS);
  expect(second.seen.at(-1)).toEqual([subjectOf(a), 0, null]);
  await second.stop();
  const third = await follow();
  expect(third.seen).toEqual([]); // nothing is open any more
  expect(starts).toEqual(["newest", "seq", "seq"]);
  await third.stop();
});

test("without a note, or with one of another history, all begins with the newest records", async () => {
  const { clock, append, follow, starts, forget } = setUp();
  await append(a, 1);
  const first = await follow();
  await clock.advance(2 * NOTE_MS);
  await first.stop();
  forget();
  const second = await follow();
  expect(second.seen).toEqual([[subjectOf(a), 1, null]]);
  expect(starts).toEqual(["newest", "newest"]);
  await second.stop();
});

// Shapes over time, one actor in memory: what older releases stored is lifted, what a later one stored
// is left alone, what is written may be the shape before.
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { AnyActor } from "../../actors/kit/mod.ts";
import { type Release, releases } from "../../test/kit/crate.ts";
import { memoryWorld } from "../../test/race/memory-world.ts";
import type { JournalRecord } from "../../wire/envelope.ts";
import { placeOf } from "../routing/mod.ts";
import type { Alarms } from "./env.ts";
import { presentRecord } from "../present.ts";
import { LaterShape, unseal } from "./mod.ts";
import { canonicalText, type Draft } from "./record.ts";

const at = (id: string) => ({ tenant: "main", kind: "crate", id });
const driver = { kind: "driver", id: "usr_1" } as const;
const actorOf = (release: Release): AnyActor => releases[release];

function worldOf() {
  const world = memoryWorld();
  const rung: string[] = [];
  const alarms: Alarms = {
    breach: () => void rung.push("breach"),
    quarantined: () => void rung.push("quarantined"),
  };
  const start = (release: Release, name: string = release) =>
    world.node(name, { actors: [actorOf(release)], alarms });
  let n = 0;
  const put = (to: string, word: string, more: object = {}) => ({
    id: `k${n++}`,
    to: at(to),
    type: "Put",
    body: { by: 1, word, ...more },
    principal: driver,
  });
  const records = (id: string): JournalRecord[] =>
    world.journal.history(placeOf(at(id))).map(({ bytes, prevSum }) => unseal(bytes, prevSum));
  return { world, rung, start, put, records };
}

test("each release goes on from what the ones before it stored", async () => {
  const { world, start, put, records } = worldOf();
  const order: Release[] = ["r1", "r2w1", "r2", "r3w2", "r3"];
  for (const [i, release] of order.entries()) {
    const { node, crash } = await start(release);
    const reply = await world.wait(node.ask(put("a", `w${i}`)));
    expect(reply).toMatchObject({ ok: true, body: { total: i + 1 } });
    crash();
  }
  expect(records("a").map(({ sv }) => sv)).toEqual([1, 1, 2, 2, 3]);
  expect(records("a").map(({ events }) => events[0]!.sv)).toEqual([1, 1, 2, 2, 3]);
  const words = order.map((_, i) => [`w${i}`, 1]);
  expect(records("a").at(-1)!.state).toEqual({ sum: { whole: 5 }, words });
});

test("every stored record is shown in the newest shape, state and events", async () => {
  const { world, start, put, records } = worldOf();
  for (const release of ["r1", "r2", "r3"] as const) {
    const { node, crash } = await start(release);
    await world.wait(node.ask(put("a", release)));
    crash();
  }
  const shown = records("a").map((record) => presentRecord(actorOf("r3"), record));
  expect(shown.map(({ sv, state }) => [sv, (state as { sum: object }).sum])).toEqual([
    [3, { whole: 1 }],
    [3, { whole: 2 }],
    [3, { whole: 3 }],
  ]);
  const event = { type: "Added", sv: 3, amount: { whole: 1 }, tell: null };
  expect(shown.map(({ events }) => events)).toEqual(
    ["r1", "r2", "r3"].map((word) => [{ ...event, word }]),
  );
  const [, second] = records("a");
  expect(() => presentRecord(actorOf("r1"), second!)).toThrow(LaterShape);
  expect(() => presentRecord(actorOf("r1"), { ...second!, sv: 1 })).toThrow(LaterShape); // its event
  expect(presentRecord(undefined, second!)).toBe(second);
});

test("a record without events, made from a lifted state, says the shape that it has", async () => {
  const { world, start, put, records } = worldOf();
  const old = await start("r1");
  await world.wait(old.node.ask(put("b", "x", { tell: "c" })));
  old.crash(); // the neighbour was not told yet
  const { node } = await start("r2");
  await world.wait(node.inspect(at("b")));
  await world.clock.until(() => records("b").at(-1)!.out.length === 0, 60_000);
  const last = records("b").at(-1)!;
  expect(last.cause.type).toBe("$sent");
  expect(last).toMatchObject({ sv: 2, state: { sum: { whole: 1 } } });
});

test("an earlier release answers nothing of a later one's actor, and no alarm rings", async () => {
  const { world, rung, start, put, records } = worldOf();
  const next = await start("r2");
  await world.wait(next.node.ask(put("d", "x")));
  next.crash();
  const { node } = await start("r1");
  for (let i = 0; i < 5; i++) {
    const reply = await world.wait(node.ask({ ...put("d", "y"), ttlMs: 500 }));
    expect(reply).toEqual({ ok: false, fault: { code: "unavailable" } });
  }
  const read = { to: at("d"), name: "show", principal: driver };
  expect(await world.wait(node.read(read))).toMatchObject({ fault: { code: "unavailable" } });
  expect(records("d")).toHaveLength(1);
  expect(rung).toEqual([]);
  const again = await start("r2");
  expect(await world.wait(node.ask(put("d", "z")))).toMatchObject({ ok: true, body: { total: 2 } });
  expect(await world.wait(node.read(read))).toMatchObject({ body: { total: 2 } });
  expect(await world.wait(again.node.ask(put("d", "z2")))).toMatchObject({ body: { total: 3 } });
});

test("who lost the race to a later release hands the command on to it", async () => {
  const { world, rung, start, put, records } = worldOf();
  const old = await start("r1");
  await world.wait(old.node.ask(put("e", "x")));
  const next = await start("r2");
  const asked = Array.from(
    { length: 20 },
    (_, i) => (i % 2 ? old : next).node.ask(put("e", `w${i}`)),
  );
  const replies = await world.wait(Promise.all(asked));
  expect(replies.filter(({ ok }) => !ok)).toEqual([]);
  const state = presentRecord(actorOf("r2"), records("e").at(-1)!).state;
  expect(state).toMatchObject({ sum: { whole: 21 } });
  expect(rung).toEqual([]);
});

/** Bytes of a record as a release to come may write it: other members, the same last one. */
function sealedAs(text: string, prevSum: string): Uint8Array {
  const sum = createHash("sha256").update(prevSum).update(text).digest("hex");
  return new TextEncoder().encode(`${text.slice(0, -1)},"sum":"${sum}"}`);
}

test("a record of a later version is told apart from a damaged one", () => {
  const cause = { command: "c", type: "t", principal: driver, correlation: "c" };
  const members = { v: 1, sv: 1, at: 1, cause, events: [], state: null };
  const draft: Draft = { ...members, done: [], in: {}, out: [], timers: {} };
  const text = canonicalText(draft);
  expect(unseal(sealedAs(text, "p"), "p")).toMatchObject(draft);
  const later = text.replace(`"state":`, `"rv":2,"stamp":"x","state":`);
  expect(() => unseal(sealedAs(later, "p"), "p")).toThrow(LaterShape);
  expect(() => unseal(sealedAs(later, "p"), "q")).toThrow("does not match its sum");
});

import { expect, test } from "vitest";
import { faultyJournal } from "../../test/race/faulty-journal.ts";
import { everyShard } from "../../test/race/every-shard.ts";
import { at, driver, memoryWorld } from "../../test/race/memory-world.ts";
import { JournalFault, placeOf } from "./mod.ts";

const add = (id: string, more = {}) => ({
  id,
  to: at("t"),
  type: "Add",
  body: { by: 1 },
  principal: driver,
  ...more,
});

test("a refusal is stored before it is answered, and answered the same for ever", async () => {
  const world = memoryWorld();
  const { node } = await world.node("a");
  const much = add("k1", { body: { by: 2_000_000 } });
  const first = await world.wait(node.ask(much));
  expect(first).toMatchObject({ ok: false, v: 1, refusal: { code: "tally.full" } });
  await world.wait(node.ask(add("k2")));
  expect(await world.wait(node.ask(much))).toEqual({ ...first, replay: true });
  expect(world.journal.history(placeOf(at("t")))).toHaveLength(2);
});

test("what any node would refuse at any time leaves no record", async () => {
  const world = memoryWorld();
  const { node } = await world.node("a");
  const device = add("k1", { type: "Ring", principal: { kind: "device", id: "d" } });
  expect(await world.wait(node.ask(device)))
    .toMatchObject({ ok: false, refusal: { code: "auth.forbidden" } });
  expect(await world.wait(node.ask(add("k2", { type: "Unheard" }))))
    .toMatchObject({ ok: false, refusal: { code: "auth.forbidden" } });
  expect(world.journal.history(placeOf(at("t")))).toHaveLength(0);
});

test("while the journal is silent the outcome is unknown; the same key finds it out later", async () => {
  const world = memoryWorld();
  let silent = true;
  const { node } = await world.node(
    "a",
    {},
    (journal) => faultyJournal(journal, world.clock, { swallow: () => silent }),
  );
  const first = await world.wait(node.ask(add("k1", { ttlMs: 1_000 })));
  // The record is in the journal: the fence found it although no acknowledgement came.
  expect(first).toMatchObject({ ok: true, v: 1 });
  silent = false;
  let lost = true;
  const dark = await world.node(
    "b",
    { placement: everyShard("b") },
    (journal) => faultyJournal(journal, world.clock, { lose: () => lost }),
  );
  const unknown = await world.wait(dark.node.ask(add("k2", { ttlMs: 1_000 })));
  expect(unknown).toEqual({ ok: false, fault: { code: "outcome.unknown" } });
  lost = false;
  expect(await world.wait(dark.node.ask(add("k2")))).toMatchObject({ ok: true, v: 2 });
});

test("an append that may still arrive is not called undone when the next try is refused", async () => {
  const world = memoryWorld();
  let tries = 0;
  const { node } = await world.node("a", {}, (journal) => ({
    ...journal,
    append: () => {
      const code = tries++ === 0 ? "transient" : "stream-full";
      return Promise.reject(new JournalFault(code, "not now"));
    },
  }));
  expect(await world.wait(node.ask(add("k1")))).toEqual({
    ok: false,
    fault: { code: "outcome.unknown" },
  });
  const copies = await world.wait(Promise.all([
    node.ask(add("k1")),
    node.ask(add("k1", { ttlMs: -1 })),
    node.ask(add("k2", { to: at("other") })),
  ]));
  expect(copies.map((copy) => "fault" in copy && copy.fault.code)).toEqual([
    "outcome.unknown",
    "outcome.unknown",
    "overloaded",
  ]);
});

test("an actor stays in memory while an append of it may still arrive", async () => {
  const world = memoryWorld();
  let isAway = false;
  const away = () => Promise.reject(new JournalFault("transient", "away"));
  const limits = { idleMs: 1_000, sweepMs: 1_000 };
  const { node } = await world.node("a", { limits }, (journal) => ({
    ...journal,
    append: (place, bytes, marks) => isAway ? away() : journal.append(place, bytes, marks),
    last: (place) => isAway ? away() : journal.last(place),
  }));
  await world.wait(node.ask(add("k0")));
  isAway = true;
  const unknown = await world.wait(node.ask(add("k1", { ttlMs: 1_000 })));
  expect(unknown).toEqual({ ok: false, fault: { code: "outcome.unknown" } });
  await world.clock.advance(50_000);
  const copy = await world.wait(node.ask(add("k1", { ttlMs: 1_000 })));
  expect(copy).toEqual({ ok: false, fault: { code: "outcome.unknown" } });
  isAway = false;
  await world.clock.advance(90_000);
  expect(node.status().residents).toBe(0);
});

test("a late copy of what was done is answered with what was done, other late ones are turned away", async () => {
  const world = memoryWorld();
  const { node } = await world.node("a");
  await world.wait(node.ask(add("k0")));
  const asked = [
    node.ask(add("k1")),
    node.ask(add("k1", { ttlMs: -1 })),
    node.ask(add("k2", { ttlMs: -1 })),
  ];
  const [done, copy, late] = await world.wait(Promise.all(asked));
  expect(done).toMatchObject({ ok: true, v: 2 });
  expect(copy).toEqual({ ...done, replay: true });
  expect(late).toEqual({ ok: false, fault: { code: "overloaded" } });
});

test("after an append that nobody answered, a copy is not called undone", async () => {
  const world = memoryWorld();
  let silent = true;
  const { node } = await world.node("a", {}, (journal) => ({
    ...faultyJournal(journal, world.clock, { swallow: () => silent }),
    last: (place) =>
      silent ? Promise.reject(new JournalFault("transient", "away")) : journal.last(place),
  }));
  silent = false;
  await world.wait(node.ask(add("k0")));
  silent = true;
  const asked = [node.ask(add("k1", { ttlMs: 1_000 })), node.ask(add("k1", { ttlMs: 1_000 }))];
  const unknown = { ok: false, fault: { code: "outcome.unknown" } };
  expect(await world.wait(Promise.all(asked))).toEqual([unknown, unknown]);
  silent = false;
  expect(await world.wait(node.ask(add("k1")))).toMatchObject({ ok: true, v: 2 });
});

test("a device is not refused from a state that another node has left behind", async () => {
  const world = memoryWorld();
  const [a, b] = [
    await world.node("a", { placement: everyShard("a") }),
    await world.node("b", { placement: everyShard("b") }),
  ];
  const some = (id: string, by: number) => add(id, { body: { by } });
  await world.wait(a.node.ask(some("k1", 900_000)));
  expect((await world.state(b.node, "t")).total).toBe(900_000); // in its memory from here on
  await world.wait(a.node.ask(some("k2", -900_000)));
  const fact = { ...some("k3", 200_000), principal: device };
  expect(await world.wait(b.node.ask(fact))).toMatchObject({ ok: true, body: { total: 200_000 } });
});

test("an actor whose records are full refuses cleanly and still shows what it has", async () => {
  const world = memoryWorld({ recordsPerActor: 20 });
  const { node } = await world.node("a");
  for (let n = 0; n < 20; n++) await world.wait(node.ask(add(`k${n}`, { principal: device })));
  expect(await world.wait(node.ask(add("more", { principal: device }))))
    .toEqual({ ok: false, fault: { code: "overloaded" } });
  expect((await world.state(node, "t")).total).toBe(20);
});
const device = { kind: "device", id: "d" } as const;

test("a kind of actor may remember fewer answers than others; a full ring refuses all but stops", async () => {
  const world = memoryWorld();
  const { node } = await world.node("a", {
    limitsByKind: { tally: { done: 2, doneKeepMs: 60_000 } },
  });
  for (const id of ["k1", "k2"]) expect((await world.wait(node.ask(add(id)))).ok).toBe(true);
  expect(await world.wait(node.ask(add("k3")))).toMatchObject({ fault: { code: "overloaded" } });
  expect((await world.wait(node.ask(add("k4", { class: "stop" })))).ok).toBe(true);
  await world.clock.advance(61_000);
  expect((await world.wait(node.ask(add("k3")))).ok).toBe(true);
});

test("the last quarter of an actor's records is kept for stops", async () => {
  const world = memoryWorld();
  const { node } = await world.node("a", { limits: { records: 8 } });
  for (let n = 0; n < 6; n++) await world.wait(node.ask(add(`k${n}`)));
  expect(await world.wait(node.ask(add("more")))).toMatchObject({ fault: { code: "overloaded" } });
  expect((await world.wait(node.ask(add("stop", { class: "stop" })))).ok).toBe(true);
});

test("a broken invariant drops the turn; twice in a minute the actor serves stops alone", async () => {
  const world = memoryWorld();
  const rung: string[] = [];
  const { node } = await world.node("a", {
    alarms: {
      breach: ({ id }) => rung.push(`breach ${id}`),
      quarantined: ({ id }) => rung.push(`quarantined ${id}`),
    },
  });
  const broken = (id: string) => add(id, { type: "Break", body: { when: "evolve" } });
  expect(await world.wait(node.ask(broken("k1")))).toMatchObject({
    fault: { code: "unavailable" },
  });
  expect((await world.wait(node.ask(add("k2")))).ok).toBe(true);
  await world.wait(node.ask(broken("k3")));
  expect(rung).toEqual(["breach t", "breach t", "quarantined t"]);
  await world.clock.advance(1_000); // its memory is there again
  expect(await world.wait(node.ask(add("k4")))).toMatchObject({ fault: { code: "unavailable" } });
  expect((await world.wait(node.ask(add("k5", { class: "stop" })))).ok).toBe(true);
  expect((await world.wait(node.ask(add("k6", { to: at("other") })))).ok).toBe(true);
});

test("breaches far apart do not quarantine", async () => {
  const world = memoryWorld();
  const { node } = await world.node("a");
  for (const id of ["k1", "k2", "k3"]) {
    await world.wait(node.ask(add(id, { type: "Break", body: { when: "decide" } })));
    await world.clock.advance(61_000);
  }
  expect((await world.wait(node.ask(add("k4")))).ok).toBe(true);
});

test("a damaged record is never served from", async () => {
  const world = memoryWorld();
  const place = placeOf(at("t"));
  const bytes = new TextEncoder().encode('{"v":1}');
  const marks = { expectedSeq: 0, recordId: "r", prevSum: "", pending: 0, nextAt: null, base: 0 };
  await world.wait(world.journal.append(place, bytes, marks));
  const { node } = await world.node("a");
  expect(await world.wait(node.ask(add("k1")))).toMatchObject({ fault: { code: "unavailable" } });
  const read = node.read({ to: at("t"), name: "state", principal: driver });
  expect(await world.wait(read)).toMatchObject({ fault: { code: "unavailable" } });
});

test("more commands than the mailbox holds are turned away at once, stops are not", async () => {
  const world = memoryWorld({ appendMs: () => 50 });
  const { node } = await world.node("a", { limits: { mailbox: 4 } });
  const all = Array.from({ length: 12 }, (_, n) => node.ask(add(`k${n}`)));
  const stop = node.ask(add("stop", { class: "stop" }));
  const replies = await world.wait(Promise.all(all));
  const turned = replies.filter((one) => "fault" in one && one.fault.code === "overloaded");
  expect(turned.length).toBeGreaterThanOrEqual(6);
  expect((await world.wait(stop)).ok).toBe(true);
  expect((await world.state(node, "t")).total).toBe(12 - turned.length + 1);
});

test("two nodes on one actor: a command left for later is answered where it waits", async () => {
  const world = memoryWorld();
  let answer = (_body: unknown) => {};
  const shop = () =>
    new Promise<{ ok: true; body: unknown }>((done) => answer = (body) => done({ ok: true, body }));
  const [a, b] = [
    await world.node("a", { placement: everyShard("a"), ports: { shop } }),
    await world.node("b", { placement: everyShard("b"), ports: { shop } }),
  ];
  const ask = add("k1", { type: "AskLater", body: { word: "w" }, ttlMs: 20_000 });
  const first = a.node.ask(ask);
  await world.clock.advance(100);
  const second = b.node.ask(ask); // the same key at the other node joins the wait
  await world.clock.advance(100);
  answer("here");
  expect(await world.wait(second)).toMatchObject({ ok: true, body: "here" });
  expect(await world.wait(first)).toMatchObject({ ok: true, body: "here" });
});

test("a waiting read hears of a newer state, also from another node, else at its end", async () => {
  const world = memoryWorld();
  const a = await world.node("a", { placement: everyShard("a") });
  const b = await world.node("b", { placement: everyShard("b") });
  await world.wait(a.node.ask(add("k1")));
  const wait = (waitMs: number, sinceV: number) =>
    a.node.read({ to: at("t"), name: "state", principal: driver, sinceV, waitMs });
  const news = wait(20_000, 1);
  await world.clock.advance(50);
  await world.wait(b.node.ask(add("k2")));
  const begun = world.clock.tick();
  expect(await world.wait(news)).toMatchObject({ ok: true, v: 2, body: { total: 2 } });
  expect(world.clock.tick() - begun).toBeLessThan(600); // its own node looks now and then
  expect(await world.wait(wait(500, 2))).toMatchObject({ ok: true, v: 2 });
});

test("a clock that was an hour ahead for a moment makes no timer an hour late", async () => {
  const world = memoryWorld();
  let aheadMs = 0;
  const { tick, after } = world.clock;
  const clock = { tick, after, now: () => world.clock.now() + aheadMs };
  const { node } = await world.node("a", { clock });
  aheadMs = 3_600_000;
  await world.wait(node.ask(add("k1")));
  aheadMs = 0;
  await world.clock.advance(1_000);
  const inspected = await world.wait(node.inspect(at("t")));
  const asOf = inspected.ok ? inspected.asOf : 0;
  expect(asOf - world.clock.now()).toBeGreaterThan(3_500_000); // its time never goes back
  const ring = { type: "Ring", body: { name: "tea", at: asOf + 11_000 } };
  await world.wait(node.ask({ id: "k2", to: at("t"), principal: driver, ...ring }));
  await world.clock.advance(8_000);
  expect((await world.state(node, "t")).rung).toEqual([]);
  await world.clock.advance(4_000);
  expect((await world.state(node, "t")).rung).toEqual(["tea"]);
});

test("signals change memory, show on screens and bring about commands, once per state", async () => {
  const world = memoryWorld();
  const { node } = await world.node("a");
  const shown: unknown[] = [];
  world.network.port("screen").subscribe("live.main.tally.screen", {}, ({ data }) => {
    shown.push(JSON.parse(new TextDecoder().decode(data)));
  });
  await world.wait(node.ask(add("k1")));
  node.signal(at("t"), { powerW: 7 });
  for (let n = 0; n < 3; n++) node.signal(at("t"), { add: 5 });
  await world.clock.advance(100);
  expect(shown.at(-1)).toEqual({ seen: 4, total: 1 });
  expect((await world.state(node, "t")).total).toBe(6);
  const seen = node.read({ to: at("t"), name: "seen", principal: driver });
  expect(await world.wait(seen)).toMatchObject({ body: 4 });
});

test("a signal to an actor that is not in memory loads it", async () => {
  const world = memoryWorld();
  const { node } = await world.node("a");
  node.signal(at("t"), { add: 1 });
  node.signal(at("t"), { add: 2 }); // newest wins while it is being loaded
  await world.clock.advance(100);
  expect((await world.state(node, "t")).total).toBe(2);
});

test("a cancelled or moved timer does not fire, whatever its schedule says", async () => {
  const world = memoryWorld();
  const { node } = await world.node("a");
  const ring = (id: string, type: string, ms: number, name = "tea") =>
    world.wait(node.ask(add(id, { type, body: { name, at: world.clock.now() + ms } })));
  await ring("k1", "Ring", 1_000);
  await ring("k2", "Ring", 5_000); // moved
  await ring("k3", "Ring", 2_000, "egg");
  await ring("k4", "Hush", 0, "egg");
  await world.clock.advance(4_000);
  expect((await world.state(node, "t")).rung).toEqual([]);
  await world.clock.advance(2_000);
  expect((await world.state(node, "t")).rung).toEqual(["tea"]);
});

test("a timer wakes an actor that left memory", async () => {
  const world = memoryWorld();
  const { node } = await world.node("a", { limits: { idleMs: 1_000, sweepMs: 500 } });
  const due = world.clock.now() + 60_000;
  await world.wait(node.ask(add("k1", { type: "Ring", body: { name: "tea", at: due } })));
  await world.clock.advance(30_000);
  expect(node.status().residents).toBe(0);
  await world.clock.advance(31_000);
  expect((await world.state(node, "t")).rung).toEqual(["tea"]);
});

test("a node that leaves finishes what it took in, and others serve at once", async () => {
  const world = memoryWorld({ appendMs: () => 20 });
  const a = await world.node("a");
  const b = await world.node("b");
  const mine = Array.from({ length: 40 }, (_, n) => a.node.ask(add(`k${n}`, { to: at(`t${n}`) })));
  const stopped = a.node.stop();
  const replies = await world.wait(Promise.all(mine));
  expect(replies.every((one) => one.ok)).toBe(true);
  await world.wait(stopped);
  const begun = world.clock.tick();
  const later = Array.from({ length: 40 }, (_, n) => b.node.ask(add(`l${n}`, { to: at(`t${n}`) })));
  expect((await world.wait(Promise.all(later))).every((one) => one.ok)).toBe(true);
  expect(world.clock.tick() - begun).toBeLessThan(1_000);
});

test("inspection tells where an actor lives and what it is busy with", async () => {
  const world = memoryWorld();
  const { node } = await world.node("a", { ports: { shop: () => new Promise(() => {}) } });
  const due = world.clock.now() + 9_000;
  await world.wait(node.ask(add("k1", { type: "Ring", body: { name: "tea", at: due } })));
  await world.wait(node.ask(add("k2", { type: "Fetch", body: { word: "w" } })));
  expect(await world.wait(node.inspect(at("t")))).toMatchObject({
    ok: true,
    body: {
      node: "a",
      v: 2,
      mailbox: 0,
      done: 2,
      timers: { tea: due },
      out: [{ id: "tally/t#2.0", lane: "shop", to: "shop" }],
    },
  });
});

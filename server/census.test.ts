import { expect, test } from "vitest";
import { Causes, censusOf, Heat, Tally } from "./census.ts";
import { type NodeOptions, noMetrics, type Tracer } from "./runtime/mod.ts";
import { at, driver, type MemoryWorld, memoryWorld } from "../test/race/memory-world.ts";

class Closed extends Error {
  override name = "Closed";
}

/** A node with its census. */
async function counted(world: MemoryWorld, more: Partial<NodeOptions> = {}) {
  const metrics = new Tally(noMetrics, world.clock);
  const heat = new Heat(world.clock);
  const causes = new Causes();
  const ports = causes.watch(more.ports ?? {});
  const { node } = await world.node("a", { ...more, ports, metrics });
  const census = () =>
    censusOf(world.clock, [...node.shown()], {
      heat,
      tally: metrics,
      causes,
      appendsOpen: node.appendsOpen(),
    });
  return { node, census };
}

const ask = (id: string, to: string, type: string, body: object, more = {}) => ({
  id,
  to: at(to),
  type,
  body: { ...body },
  principal: driver,
  ...more,
});

test("the census names the hottest actors of the last minute and forgets them after two", async () => {
  const world = memoryWorld({ appendMs: () => 4 });
  const { node, census } = await counted(world);
  for (let n = 0; n < 12; n++) {
    for (let i = 0; i <= n; i++) {
      await world.wait(node.ask(ask(`k${n}-${i}`, `t${n}`, "Add", { by: 1 })));
    }
  }
  const now = census();
  expect(now.kinds).toEqual({ tally: 12 });
  expect(now.hottest).toHaveLength(10);
  expect(now.hottest[0]).toEqual({ actor: at("t11"), perMinute: 12 });
  expect(now.hottest.map(({ perMinute }) => perMinute)).toEqual([
    12,
    11,
    10,
    9,
    8,
    7,
    6,
    5,
    4,
    3,
  ]);
  expect(now.appends).toEqual({ open: 0, count: 78, p50Ms: 4, p99Ms: 4 });
  await world.clock.advance(61_000);
  census(); // as a page does that is open
  await world.clock.advance(60_000);
  expect(census()).toMatchObject({ hottest: [], appends: { count: 0, p50Ms: 0 } });
});

test("long mailboxes and commands refused for them are counted by class", async () => {
  const world = memoryWorld({ appendMs: () => 1_000 });
  const { node, census } = await counted(world, { limits: { mailbox: 3 } });
  for (let n = 0; n < 6; n++) void node.ask(ask(`k${n}`, "busy", "Add", { by: 1 }));
  void node.ask(ask("one", "calm", "Add", { by: 1 }));
  await world.clock.advance(1_050); // loaded, and in the middle of the first append
  const { mailboxes, overloaded, appends } = census();
  expect(mailboxes).toEqual([{ actor: at("busy"), waiting: 3 }]);
  expect(overloaded).toEqual({ order: 2 });
  expect(appends.open).toBe(2);
});

test("a parked lane is listed with its item, and a wake tries that lane alone at once", async () => {
  const world = memoryWorld();
  const tries: string[] = [];
  const open = new Set<string>();
  const { node, census } = await counted(world, {
    ports: {
      shop: ({ lane, body }) => {
        tries.push(lane);
        if (!open.has(lane)) return Promise.reject(new Closed(`${lane} is shut`));
        return Promise.resolve({ ok: true, body: body["word"] });
      },
    },
  });
  await world.wait(node.ask(ask("k1", "t", "Fetch", { word: "w1", lane: "left" })));
  await world.wait(node.ask(ask("k2", "t", "Fetch", { word: "w2", lane: "right" })));
  await world.clock.advance(120_000);
  const { parked } = census();
  expect(parked.map(({ from, id, lane, to, cause }) => ({ from, id, lane, to, cause }))).toEqual([
    { from: at("t"), id: "tally/t#1.0", lane: "left", to: "shop", cause: "Closed: left is shut" },
    { from: at("t"), id: "tally/t#2.0", lane: "right", to: "shop", cause: "Closed: right is shut" },
  ]);
  expect(parked[0]!.failures).toBeGreaterThanOrEqual(10);
  expect(parked[0]!.ageMs).toBeGreaterThan(100_000);
  open.add("left");
  tries.length = 0;
  await world.wait(node.ask(ask("w", "t", "$wake", { lane: "left" })));
  await world.clock.advance(100);
  expect(tries).toEqual(["left"]);
  expect(census().parked.map(({ lane }) => lane)).toEqual(["right"]);
  expect((await world.state(node, "t")).answers).toEqual({ w1: "w1" });
});

test("an actor that broke twice is listed as quarantined", async () => {
  const world = memoryWorld();
  const { node, census } = await counted(world);
  for (const id of ["b1", "b2"]) {
    await world.wait(node.ask(ask(id, "odd", "Break", { when: "decide" })));
    await world.clock.advance(1_000);
  }
  expect(census().quarantined).toEqual([at("odd")]);
});

test("what a traced command causes is drawn under it, over actors; what has no trace is not", async () => {
  const world = memoryWorld();
  const drawn: string[] = [];
  let n = 0;
  const tracer: Tracer = {
    async span(name, trace, _facts, run) {
      const own = `s${++n}`;
      drawn.push(`${trace} > ${own} ${name}`);
      return await run(own, () => {});
    },
  };
  const { node } = await counted(world, { tracer });
  const body = { to: "other", by: 1, word: "w" };
  await world.wait(node.ask(ask("k", "t", "Send", body, { trace: "tap" })));
  await world.clock.advance(1_000);
  expect(drawn).toEqual([
    "tap > s1 turn tally.Send",
    "s1 > s2 tell Add",
    "s2 > s3 turn tally.Add",
    "s1 > s4 turn tally.Back",
  ]);
  await world.wait(node.ask(ask("k2", "t", "Send", { ...body, word: "v" })));
  await world.clock.advance(1_000);
  expect(drawn).toHaveLength(4);
});

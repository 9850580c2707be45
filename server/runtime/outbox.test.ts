import { expect, test } from "vitest";
import type { PortAnswer, PortCall } from "./mod.ts";
import { at, driver, memoryWorld } from "../../test/race/memory-world.ts";

class Closed extends Error {}

const fetch = (word: string, lane: string, more = {}) => ({
  id: `k-${word}`,
  to: at("t"),
  type: "Fetch",
  body: { word, lane },
  principal: driver,
  ...more,
});

/** A shop that answers when it is told to. */
function shop() {
  const open = new Map<string, (answer: PortAnswer | Error) => void>();
  const calls: PortCall[] = [];
  return {
    calls,
    words: () => calls.map((call) => call.body["word"]),
    handler: (call: PortCall) => {
      calls.push(call);
      return new Promise<PortAnswer>((resolve, reject) => {
        open.set(
          String(call.body["word"]),
          (answer) => answer instanceof Error ? reject(answer) : resolve(answer),
        );
      });
    },
    answer: (word: string, body: unknown = word) => open.get(word)!({ ok: true, body }),
    refuse: (word: string, code: string) =>
      open.get(word)!({ ok: false, refusal: { code, facts: {} } }),
    fail: (word: string) => open.get(word)!(new Closed("closed")),
  };
}

test("calls of one lane leave one after the other, lanes do not wait for each other", async () => {
  const world = memoryWorld();
  const till = shop();
  const { node } = await world.node("a", { ports: { shop: till.handler } });
  for (const [word, lane] of [["a1", "a"], ["a2", "a"], ["b1", "b"]] as const) {
    await world.wait(node.ask(fetch(word, lane)));
  }
  await world.clock.advance(100);
  expect(till.words()).toEqual(["a1", "b1"]);
  till.answer("a1");
  await world.clock.advance(100);
  expect(till.words()).toEqual(["a1", "b1", "a2"]);
});

test("a failed call comes again with the same id, a refusal is an answer", async () => {
  const world = memoryWorld();
  const till = shop();
  const { node } = await world.node("a", { ports: { shop: till.handler } });
  await world.wait(node.ask(fetch("w", "a", { correlation: "c1", trace: "00-t" })));
  await world.clock.advance(10);
  till.fail("w");
  await world.clock.advance(1_000);
  till.refuse("w", "outcome.unknown");
  await world.clock.advance(1_000);
  expect(till.calls.map(({ id, attempt }) => [id, attempt])).toEqual([
    ["tally/t#1.0", 1],
    ["tally/t#1.0", 2],
  ]);
  expect(till.calls[0]).toMatchObject({ from: at("t"), correlation: "c1", trace: "00-t" });
  expect((await world.state(node, "t")).answers).toEqual({ w: "outcome.unknown" });
});

test("a lane whose head fails again and again parks with an alarm and goes on when it may", async () => {
  const world = memoryWorld();
  let closed = true;
  let tries = 0;
  const parked: string[] = [];
  const { node } = await world.node("a", {
    ports: {
      shop: (call) => {
        tries++;
        return closed
          ? Promise.reject(new Closed())
          : Promise.resolve({ ok: true, body: call.body["word"] });
      },
    },
    alarms: { parked: (_from, item, failures) => parked.push(`${item.id} ${failures}`) },
  });
  await world.wait(node.ask(fetch("w", "a")));
  await world.clock.advance(120_000);
  expect(parked).toEqual(["tally/t#1.0 10"]);
  expect(tries).toBeLessThan(20);
  expect(await world.wait(node.inspect(at("t")))).toMatchObject({ body: { parked: 1 } });
  closed = false;
  await world.clock.advance(31_000);
  expect((await world.state(node, "t")).answers).toEqual({ w: "w" });
});

test("with as many open effects as may be only stops are taken, until some are answered", async () => {
  const world = memoryWorld();
  const till = shop();
  const { node } = await world.node("a", { ports: { shop: till.handler } });
  for (let n = 0; n < 32; n++) await world.wait(node.ask(fetch(`w${n}`, `lane${n}`)));
  const refused = await world.wait(node.ask(fetch("more", "x")));
  expect(refused).toEqual({ ok: false, fault: { code: "overloaded" } });
  const stop = await world.wait(node.ask(fetch("stop", "y", { class: "stop" })));
  expect(stop.ok).toBe(true);
  await world.clock.advance(10);
  till.answer("w0");
  till.answer("w1");
  await world.clock.advance(10);
  expect((await world.wait(node.ask(fetch("more", "x")))).ok).toBe(true);
});

test("effects that want no answer leave the record within moments, together", async () => {
  const world = memoryWorld();
  const { node } = await world.node("a");
  for (const word of ["a", "b", "c"]) {
    const body = { to: "other", by: 1, word, silent: true };
    await world.wait(node.ask({ ...fetch(word, ""), type: "Send", body }));
  }
  await world.clock.advance(1_000);
  const inspected = await world.wait(node.inspect(at("t")));
  expect(inspected).toMatchObject({ ok: true, body: { out: [] } });
  expect(inspected.ok && inspected.v).toBeLessThanOrEqual(5);
  expect((await world.state(node, "other")).words).toEqual({ a: 1, b: 1, c: 1 });
});

test("an emergency's calls do not wait for the journal", async () => {
  const world = memoryWorld({ appendMs: () => 500 });
  const till = shop();
  const { node } = await world.node("a", { ports: { shop: till.handler } });
  const asked = node.ask(fetch("w", "a", { class: "emergency" }));
  await world.clock.advance(600); // the actor is loaded, its record is under way
  expect(till.words()).toEqual(["w"]);
  await world.wait(asked);
  await world.clock.advance(10);
  expect(till.calls.map(({ id }) => id)).toEqual(["tally/t#1.0", "tally/t#1.0"]);
});

test("an actor with open effects stays, an idle one leaves and comes back as it was", async () => {
  const world = memoryWorld();
  const till = shop();
  const { node } = await world.node("a", { ports: { shop: till.handler } });
  await world.wait(node.ask(fetch("w", "a")));
  await world.wait(node.ask({ ...fetch("x", "a"), to: at("idle"), type: "Add", body: { by: 4 } }));
  await world.clock.advance(10 * 60_000);
  expect(node.status().residents).toBe(1);
  expect((await world.state(node, "idle")).total).toBe(4);
  till.answer("w");
  await world.clock.advance(10 * 60_000);
  expect(node.status().residents).toBe(0);
});

import { expect, test } from "vitest";
import { SHARDS } from "../../wire/subjects.ts";
import { memoryNetwork } from "../store/mod.ts";
import { virtualClock } from "../../test/race/virtual-clock.ts";
import { routingLimits } from "./limits.ts";
import { heartbeatPlacement, type Placement } from "./placement.ts";

const shards = Array.from({ length: SHARDS }, (_, shard) => shard);

function world() {
  const clock = virtualClock();
  const wire = memoryNetwork({ clock, random: () => 0, delayMs: () => 1 });
  return {
    clock,
    async join(name: string) {
      const network = wire.port(name);
      const placement = heartbeatPlacement(name, { network, clock, limits: routingLimits });
      const started = placement.start(() => {});
      await clock.advance(200);
      await started;
      return { placement, network };
    },
  };
}

const owners = (all: Placement[]) =>
  shards.map((shard) => all.filter((one) => one.owns(shard)).length);

test("alone a node owns everything; each that joins takes its part and every shard has one owner", async () => {
  const { join } = world();
  const a = (await join("a")).placement;
  expect(owners([a])).toEqual(shards.map(() => 1));
  const b = (await join("b")).placement;
  const c = (await join("c")).placement;
  expect(owners([a, b, c])).toEqual(shards.map(() => 1));
  for (const one of [a, b, c]) {
    const count = shards.filter((shard) => one.owns(shard)).length;
    expect(count).toBeGreaterThan(SHARDS / 3 - 30);
    expect(one.nodes()).toEqual(["a", "b", "c"]);
  }
});

test("who joins takes only what becomes its own", async () => {
  const { join } = world();
  const a = (await join("a")).placement;
  const b = (await join("b")).placement;
  const before = shards.map((shard) => a.owns(shard));
  const c = (await join("c")).placement;
  for (const shard of shards) {
    if (a.owns(shard) !== before[shard]) expect(c.owns(shard)).toBe(true);
  }
  expect(b.nodes()).toHaveLength(3);
});

test("a goodbye moves the shards at once, silence after two seconds", async () => {
  const { join, clock } = world();
  const a = (await join("a")).placement;
  const b = await join("b");
  const c = await join("c");
  const left = b.placement.stop(true);
  await clock.advance(10);
  expect(a.nodes()).toEqual(["a", "c"]);
  await clock.advance(1_000);
  await left;
  c.network.cut();
  await clock.advance(1_500);
  expect(a.nodes()).toEqual(["a", "c"]);
  await clock.advance(1_500);
  expect(owners([a])).toEqual(shards.map(() => 1));
});

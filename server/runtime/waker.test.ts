import { expect, test } from "vitest";
import { at, driver, memoryWorld } from "../../test/race/memory-world.ts";
import type { Journal, TailStart } from "./mod.ts";

const NOTE_MS = 1_000;

test("a node that starts goes on from what the waker noted, and wakes what was due meanwhile", async () => {
  const world = memoryWorld();
  const starts: TailStart[] = [];
  const onlyWaker = (journal: Journal): Journal => ({
    ...journal,
    fires: () => Promise.resolve(() => Promise.resolve()), // the schedules keep silent
    tail(stream, start, ...more) {
      starts.push(start);
      return journal.tail(stream, start, ...more);
    },
  });
  const limits = { noteMs: NOTE_MS };
  const first = await world.node("a", { limits }, onlyWaker);
  expect(starts.every(({ from }) => from === "newest")).toBe(true);
  const ring = { name: "bell", at: world.clock.now() + 10 * NOTE_MS };
  const asked = first.node.ask({
    id: "k",
    to: at("t"),
    type: "Ring",
    body: ring,
    principal: driver,
  });
  expect(await world.wait(asked)).toMatchObject({ ok: true });
  await world.clock.advance(3 * NOTE_MS);
  first.crash();

  starts.length = 0;
  const second = await world.node("b", { limits }, onlyWaker);
  expect(starts.filter(({ from }) => from === "seq")).toHaveLength(1);
  await world.clock.advance(10 * NOTE_MS);
  expect(second.node.status().residents).toBe(1); // nobody asked for it
  expect((await world.state(second.node, "t")).rung).toEqual(["bell"]);
});

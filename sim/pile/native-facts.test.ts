import { expect, test } from "vitest";
import { realClock } from "../clock.ts";
import { wellBehaved } from "./misbehaviour.ts";
import { FactQueue, freshFacts } from "./native-facts.ts";

test("a link opened while a fact still waits for an answer over the old one gets that fact", async () => {
  const queue = new FactQueue(freshFacts(), wellBehaved(), realClock, 1, () => {});
  const old = Promise.withResolvers<unknown>();
  queue.open(1, () => old.promise, () => {});
  queue.add({ kind: "plugged", at: 1, connector: 1 });
  const heard: number[] = [];
  queue.open(1, ({ seq }) => {
    heard.push(seq);
    return Promise.resolve({ ok: true, seq });
  }, () => {});
  old.resolve(null); // nobody answered there
  await expect.poll(() => heard).toEqual([1]);
  expect(queue.memory.queue).toEqual([]);
});

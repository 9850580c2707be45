// What somebody wants of the provider for certain payments touches no other, and takes nobody's turn.
import { expect, test } from "vitest";
import { MischiefQueue } from "./mischief.ts";

const mine = { id: "pay_mine", fen: 12_345 };
const other = { id: "pay_other", fen: 500 };

test("by its number: the payment's calls and letters alone", () => {
  const queue = new MischiefQueue();
  queue.set({ next: ["hang", "double"], only: { payments: ["pay_mine"] } });
  expect([queue.ofCall(other), queue.ofLetter(other), queue.ofCall({})]).toEqual([
    null,
    null,
    null,
  ]);
  expect([queue.ofCall(mine), queue.ofLetter(mine)]).toEqual(["hang", "double"]);
  expect(queue.ofCall(mine)).toBeNull();
});

test("by its amount, before anybody knows its number", () => {
  const queue = new MischiefQueue();
  queue.set({ next: ["act-then-drop"], only: { fen: 12_345 } });
  expect(queue.ofCall({ id: "pay_other" })).toBeNull();
  expect(queue.ofCall(other)).toBeNull();
  expect(queue.ofCall(mine)).toBe("act-then-drop");
});

test("two who want something at one time both get it; what is for all is set anew each time", () => {
  const queue = new MischiefQueue();
  queue.set({ next: ["late"] });
  queue.set({ next: ["double"], only: { payments: ["pay_mine"] } });
  queue.set({ next: ["double"], only: { payments: ["pay_other"] } });
  queue.set({ next: ["reorder"] });
  expect(queue.now.next).toEqual(["double", "double", "reorder"]);
  expect(queue.ofLetter(other)).toBe("double");
  expect(queue.ofLetter(other)).toBe("reorder");
  expect(queue.ofLetter(mine)).toBe("double");
});

import { expect, test } from "vitest";
import type { DoneEntry, Envelope, Reply } from "../../wire/envelope.ts";
import { forgetSenders, remember, seenBefore } from "./dedupe.ts";
import { defaultLimits } from "./limits.ts";

const limits = { ...defaultLimits, done: 3, doneReserve: 1, senders: 2, sendersKept: 2 };
const NOW = 1_700_000_000_000;
const HOUR = 3_600_000;
const reply: Reply = { ok: true, v: 1, asOf: NOW, body: "first" };
const entry = (id: string, at = NOW, more: Partial<DoneEntry> = {}): DoneEntry => ({
  id,
  at,
  bodyHash: "h",
  reply,
  ...more,
});
const head = (done: DoneEntry[] = [], marks = {}) => ({ v: 7, at: NOW, done, in: marks });
const command = (more: Partial<Envelope> = {}): Envelope => ({
  id: "k1",
  to: { tenant: "main", kind: "t", id: "t" },
  type: "Add",
  body: {},
  principal: { kind: "driver", id: "u" },
  cause: "k1",
  correlation: "k1",
  ttlMs: 1,
  bodyHash: "h",
  class: "order",
  ...more,
});
const told = (n: number, sender = "order/o") =>
  command({ id: `i${n}`, principal: { kind: "actor", id: sender }, from: { sender, n } });
const mark = (n: number, at = NOW, last?: boolean) => ({ n, reply, at, ...(last ? { last } : {}) });

test.each(
  [
    ["an unknown key is new", head(), command(), "new"],
    ["a known key is answered", head([entry("k1")]), command(), "answered"],
    [
      "a known key with another body is told so",
      head([entry("k1")]),
      command({ bodyHash: "x" }),
      "other-body",
    ],
    [
      "a key without an answer yet is pending",
      head([{ id: "k1", at: NOW, bodyHash: "h" }]),
      command(),
      "pending",
    ],
    [
      "a ring full of live keys takes no more",
      head([entry("a"), entry("b"), entry("c")]),
      command(),
      "full",
    ],
    [
      "... but a stop",
      head([entry("a"), entry("b"), entry("c")]),
      command({ class: "stop" }),
      "new",
    ],
    [
      "keys older than a day make room",
      head([entry("a", NOW - 25 * HOUR), entry("b"), entry("c")]),
      command(),
      "new",
    ],
    [
      "a device is told apart by the domain",
      head([entry("a"), entry("b"), entry("c")]),
      command({ principal: { kind: "device", id: "d" } }),
      "new",
    ],
    ["a sender's next message is new", head([], { "order/o": mark(4) }), told(5), "new"],
    [
      "a sender's newest message is answered",
      head([], { "order/o": mark(4) }),
      told(4),
      "answered",
    ],
    ["a sender's older message is answered", head([], { "order/o": mark(4) }), told(3), "answered"],
    ["a new sender is new", head([], { "order/o": mark(4) }), told(1, "order/p"), "new"],
    ["too many senders", head([], { "order/a": mark(4), "order/b": mark(1) }), told(1), "full"],
    [
      "a sender that said its last makes room",
      head([], { "order/a": mark(4, NOW - HOUR, true), "order/b": mark(1) }),
      told(1),
      "new",
    ],
    [
      "a sender silent for a day makes room",
      head([], { "order/a": mark(4, NOW - 25 * HOUR), "order/b": mark(1) }),
      told(1),
      "new",
    ],
  ] as const,
)("%s", (_words, memory, envelope, expected) => {
  expect(seenBefore(memory, envelope, NOW, limits).seen).toBe(expected);
});

test("a repeat gets the first answer, marked as a repeat", () => {
  expect(seenBefore(head([entry("k1")]), command(), NOW, limits))
    .toEqual({ seen: "answered", reply: { ...reply, replay: true } });
});

test("the ring loses only what is past its time", () => {
  const ring = [entry("old", NOW - 25 * HOUR), entry("young", NOW - HOUR)];
  expect(remember(ring, entry("new"), limits).map(({ id }) => id)).toEqual(["young", "new"]);
});

test("a sender that may still speak is never forgotten while there is room", () => {
  const senders = { "order/a": mark(4, NOW - 25 * HOUR) };
  expect(forgetSenders(senders, NOW, limits)).toEqual(senders);
});

test("senders silent for a day go once they are many, so that records stay small for ever", () => {
  const many = Array.from({ length: 40 }, (_, i) => [`order/${i}`, mark(1, NOW - 25 * HOUR)]);
  const young = { "order/young": mark(1, NOW - HOUR) };
  const senders = { ...Object.fromEntries(many), ...young };
  const roomy = { ...defaultLimits, sendersKept: 32 };
  expect(forgetSenders(senders, NOW, roomy)).toEqual(young);
});

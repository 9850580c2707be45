import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { assert, constantFrom, integer, property, uint8Array } from "fast-check";
import { array, dictionary, jsonValue, option, record as fields, string } from "fast-check";
import { expect, test } from "vitest";
import {
  canonicalText,
  type Draft,
  grown,
  ordered,
  seal,
  UnreadableRecord,
  unseal,
} from "./record.ts";

const text = string({ unit: "grapheme", maxLength: 12 });
const int = integer({ min: 0, max: 2 ** 48 });
const reply = fields({ ok: constantFrom(true as const), v: int, asOf: int, body: jsonValue() });
const principal = fields({ kind: constantFrom("driver" as const, "ops" as const), id: text });
const done = fields({ id: text, at: int, bodyHash: text, reply });
const draft = fields({
  v: int,
  sv: int,
  at: int,
  cause: fields({ command: text, type: text, principal, correlation: text }),
  events: array(fields({ type: text, sv: int, data: jsonValue() }), { maxLength: 3 }),
  state: jsonValue(),
  done: array(done, { maxLength: 4 }),
  in: dictionary(text, fields({ n: int, reply, at: int }), { maxKeys: 3 }),
  out: array(
    fields({
      id: text,
      n: int,
      correlation: text,
      lane: text,
      at: int,
      message: fields({
        to: constantFrom("port" as const),
        port: text,
        body: dictionary(text, jsonValue()),
      }),
    }),
    { maxLength: 3 },
  ),
  timers: dictionary(text, fields({ at: int, recordId: text }), { maxKeys: 3 }),
});
const wellFormed = (value: unknown) => JSON.stringify(value).isWellFormed();

test("the stored text is the record's RFC 8785 JSON, whatever is in it", () => {
  assert(
    property(draft, (drawn) => {
      if (!wellFormed(drawn)) return;
      expect(canonicalText(drawn)).toBe(canonicalize(drawn));
    }),
    { numRuns: 1_000 },
  );
});

test("what was sealed is unsealed the same, its sum chained to the one before", () => {
  assert(
    property(draft, option(text), (drawn, prev) => {
      const prevSum = prev ?? "";
      if (!wellFormed(drawn) || !prevSum.isWellFormed()) return;
      const { bytes, sum } = seal(drawn, prevSum);
      const expected = createHash("sha256").update(prevSum + canonicalize(drawn)).digest("hex");
      expect(sum).toBe(expected);
      expect(unseal(bytes, prevSum)).toEqual({ ...JSON.parse(canonicalize(drawn)!), sum });
    }),
    { numRuns: 500 },
  );
});

const sample: Draft = {
  v: 3,
  sv: 1,
  at: 1_700_000_000_000,
  cause: {
    command: "k",
    type: "Add",
    principal: { kind: "driver", id: "u" },
    correlation: "k",
  },
  events: [{ type: "Added", sv: 1, by: 2 }],
  state: { total: 5, name: "充电" },
  done: [{ id: "k", at: 1, bodyHash: "h", reply: { ok: true, v: 3, asOf: 1, body: null } }],
  in: {},
  out: [],
  timers: {},
};

test("every flipped bit of a record is noticed", () => {
  const { bytes } = seal(sample, "before");
  for (let i = 0; i < bytes.length; i++) {
    const damaged = Uint8Array.from(bytes);
    damaged[i]! ^= 1 << (i % 8);
    expect(() => unseal(damaged, "before")).toThrow(UnreadableRecord);
  }
  expect(() => unseal(bytes, "other")).toThrow(UnreadableRecord);
});

test("bytes that were never a record are refused, not read", () => {
  assert(
    property(uint8Array({ maxLength: 200 }), (bytes) => {
      expect(() => unseal(bytes, "")).toThrow(UnreadableRecord);
    }),
  );
});

test("a list that grew by one has the text it would have anew", () => {
  const first = [...sample.done];
  canonicalText({ ...sample, done: first });
  const longer = [...first, { id: "k2", at: 2, bodyHash: "h2" }];
  grown(first, longer);
  expect(canonicalText({ ...sample, done: longer }))
    .toBe(canonicalize({ ...sample, done: longer }));
});

test("an answer reads the same before it was stored and after", () => {
  assert(
    property(jsonValue(), (value) => {
      if (!wellFormed(value)) return;
      const readBack: unknown = JSON.parse(canonicalize(value)!);
      expect(JSON.stringify(ordered(value))).toBe(JSON.stringify(readBack));
    }),
    { numRuns: 1_000 },
  );
});

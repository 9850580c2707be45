// What comes back from the journal and from other hosts: a record that is whole, or a typed fault; an
// answer, or nothing.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mutated, printed, revalued } from "../../test/kit/fuzz.ts";
import { type Draft, seal, UnreadableRecord, unseal } from "./record.ts";
import { readReply } from "../routing/route.ts";

const RUNS = 10_000;
const sample: Draft = {
  v: 3,
  sv: 1,
  at: 1_700_000_000_000,
  cause: { command: "k", type: "Add", principal: { kind: "driver", id: "u" }, correlation: "k" },
  events: [{ type: "Added", sv: 1, by: 2 }],
  state: { total: 5, name: "充电" },
  done: [{ id: "k", at: 1, bodyHash: "h", reply: { ok: true, v: 3, asOf: 1, body: null } }],
  in: {},
  out: [],
  timers: {},
};
const good = seal(sample, "before");
const text = new TextDecoder().decode(good.bytes);
const bytesOf = (spoilt: string) => new TextEncoder().encode(spoilt);

function isWholeOrFault(bytes: Uint8Array): void {
  try {
    expect(unseal(bytes, "before")).toMatchObject({ v: 3, sum: good.sum });
  } catch (error) {
    expect(error).toBeInstanceOf(UnreadableRecord);
  }
}

test("spoilt records are refused, only the true one is read", () => {
  const inputs = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    mutated([text]).map(bytesOf),
    revalued([JSON.parse(text)]).map((value) => bytesOf(JSON.stringify(value))),
  );
  fc.assert(fc.property(inputs, isWholeOrFault), printed(RUNS));
});

test("a right sum over nonsense is a fault as well", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), mutated([text.slice(0, 200)])), (nonsense) => {
      const head = bytesOf(`{"v":${nonsense}x`);
      const sum = createHash("sha256").update("before").update(head).update("}").digest("hex");
      const bytes = new Uint8Array([...head, ...bytesOf(`,"sum":"${sum}"}`)]);
      expect(() => unseal(bytes, "before")).toThrow(UnreadableRecord);
    }),
    printed(RUNS),
  );
});

test("answers of other hosts are read or left out", () => {
  const replies = [
    { ok: true, v: 1, asOf: 2, body: { a: 1 } },
    { ok: false, fault: { code: "unavailable" } },
    { ok: false, v: 1, asOf: 2, refusal: { code: "pile.offline", facts: {} } },
  ];
  const inputs = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    mutated(replies.map((reply) => JSON.stringify(reply))),
  );
  fc.assert(
    fc.property(inputs, (spoilt) => {
      const reply = readReply(spoilt);
      expect(reply === null || "ok" in reply).toBe(true);
    }),
    printed(RUNS),
  );
  for (const reply of replies) expect(readReply(JSON.stringify(reply))).toEqual(reply);
});

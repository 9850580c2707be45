// Cursors come back from strangers: texts and numbers, or the top of the list; never an operator.
import fc from "fast-check";
import { expect, test } from "vitest";
import { mutated, printed, revalued } from "../../test/kit/fuzz.ts";
import { readCursor } from "./mongo-views.ts";

const RUNS = 10_000;
const cursorOf = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const good = [1_790_000_000_000, "ord_0001"];

test("any cursor is plain values or null", () => {
  const cursors = fc.oneof(
    mutated([cursorOf(good)]),
    revalued([good]).map(cursorOf),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(cursors, (cursor) => {
      const values = readCursor(cursor, 2);
      if (values === null) return;
      expect(values).toHaveLength(2);
      for (const value of values) expect(["string", "number"]).toContain(typeof value);
    }),
    printed(RUNS),
  );
  expect(readCursor(cursorOf(good), 2)).toEqual(good);
  expect(readCursor(cursorOf([{ $gt: "" }, "x"]), 2)).toBeNull();
});

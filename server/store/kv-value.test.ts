// Whatever bytes lie in a bucket: a value, or a typed fault for whoever asks for that key.
import fc from "fast-check";
import { expect, test } from "vitest";
import { mutated, printed } from "../../test/kit/fuzz.ts";
import { isReadable, readValue, UnreadableValue, valueOrFault } from "./kv-value.ts";

const RUNS = 10_000;
const stored = JSON.stringify({ lane: "native", nkey: "UABC", blocked: false, n: [1, "充电"] });
const bytesOf = (text: string) => new TextEncoder().encode(text);

test("any bytes are a value or unreadable, never thrown while they are followed", () => {
  const inputs = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map(bytesOf),
    mutated([stored]).map(bytesOf),
  );
  fc.assert(
    fc.property(inputs, (bytes) => {
      const value = readValue<unknown>(bytes);
      if (isReadable(value)) expect(valueOrFault(value, "k")).toBe(value);
      else expect(() => valueOrFault(value, "k")).toThrow(UnreadableValue);
    }),
    printed(RUNS),
  );
  expect(readValue(bytesOf(stored))).toEqual(JSON.parse(stored));
});

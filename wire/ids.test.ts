// Names in subjects: any text becomes one token and comes back; any token is some text.
import fc from "fast-check";
import { expect, test } from "vitest";
import { mutated, printed } from "../test/kit/fuzz.ts";
import { decodeToken, encodeToken } from "./ids.ts";
import { addressOfCommand, addressOfLive, addressOfState, pileOfDevice } from "./subjects.ts";

const RUNS = 10_000;

test("any text is one token, and is read back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const token = encodeToken(text);
      expect(token).toMatch(/^[A-Za-z0-9_=-]*$/);
      expect(decodeToken(token)).toBe(text.toWellFormed());
    }),
    printed(RUNS),
  );
});

test("a byte order mark at the start of a name belongs to it", () => {
  expect(decodeToken(encodeToken("\ufeffP1"))).toBe("\ufeffP1");
});

test("spoilt subjects are read as some name or refused, nothing breaks", () => {
  const subjects = ["d.main.P=2E1.up.fact", "st.1.main.order.ord_1", "cmd.main.pile.3.P1"];
  fc.assert(
    fc.property(fc.oneof(mutated(subjects), fc.string()), (text) => {
      expect(typeof decodeToken(text)).toBe("string");
      const parts = text.split(".");
      if (parts.length >= 3) expect(typeof pileOfDevice(text).pileId).toBe("string");
      if (parts.length >= 4) expect(typeof addressOfLive(text).id).toBe("string");
      if (parts.length < 5) return;
      for (const { id } of [addressOfState(text), addressOfCommand(text)]) {
        expect(typeof id).toBe("string");
      }
    }),
    printed(RUNS),
  );
});

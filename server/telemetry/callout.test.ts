// What the nats-server asks in the name of a stranger: read or not, judged, and never let in by it.
import fc from "fast-check";
import { expect, test } from "vitest";
import { mutated, printed, revalued } from "../../test/kit/fuzz.ts";
import { realClock } from "../observe.ts";
import { memoryDirectory } from "../store/memory-directory.ts";
import { judge, readQuestion } from "./callout.ts";

const RUNS = 10_000;
const asked = {
  nats: {
    user_nkey: "UABC",
    server_id: { id: "NABC" },
    client_info: { nonce: "n", host: "127.0.0.1" },
    connect_opts: { nkey: `U${"A".repeat(55)}`, sig: "c2ln" },
  },
};
const tokenOf = (value: unknown) =>
  `e30.${Buffer.from(JSON.stringify(value)).toString("base64url")}.sig`;
const bytesOf = (text: string) => new TextEncoder().encode(text);

test("spoilt questions are read or not, and nobody gets in", async () => {
  expect(readQuestion(bytesOf(tokenOf(asked)))).toEqual(asked.nats);
  const directory = memoryDirectory(realClock);
  const inputs = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    mutated([tokenOf(asked)]).map(bytesOf),
    revalued([asked]).map((value) => bytesOf(tokenOf(value))),
  );
  await fc.assert(
    fc.asyncProperty(inputs, async (bytes) => {
      const question = readQuestion(bytes);
      if (question === null) return;
      expect(await judge({ directory }, question)).toMatchObject({ ok: false });
    }),
    printed(RUNS),
  );
});

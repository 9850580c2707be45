// Whatever bytes a native pile sends: a value of the shape or a refusal by code, never an exception; and
// every fact that is taken makes a command of the contract.
import fc from "fast-check";
import { expect, test } from "vitest";
import type * as z from "zod";
import { mutated, printed, revalued } from "../../test/kit/fuzz.ts";
import {
  beat,
  bootRequest,
  deviceAskAnswer,
  deviceCommandAnswer,
  type DeviceFact,
  deviceFact,
} from "../../wire/native.ts";
import { pileCommand } from "../../wire/pile.ts";
import { tickSignal } from "../../wire/tick.ts";
import { bodyHash } from "../routing/mod.ts";
import { decode } from "./decode.ts";
import { commandOf } from "./facts.ts";

const RUNS = 10_000;
const BYTES_MAX = 32_768;
const at = 1_790_000_000_000;
const head = { linkEpoch: 1, seq: 1, at, connector: 1 };
const code = { code: "E1", raw: "x" };
const facts = [
  { ...head, kind: "plugged", data: {} },
  { ...head, kind: "charging", orderId: "ord_0001", data: { registerWh: 1, idTag: "CARD1" } },
  { ...head, kind: "meter", data: { registerWh: 1, powerW: 2, socPct: 3 } },
  { ...head, kind: "stopped", data: { registerWh: 1, ...code } },
  { ...head, kind: "ended", data: { registerWh: 1, reason: "limit", ...code } },
  { ...head, kind: "fault", data: { ...code, severity: "critical" } },
  { ...head, kind: "lock", data: { state: "up" } },
  { ...head, kind: "estop", data: {} },
];
const boot = {
  proto: 1,
  bootId: "boot-1",
  model: "N1",
  firmware: "1",
  connectors: 2,
  clock: at,
  lastSeq: 3,
  cmds: [{ id: "a", outcome: "accepted" }],
};
const tick = {
  linkEpoch: 1,
  n: 2,
  t: at,
  connector: 1,
  powerW: 3,
  mV: 4,
  mA: -5,
  socPct: 6,
  registerWh: 7,
};
const rows: [string, z.ZodType, unknown[], (value: never) => void][] = [
  ["boot", bootRequest, [boot], () => {}],
  ["beat", beat, [{ linkEpoch: 1, n: 2 }], () => {}],
  ["tick", tickSignal, [tick], () => {}],
  ["fact", deviceFact, facts, isCommand],
  [
    "command answer",
    deviceCommandAnswer,
    [{ id: "a", outcome: "refused", code: "busy" }],
    () => {},
  ],
  ["ask answer", deviceAskAnswer, [
    { connectors: [{ status: "charging", orderId: "o", registerWh: 1 }], command: "accepted" },
  ], () => {}],
];

function isCommand(fact: DeviceFact): void {
  const { type, body } = commandOf(fact, { userId: "usr_0001" });
  const command = { type, linkEpoch: 1, fact: { bootId: "boot-1", seq: fact.seq }, ...body };
  expect(pileCommand.safeParse(command).error?.issues).toBeUndefined();
  bodyHash(type, command);
}

function takes(shape: z.ZodType, bytes: Uint8Array, then: (value: never) => void): void {
  const said = decode(shape, bytes, BYTES_MAX);
  if (said.ok) return then(said.value as never);
  expect(["payload.too-large", "payload.not-json", "payload.malformed"]).toContain(said.code);
  expect(said.issue.length).toBeLessThanOrEqual(200);
}
const bytesOf = (text: string) => new TextEncoder().encode(text);

test.each(rows)("%s: any bytes, spoilt texts and other values", (_what, shape, samples, then) => {
  const texts = samples.map((sample) => JSON.stringify(sample));
  for (const text of texts) expect(decode(shape, bytesOf(text), BYTES_MAX).ok).toBe(true);
  const inputs = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map(bytesOf),
    mutated(texts).map(bytesOf),
    revalued(samples).map((body) => bytesOf(JSON.stringify(body))),
  );
  fc.assert(fc.property(inputs, (bytes) => takes(shape, bytes, then)), printed(RUNS));
});

test("bombs are refused at once", () => {
  const bombs = [
    "[".repeat(BYTES_MAX),
    '{"data":'.repeat(4_000),
    `{"linkEpoch":${"9".repeat(30_000)},"n":1}`,
    `{"linkEpoch":1,"n":1,"__proto__":{"n":2}}`,
    "x".repeat(BYTES_MAX + 1),
  ];
  for (const bomb of bombs) {
    for (const [, shape] of rows) {
      const from = performance.now();
      expect(decode(shape, bytesOf(bomb), BYTES_MAX).ok).toBe(false);
      expect(performance.now() - from).toBeLessThan(250);
    }
  }
});

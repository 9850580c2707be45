// Whatever bytes a pile sends: the decoders never throw, and say what they refuse by a code.
import fc from "fast-check";
import { expect, test } from "vitest";
import { mutated, printed, revalued } from "../../../test/kit/fuzz.ts";
import { calls, callTexts } from "../../../test/kit/ocpp-samples.ts";
import { ocppErrorCodes } from "./errors.ts";
import { decodeFrame } from "./frames.ts";
import { readMeter } from "./meter.ts";
import { checkCall, checkResult } from "./payloads.ts";

const RUNS = 10_000;
const codes = new Set<string>(ocppErrorCodes);

function taken(text: string): void {
  const frame = decodeFrame(text);
  if (frame.kind === "refused") expect(codes).toContain(frame.code);
  if (frame.kind === "result") checkResult("RemoteStartTransaction", frame.payload);
  if (frame.kind !== "call") return;
  const checked = checkCall(frame.action, frame.payload);
  if (!checked.ok) expect(codes).toContain(checked.code);
  if (!checked.ok || checked.action !== "MeterValues") return;
  for (const entry of checked.payload.meterValue) {
    const { t, flag: _, raw, ...numbers } = readMeter(entry);
    for (const value of [t, ...Object.values(numbers)]) expect(value).toSatisfy(Number.isInteger);
    expect((raw ?? "").length).toBeLessThanOrEqual(500);
  }
}

test("any text is decoded or refused", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json({ maxDepth: 8 }),
    fc.array(fc.jsonValue({ maxDepth: 4 }), { maxLength: 6 }).map((frame) => JSON.stringify(frame)),
  );
  fc.assert(fc.property(anyText, taken), printed(RUNS));
});

test("true frames with bytes changed are decoded or refused", () => {
  fc.assert(fc.property(mutated(callTexts), taken), printed(RUNS));
});

test("true calls with a value of another kind are decoded or refused", () => {
  const frames = calls.map((call) => [2, "id-1", ...call]);
  const texts = revalued(frames).map((frame) => JSON.stringify(frame));
  fc.assert(fc.property(texts, taken), printed(RUNS));
});

test("bombs are refused at once", () => {
  const deep = 16_000;
  const bombs = [
    "[".repeat(deep * 4),
    `[2,"a","Heartbeat",${'{"a":'.repeat(deep / 2)}1${"}".repeat(deep / 2)}]`,
    `[2,"a","MeterValues",{"connectorId":1,"meterValue":${"[".repeat(deep)}${"]".repeat(deep)}}]`,
    `[2,"a","MeterValues",{"connectorId":1${"0".repeat(60_000)},"meterValue":[]}]`,
    `[2,"a","Authorize",{"idTag":"x","__proto__":{"idTag":"y"},"constructor":{"prototype":1}}]`,
    `[2,"a","Authorize",{${Array.from({ length: 5_000 }, (_, i) => `"k${i}":1`).join()}}]`,
    `[2,"${"i".repeat(60_000)}","Heartbeat",{}]`,
    `[2,"a","${"A".repeat(60_000)}",{}]`,
  ];
  for (const bomb of bombs) {
    const from = performance.now();
    taken(bomb);
    expect(performance.now() - from).toBeLessThan(250);
  }
  expect(Object.hasOwn(Object.prototype, "idTag")).toBe(false);
});

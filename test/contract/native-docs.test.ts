// The examples of docs/native-lane.md are true: each is taken by its shape, and the signed bytes are those.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type * as z from "zod";
import {
  beat,
  bootAnswer,
  bootRequest,
  deviceAsk,
  deviceAskAnswer,
  type DeviceCommand,
  deviceCommand,
  deviceFact,
} from "../../wire/native.ts";
import { tickSignal } from "../../wire/tick.ts";
import { signedBytes } from "../../wire/signing.ts";

const text = readFileSync(new URL("../../docs/native-lane.md", import.meta.url), "utf8");
const blocks = [...text.matchAll(/```json\n([^`]+)```/g)].map(([, json]) => json!);

const shapes: z.ZodType[] = [
  bootRequest,
  bootAnswer,
  tickSignal,
  deviceFact,
  deviceCommand,
  deviceAskAnswer,
];
test("every example has its shape", () => {
  expect(blocks).toHaveLength(shapes.length);
  shapes.forEach((shape, i) => {
    expect(shape.safeParse(JSON.parse(blocks[i]!)).error?.issues).toBeUndefined();
  });
});

test("examples within the text have theirs", () => {
  expect(beat.parse(JSON.parse(/`(\{"linkEpoch": 5, "n": 12\})`/.exec(text)![1]!))).toBeTruthy();
  for (const [, ask] of text.matchAll(/`(\{"what": [^`]+\})`/g)) {
    expect(deviceAsk.safeParse(JSON.parse(ask!)).success).toBe(true);
  }
});

test("the bytes shown are those that are signed", () => {
  const command = JSON.parse(blocks[4]!) as DeviceCommand;
  const bytes = signedBytes(command, { tenant: "main", pileId: "P1" });
  expect(text).toContain(new TextDecoder().decode(bytes));
});

test("every kind of fact is in the table", () => {
  for (const shape of deviceFact.options) {
    const kind = shape.shape.kind.value;
    expect(text).toMatch(new RegExp(`^\\|.*\`${kind}\``, "m"));
  }
});

import { expect, test } from "vitest";
import { decodeFrame, encodeCall, encodeError, encodeResult } from "./frames.ts";
import { momentOf } from "./moments.ts";
import { checkCall, checkQuestion, checkResult } from "./payloads.ts";

const rows: [string, string, unknown][] = [
  ["a call", '[2,"a","Heartbeat",{}]', { kind: "call", id: "a", action: "Heartbeat", payload: {} }],
  ["a result", '[3,"a",{"x":1}]', { kind: "result", id: "a", payload: { x: 1 } }],
  ["an error", '[4,"a","GenericError","no",{}]', {
    kind: "error",
    id: "a",
    code: "GenericError",
    description: "no",
  }],
  ["an error without words", '[4,"a"]', { kind: "error", id: "a", code: "", description: "" }],
  ["a result that is none", '[3,"a",5]', { kind: "ignored" }],
  ["another message type", '[6,"a","X",{}]', { kind: "ignored" }],
  ["no JSON", "[2,", { kind: "refused", id: "-1", code: "FormationViolation" }],
  ["no array", '{"a":1}', { kind: "refused", id: "-1", code: "FormationViolation" }],
  ["no id", '[2,null,"Heartbeat",{}]', { kind: "refused", id: "-1", code: "FormationViolation" }],
  ["no action", '[2,"a",7,{}]', { kind: "refused", id: "a", code: "FormationViolation" }],
  ["no payload", '[2,"a","Heartbeat"]', { kind: "refused", id: "a" }],
  ["an element too many", '[2,"a","Heartbeat",{},1]', { kind: "refused", id: "a" }],
];
test.each(rows)("%s is decoded", (_what, text, frame) => {
  expect(decodeFrame(text)).toMatchObject(frame as object);
});

test("what is written can be read", () => {
  expect(decodeFrame(encodeCall("1", "Reset", { type: "Soft" }))).toEqual({
    kind: "call",
    id: "1",
    action: "Reset",
    payload: { type: "Soft" },
  });
  expect(decodeFrame(encodeResult("1", {}))).toEqual({ kind: "result", id: "1", payload: {} });
  const long = encodeError("1", "OccurenceConstraintViolation", "x".repeat(300));
  expect(decodeFrame(long)).toEqual({
    kind: "error",
    id: "1",
    code: "OccurenceConstraintViolation",
    description: "x".repeat(255),
  });
});

test("half a surrogate pair becomes a whole letter", () => {
  const frame = decodeFrame('[2,"a","Authorize",{"idTag":"\\ud800x"}]');
  expect(frame).toMatchObject({ payload: { idTag: "\uFFFDx" } });
});

test("clocks are taken as they are, the impossible is bent", () => {
  expect(momentOf("1970-01-01T00:00:05Z")).toEqual({ at: 5_000, plausible: false });
  expect(momentOf("2099-01-01T00:00:00Z")).toEqual({ at: Date.UTC(2099, 0, 1), plausible: false });
  expect(momentOf("2026-11-20T08:00:00+08:00")).toEqual({
    at: Date.UTC(2026, 10, 20),
    plausible: true,
  });
  expect(momentOf("1900-01-01T00:00:00Z")).toEqual({ at: 0, plausible: false });
  expect(momentOf("9999-12-31T00:00:00Z")).toEqual({ at: 9_000_000_000_000, plausible: false });
  expect(momentOf("soon")).toEqual({ at: 0, plausible: false });
});

test("unknown fields are dropped, answers and our own questions are checked", () => {
  expect(checkCall("Authorize", { idTag: "A", more: 1 })).toEqual({
    ok: true,
    action: "Authorize",
    payload: { idTag: "A" },
  });
  expect(checkResult("Reset", { status: "Accepted" })).toBe(true);
  expect(checkResult("Reset", { status: "Unlocked" })).toBe(false);
  expect(checkQuestion("RemoteStartTransaction", { idTag: "CW0123456789ABCDEF" })).toBe(true);
  expect(checkQuestion("RemoteStartTransaction", { idTag: "x".repeat(21) })).toBe(false);
});

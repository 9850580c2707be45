// A run of a drill: asked for, reported, over; each refusal has a row.
import { expect, test } from "vitest";
import { stepper } from "../kit/stepper.ts";
import type { Principal } from "../../wire/envelope.ts";
import { drill } from "./mod.ts";

const operator: Principal = { kind: "ops", id: "ops_1", roles: ["operator"] };
const viewer: Principal = { kind: "ops", id: "ops_2", roles: ["viewer"] };
const ask = { type: "RequestDrill", row: "2.7", without: ["pull.notice"] };
const step = {
  kind: "clause",
  words: { zh: "告知车主", en: "The driver is told" },
  ok: true,
  said: "charge.gun-pulled",
  safeguard: "pull.notice",
  ms: 12,
};
const note = { type: "NoteSteps", steps: [step] };
const end = { type: "EndDrill", passed: true, evidence: [] };
const rig = () => stepper(drill, { id: "drl_0001", at: 1_000, settings: {}, principal: operator });
const status = (run: ReturnType<typeof rig>) => (run.read("show") as { body: unknown }).body;

test("is asked for, goes step by step, and is over", () => {
  const run = rig();
  expect(run.send(ask).ok).toBe(true);
  expect(run.send(ask).events).toEqual([]);
  expect(status(run)).toMatchObject({ status: "requested", row: "2.7", steps: [] });
  run.send(note);
  run.send(note);
  expect(status(run)).toMatchObject({ status: "running", steps: [step, step] });
  run.send(end);
  expect(status(run)).toMatchObject({ status: "passed", steps: [step, step], by: "ops_1" });
  expect([...run.timers.keys()]).toEqual([]);
});

test.each([
  ["steps of a run that never was", [], note, operator, "drill.unknown"],
  ["steps after the end", [ask, end], note, operator, "drill.over"],
  ["a run for a viewer", [], ask, viewer, "auth.forbidden"],
])("%s: refused", (_name, before, command, principal, code) => {
  const run = rig();
  for (const one of before) run.send(one);
  expect(run.send(command, { principal }).refusal?.code).toBe(code);
});

test("a runner that does not come back is lost", () => {
  const run = rig();
  run.send(ask);
  run.send(note);
  run.advance(600_000);
  expect(status(run)).toMatchObject({ status: "lost", steps: [step] });
  expect(rig().read("show")).toMatchObject({ refused: { code: "drill.unknown" } });
});

test("a run has a bound of steps", () => {
  const run = rig();
  run.send(ask);
  for (let i = 0; i < 5; i++) run.send({ ...note, steps: Array.from({ length: 50 }, () => step) });
  expect((status(run) as { steps: unknown[] }).steps).toHaveLength(200);
});

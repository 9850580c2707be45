// A reconciliation as rows: what a run's differences come to, and when a case is over.
import { expect, test } from "vitest";
import type { CaseKind } from "../../wire/reconcile.ts";
import { stepper } from "../kit/stepper.ts";
import { reconciliation } from "./mod.ts";
import { CASES_OPEN_MAX } from "./state.ts";

const T0 = 1_777_860_000_000;
const system = { kind: "system" as const, id: "reconciler" };
const ops = { kind: "ops" as const, id: "ops_fina0001", roles: ["finance"] };
const differs = (kind: CaseKind, paymentId = "pay_0001", more: Record<string, unknown> = {}) => ({
  key: `${kind}/${paymentId}`,
  kind,
  paymentId,
  facts: {},
  ...more,
});
const run = (differences: unknown[] = [], settled: string[] = []) => ({
  type: "FileRun",
  source: "wechat",
  day: "2026-03-02",
  how: "daily",
  rows: 2,
  paidFen: 300,
  refundedFen: 0,
  feeFen: 2,
  differences,
  settled,
});
const settle = (n: number) => ({ type: "SettleCase", n, reason: "paid by hand" });
type Command = { type: string; [field: string]: unknown };
function made(...commands: Command[]) {
  const id = "rcn_wechat-2026-03-02";
  const actor = stepper(reconciliation, { id, at: T0, settings: null, principal: system });
  for (const one of commands) {
    actor.send(one, { principal: one.type === "SettleCase" ? ops : system });
  }
  actor.take();
  return actor;
}
const missing = differs("missing-here");
const amount = differs("amount");

test.each<[string, Command[], Command, string[]]>([
  ["all agrees", [], run(), ["RunFiled"]],
  ["what a question can mend is tried", [], run([missing]), [
    "RunFiled",
    "CaseOpened",
    "IncidentRaised",
  ]],
  ["met again it is tried again", [run([missing])], run([missing]), ["RunFiled", "CaseSeen"]],
  ["met a third time it goes to a person", [run([missing]), run([missing])], run([missing]), [
    "RunFiled",
    "CaseEscalated",
    "IncidentRaised",
  ]],
  ["a person's case that is met again stays one", [run([amount])], run([amount]), ["RunFiled"]],
  ["it came to agree", [run([missing])], run([], [missing.key]), [
    "RunFiled",
    "CaseSettled",
    "IncidentRaised",
  ]],
  [
    "what agreed differs again: a new case",
    [run([missing]), run([], [missing.key])],
    run([missing]),
    [
      "RunFiled",
      "CaseOpened",
      "IncidentRaised",
    ],
  ],
  ["a person's word stands", [run([amount]), settle(1)], run([amount]), ["RunFiled"]],
  [
    "it differs by more than the person saw: a new case",
    [run([{ ...amount, ourFen: 500 }]), settle(1)],
    run([{ ...amount, ourFen: 900 }]),
    ["RunFiled", "CaseOpened", "IncidentRaised"],
  ],
  ["a person settles it", [run([amount])], settle(1), ["CaseSettled"]],
  ["settled it stays", [run([amount]), settle(1)], settle(1), []],
])("%s", (_name, given, when, then) => {
  const actor = made(...given);
  const { length } = actor.log;
  actor.send(when, { principal: when.type === "SettleCase" ? ops : system });
  expect(actor.log.slice(length).map(({ type }) => type)).toEqual(then);
});

test("a case that is not there cannot be settled", () => {
  for (const actor of [made(), made(run([amount]))]) {
    expect(actor.send(settle(2), { principal: ops })).toMatchObject({
      refusal: { code: "case.unknown" },
    });
  }
});

test("only the payment can mend it, and it is asked", () => {
  const actor = made();
  actor.send(run([missing, amount]), { principal: system });
  expect(actor.take()).toMatchObject([
    { do: "tell", to: { kind: "payment", id: "pay_0001" }, type: "CheckPayment" },
  ]);
  actor.send(run([missing, amount]), { principal: system });
  expect(actor.take()).toMatchObject([{ type: "CheckPayment" }]);
  actor.send({ type: "CheckAnswered", ref: { n: 1 }, answer: { ok: true, body: null } });
  expect(actor.take()).toEqual([]);
});

test("every case has id, state and reason; drivers see none of it", () => {
  const actor = made(run([missing, amount]), run([amount], [missing.key]), settle(2));
  expect(actor.read("show")).toMatchObject({
    body: {
      open: 0,
      runs: [{ differences: 2, paidFen: 300 }, { differences: 1 }],
      cases: [
        { id: "rcn_wechat-2026-03-02.1", kind: "missing-here", state: "settled", reason: "agrees" },
        { id: "rcn_wechat-2026-03-02.2", state: "settled", reason: "paid by hand", by: ops.id },
      ],
    },
  });
});

test("cases are bounded, and open ones never give way", () => {
  const many = Array.from({ length: 150 }, (_, i) => differs("amount", `pay_${i}`));
  const more = Array.from({ length: 180 }, (_, i) => differs("amount", `pay_more${i}`));
  const actor = made(run(many), run(more));
  type Shown = { body: { open: number; cases: { kind: string }[] } };
  const shown = () => (actor.read("show") as Shown).body;
  // What finds no room is not lost without a word: one case says so.
  expect(shown().open).toBe(CASES_OPEN_MAX + 1);
  expect(shown().cases.at(-1)).toMatchObject({ kind: "too-many", state: "open" });
  expect(actor.log.at(-1)).toMatchObject({ outcome: "needs-person" });
  actor.send(run(more), { principal: system });
  expect(shown().open).toBe(CASES_OPEN_MAX + 1);
});

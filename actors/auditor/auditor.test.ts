// The auditor's word: each difference is an incident once, and gone when it is found no more.
import { expect, test } from "vitest";
import { stepper } from "../kit/stepper.ts";
import { auditor } from "./mod.ts";

const system = { kind: "system" as const, id: "auditor" };
const one = { rule: "book-sum", where: "main/wallet/usr_a#3", what: "HoldPlaced sums to 5" };
const two = { rule: "bill-recomputed", where: "main/order/ord_a", what: "totalFen is 9" };
const report = (...differences: typeof one[]) => ({
  type: "ReportAudit",
  rows: 9,
  differences,
  count: differences.length,
});
const fresh = () => stepper(auditor, { id: "books", at: 1_000, settings: null, principal: system });
const raised = (events: readonly { type: string }[]) =>
  events.flatMap((event) =>
    event.type === "IncidentRaised"
      ? [`${(event as { row?: string }).row} ${(event as { cause?: string }).cause}`]
      : []
  );

test("nothing found, nothing recorded", () => {
  expect(fresh().send(report()).events).toEqual([]);
});

test("what is found is an incident once; what is found no more is gone", () => {
  const actor = fresh();
  expect(raised(actor.send(report(one)).events)).toEqual(["4.5 book-sum"]);
  expect(actor.send(report(one)).events).toEqual([]);
  expect(raised(actor.send(report(one, two)).events)).toEqual(["4.3 bill-recomputed"]);
  expect(actor.read("show")).toEqual({
    body: {
      v: 2,
      rows: null,
      lookedAt: null,
      changedAt: "1970-01-01T00:00:01.000Z",
      count: 2,
      differences: [one, two],
    },
  });
  expect(raised(actor.send(report()).events)).toEqual([]);
  expect(actor.state).toMatchObject({ open: [], count: 0 });
  expect(actor.send({ type: "TimerFired", name: "old" }).events).toEqual([]);
});

test("how much was read is shown after each look, and recorded by none", () => {
  const actor = fresh();
  actor.send(report(one));
  actor.signal({ rows: 12, at: 2_000 });
  actor.signal({ rows: "many" });
  expect(actor.read("show")).toMatchObject({
    body: { v: 1, rows: 12, lookedAt: "1970-01-01T00:00:02.000Z", count: 1 },
  });
});

test("only the platform reports; ops look", () => {
  const actor = fresh();
  for (const kind of ["driver", "ops", "actor", "device"] as const) {
    const principal = { kind, id: "x" };
    expect(actor.send(report(one), { principal }).refusal?.code).toBe("auth.forbidden");
  }
  expect(actor.read("nothing")).toMatchObject({ refused: { code: "request.not-found" } });
});

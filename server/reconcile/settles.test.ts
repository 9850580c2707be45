// When an open case is settled by a later run: only by what was really compared. Silence of the provider,
// a payment that the day's books do not name, and an unusual debit settle nothing.
import { expect, test } from "vitest";
import { quiet, TestClock, uncounted } from "../../test/kit/http-world.ts";
import type { PaymentView } from "../../wire/money.ts";
import type { CaseKind, ReconciliationView } from "../../wire/reconcile.ts";
import type { Client } from "../ports.ts";
import { createReconciler, type ReconcileDeps } from "./mod.ts";

const day = "2026-03-02";
const NOON = Date.parse(`${day}T04:00:00Z`);
const ours = (more: Partial<PaymentView> = {}): PaymentView => ({
  paymentId: "pay_0001",
  v: 4,
  userId: "usr_anna0001",
  purpose: "recharge",
  fen: 500,
  by: "wechat",
  status: "succeeded",
  ...more,
});
const row = { kind: "pay" as const, paymentId: "pay_0001", ref: "42", fen: 500, feeFen: 3 };
const SILENT = { ok: false as const, refusal: { code: "outcome.unknown" } };
const said = (status: "succeeded" | "closed") => ({
  ok: true as const,
  body: { status, ...(status === "succeeded" ? { fen: 500 } : {}) },
});

interface World {
  kind?: CaseKind;
  view?: PaymentView;
  /** Does the read model name it for this day? */
  isOfDay?: boolean;
  rows?: (typeof row)[];
  answer?: Awaited<ReturnType<ReconcileDeps["payment"]["port"]>>;
}
function rig({ kind = "missing-here", view = ours(), isOfDay = true, rows = [], answer }: World) {
  const filed: { settled: string[]; differences: { kind: string }[] }[] = [];
  const key = `${kind}/pay_0001`;
  const open = { id: "rcn_1.1", source: "wechat", day, kind, state: "open", facts: { key } };
  const shown = { cases: [{ ...open, paymentId: "pay_0001" }], v: 1 };
  const client = {
    read: ({ to }: { to: { kind: string } }) => {
      const body = to.kind === "payment" ? view : shown as unknown as ReconciliationView;
      return Promise.resolve({ ok: true, v: 1, asOf: 0, body });
    },
    ask: ({ body }: { body: (typeof filed)[number] }) => {
      filed.push(body);
      return Promise.resolve({ ok: true, v: 2, asOf: 0, body: shown });
    },
  } as unknown as Client;
  const clock = new TestClock();
  clock.at = NOON;
  const reconciler = createReconciler({
    tenant: "main",
    client,
    payment: {
      providers: ["wechat"],
      port: () => Promise.resolve(answer ?? SILENT),
      bill: () => Promise.resolve({ ok: true, rows }),
    },
    payments: {
      byIds: (ids) => Promise.resolve(ids.includes(view.paymentId) ? [view] : []),
      changed: () => Promise.resolve(isOfDay ? [{ at: NOON - 600_000, view }] : []),
    },
    clock,
    log: quiet,
    metrics: uncounted,
  });
  const settled = () => filed.at(-1)?.settled;
  return { reconciler, filed, settled, key };
}

test.each<[string, World, boolean]>([
  ["the provider says the same", { answer: said("succeeded") }, true],
  ["the provider says nothing", { answer: SILENT }, false],
])("near real time, and %s", async (_name, world, isSettled) => {
  const { reconciler, settled, key } = rig(world);
  await reconciler.now("wechat", 300_000);
  expect(settled()).toEqual(isSettled ? [key] : []);
});

test.each<[string, World, boolean]>([
  ["both books have it", { rows: [row] }, true],
  ["its file lacks it, and the provider says the same", { answer: said("succeeded") }, true],
  ["its file lacks it, and the provider says nothing", { answer: SILENT }, false],
  ["it is of another day, and the provider says the same", {
    isOfDay: false,
    answer: said("succeeded"),
  }, true],
  ["it is of another day, and the provider says nothing", { isOfDay: false }, false],
  ["it is unusual, and was changed on another day", {
    kind: "unusual",
    isOfDay: false,
    answer: said("succeeded"),
  }, false],
  ["it was debited twice, and is of another day", {
    kind: "double-debit",
    isOfDay: false,
    answer: said("succeeded"),
  }, false],
  ["a refund that stands here, of which the provider says nothing", {
    kind: "refund-missing-there",
    rows: [row],
    view: ours({
      refunds: [{ refundId: "pay_0001-r1", fen: 5, why: "correction", stage: "stood" }],
    }),
  }, false],
])("by the file of a day: %s", async (_name, world, isSettled) => {
  const { reconciler, settled, key } = rig(world);
  await reconciler.day("wechat", day, "daily");
  expect(settled()).toEqual(isSettled ? [key] : []);
});

test("a run about one driver compares nobody else, and settles nothing of others", async () => {
  const { reconciler, filed } = rig({ rows: [row] });
  await reconciler.day("wechat", day, "demand", "usr_other001");
  expect(filed).toMatchObject([{ rows: 0, userId: "usr_other001", differences: [], settled: [] }]);
  await reconciler.day("wechat", day, "demand", "usr_anna0001");
  expect(filed.at(-1)).toMatchObject({ rows: 1, paidFen: 500, settled: ["missing-here/pay_0001"] });
  await reconciler.now("wechat", 300_000, "usr_other001");
  expect(filed.length).toBe(2); // nothing of theirs: no run
});

// What a run makes of books and silence. An open case is settled only by what was really compared; a
// debit is judged by when it was paid, whatever became of it later.
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
const row = {
  kind: "pay" as const,
  paymentId: "pay_0001",
  ref: "42",
  fen: 500,
  feeFen: 3,
  at: NOON,
};
const SILENT = { ok: false as const, refusal: { code: "outcome.unknown" } };
const said = (status: "succeeded" | "closed") => ({
  ok: true as const,
  body: { status, ...(status === "succeeded" ? { fen: 500 } : {}) },
});

interface World {
  kind?: CaseKind;
  view?: PaymentView;
  /** Others that the read models have. */
  more?: PaymentView[];
  /** Does the read model name it for this day? */
  isOfDay?: boolean;
  rows?: (typeof row)[];
  answer?: Awaited<ReturnType<ReconcileDeps["payment"]["port"]>>;
}
function rig(
  { kind = "missing-here", view = ours(), more = [], isOfDay = true, rows = [], answer }: World,
) {
  const filed: { settled: string[]; differences: Record<string, unknown>[] }[] = [];
  const views = [view, ...more];
  const key = `${kind}/pay_0001`;
  const open = { id: "rcn_1.1", source: "wechat", day, kind, state: "open", facts: { key } };
  const shown = { cases: [{ ...open, paymentId: "pay_0001" }], v: 1 };
  const client = {
    read: ({ to }: { to: { kind: string; id: string } }) => {
      const payment = views.find(({ paymentId }) => paymentId === to.id);
      const body = to.kind === "payment" ? payment : shown as unknown as ReconciliationView;
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
      byIds: (ids) => Promise.resolve(views.filter(({ paymentId }) => ids.includes(paymentId))),
      changed: () =>
        Promise.resolve(isOfDay ? views.map((view) => ({ at: NOON - 600_000, view })) : []),
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

/** All of one day by the provider's file, and changed on another day since. */
async function found(views: PaymentView[], times: number[]) {
  const rows = views.map(({ paymentId, fen }, i) => ({ ...row, paymentId, fen, at: times[i]! }));
  const [view, ...more] = views;
  const { reconciler, filed } = rig({ view: view!, more, rows, isOfDay: false });
  await reconciler.day("wechat", day, "daily");
  return filed.at(-1)!.differences;
}
const nth = (n: number, more: Partial<PaymentView> = {}) =>
  ours({ paymentId: `pay_000${n}`, ...more });
const back = (n: number): Partial<PaymentView> => ({
  refunds: [{ refundId: `pay_000${n}-r1`, fen: 1, why: "correction", stage: "asked" }],
});

test("six in ten minutes are unusual, though each was changed by a refund at another time", async () => {
  const six = [1, 2, 3, 4, 5, 6];
  const views = six.map((n) => nth(n, n < 4 ? back(n) : {}));
  const often = await found(views, six.map((n) => NOON + n * 60_000));
  expect(often).toMatchObject([{ kind: "unusual", facts: { rule: "often", payments: 6 } }]);
  const hours = await found(views, six.map((n) => NOON + n * 3_600_000));
  expect(hours).toEqual([]);
});

test("a bill that was debited twice is met, though one of both was changed on another day", async () => {
  const bill = { purpose: "bill" as const, orderId: "ord_0001" };
  const twice = await found([nth(1, bill), nth(2, { ...bill, ...back(2) })], [NOON, NOON]);
  expect(twice).toMatchObject([{ kind: "double-debit", facts: { orderId: "ord_0001" } }]);
});

test("a number that we gave to another provider is none of this one's", async () => {
  const strange = await found([nth(1, { by: "alipay" })], [NOON]);
  expect(strange).toMatchObject([{ kind: "unknown-payment", paymentId: "pay_0001" }]);
});

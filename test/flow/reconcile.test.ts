// Row 4.1 on a whole platform: both providers' bills and a bank's file against our payments; what was
// missing here goes back by itself, and every difference has a case until it agrees.
import { afterAll, beforeAll, expect, test } from "vitest";
import { join } from "node:path";
import { newKey, Ops } from "../../sim/mod.ts";
import type { PaymentView } from "../../wire/money.ts";
import { bankColumns, caseRow, type ReconciliationView } from "../../wire/reconcile.ts";
import { adminOf, richDriver } from "../kit/place.ts";
import type { Program } from "../kit/processes.ts";
import { startWorld, type World } from "../kit/world.ts";

let world: World;
let server: Program;
let ops: Ops;
beforeAll(async () => {
  world = await startWorld({ sync: "100ms" });
  server = await world.startServer();
  ops = await Ops.signIn(server.url, await adminOf(join(world.dir, "node-1")));
}, 120_000);
afterAll(() => world?.[Symbol.asyncDispose]());

const today = () => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
const run = (source: string, file?: string) =>
  ops.api.post<ReconciliationView>("/v1/ops/reconciliations", { source, day: today(), file });
const behave = (...next: string[]) =>
  ops.api.ask("PUT", "/sandbox/provider/behaviour", { body: { next } });

test("bills of both providers agree with what was paid", async () => {
  const driver = await richDriver(server.url, 1);
  await driver.recharge(12_345, "alipay");
  for (const source of ["wechat", "alipay"]) {
    const view = await run(source);
    expect(view).toMatchObject({ source, open: 0, cases: [] });
    expect(view.runs.at(-1)).toMatchObject({ how: "demand", differences: 0 });
    expect(view.runs.at(-1)!.paidFen).toBeGreaterThan(0);
  }
});

test("money that we closed and the provider took is found, given back, and settled", async () => {
  const driver = await richDriver(server.url, 2);
  const opened = await driver.api.post<PaymentView>("/v1/wallet/recharges", {
    fen: 777,
    by: "wechat",
  });
  const path = `/v1/payments/${opened.paymentId}`;
  await behave("paid-after-close", "late");
  const closing = await driver.api.post<PaymentView>(`${path}/close`, {});
  let shown = await driver.api.get<PaymentView>(path);
  for (let { v } = closing; shown.status !== "closed"; v = shown.v) {
    shown = await driver.api.get<PaymentView>(path, { waitV: v });
  }
  const first = await run("wechat");
  const [found] = first.cases;
  expect(found).toMatchObject({
    kind: "missing-here",
    state: "retrying",
    paymentId: opened.paymentId,
    theirFen: 777,
    ourFen: 0,
  });
  // The payment has asked, and gives it back.
  for (let { v } = shown; shown.refunds?.[0]?.stage !== "stood"; v = shown.v) {
    shown = await driver.api.get<PaymentView>(path, { waitV: v });
  }
  const second = await run("wechat");
  expect(second.open).toBe(0);
  expect(second.cases[0]).toMatchObject({ id: found!.id, state: "settled", reason: "agrees" });
  const wallet = await driver.wallet();
  expect(wallet.balanceFen % 1_000).toBe(0); // nothing of it stayed
});

test("a bank's file is compared with what was settled; a person settles what differs", async () => {
  const lines = await Promise.all((["wechat", "alipay"] as const).map(async (provider) => {
    const { paidFen, refundedFen, feeFen } = (await run(provider)).runs.at(-1)!;
    const net = paidFen - refundedFen - feeFen;
    const line = ["B1", today(), provider, today(), paidFen, refundedFen, feeFen, net];
    return line.join(",");
  }));
  const file = [bankColumns.join(","), ...lines].join("\n");
  expect(await run("bank", file)).toMatchObject({ open: 0, cases: [] });
  const wrong = await run("bank", file.replace(lines[0]!, lines[0]!.replace(/\d$/, "x"))).catch(
    (error: { code: string }) => error.code,
  );
  expect(wrong).toBe("request.malformed");
  const half = await run("bank", [bankColumns.join(","), lines[1]].join("\n"));
  expect(half).toMatchObject({ open: 1, cases: [{ kind: "bank-missing", state: "open" }] });
  const { id } = half.cases[0]!;
  const settled = await ops.api.post<ReconciliationView>(`/v1/ops/cases/${id}/settle`, {
    reason: "comes tomorrow",
  }, newKey());
  expect(settled.cases[0]).toMatchObject({ state: "settled", reason: "comes tomorrow" });
  const rows = async () =>
    (await ops.api.get<{ items: unknown[] }>("/v1/ops/cases", { state: "settled" })).items;
  let found = await rows();
  while (found.length < 2) found = await rows();
  expect(found.map((row) => caseRow.parse(row).kind).sort()).toEqual([
    "bank-missing",
    "missing-here",
  ]);
});

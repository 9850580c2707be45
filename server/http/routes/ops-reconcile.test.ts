import { expect, test } from "vitest";
import { httpWorld } from "../../../test/kit/http-world.ts";
import type { HttpDeps } from "../deps.ts";

type Reconcile = HttpDeps["reconcile"];
async function asked(reconcile: Reconcile, body: unknown, name = "finance") {
  const world = await httpWorld({ reconcile });
  const headers = { ...await world.console(name), "idempotency-key": world.key() };
  const answer = await world.call("POST", "/v1/ops/reconciliations", { headers, body });
  return { status: answer.status, body: await answer.json() };
}
const day = { source: "wechat", day: "2026-03-02" };

test("what cannot be compared is said: no bill yet, a file that is none, nobody there", async () => {
  const rows = [
    ["no-bill", 409, "bill.not-made"],
    ["unreadable", 400, "request.malformed"],
    ["unavailable", 503, "unavailable"],
  ] as const;
  for (const [why, status, code] of rows) {
    const answer = await asked(() => Promise.resolve({ ok: false, why }), day);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  }
});

test("it is for finance, a known source and a day", async () => {
  const never: Reconcile = () => expect.fail("compared");
  expect((await asked(never, day, "service")).status).toBe(403);
  for (const spoilt of [{ source: "paypal" }, { day: "2026-02-30" }, { more: 1 }]) {
    expect((await asked(never, { ...day, ...spoilt })).status).toBe(400);
  }
});

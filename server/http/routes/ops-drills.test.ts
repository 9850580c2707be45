import { expect, test } from "vitest";
import { httpWorld } from "../../../test/kit/http-world.ts";
import { undrilled } from "../../../wire/drill.ts";

test("a row without a drill is refused at once, and nothing is asked of anybody", async () => {
  const world = await httpWorld();
  const ops = await world.console();
  for (const row of undrilled) {
    const headers = { ...ops, "idempotency-key": world.key() };
    const asked = await world.call("POST", `/v1/ops/drills/${row}/runs`, { headers, body: {} });
    expect(asked.status).toBe(409);
    expect(await asked.json()).toMatchObject({ code: "drill.unwritten", facts: { row } });
  }
  expect(undrilled.size).toBeGreaterThan(0);
  expect(world.client.asks).toEqual([]);
});

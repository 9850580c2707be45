// Tariff routes: the desk's tag is its revision, If-Match goes along, and a simulation
// bills past charges anew.
import { expect, test } from "vitest";
import { httpWorld, noViews } from "../../../test/kit/http-world.ts";
import type { PastCharge } from "../../views/mod.ts";

const period = (fromMinute: number, toMinute: number, energyMilliFenPerKwh: number) => (
  { fromMinute, toMinute, kind: "flat", energyMilliFenPerKwh, serviceMilliFenPerKwh: 40_000 }
);
const tariffOf = (version: string, periods: unknown[]) => ({
  version,
  currency: "CNY",
  zone: "Asia/Shanghai",
  periods,
  overstay: { graceMinutes: 15, fenPerMinute: 50, capFen: 5_000 },
});
const draft = tariffOf("tv_2", [period(0, 720, 60_000), period(720, 1440, 80_000)]);
const desk = {
  stationId: "stn_0001",
  v: 9,
  revision: 3,
  inForce: { tariff: tariffOf("tv_1", [period(0, 1440, 70_000)]), sinceAt: null },
  pilesBehind: 0,
  drafts: [{ tariff: draft, by: "ops_1", at: "2026-03-02T04:00:00.000Z" }],
  past: [],
  earlier: null,
};
const path = "/v1/ops/tariffs/stn_0001:tv_2";

test("the desk carries its revision as ETag; a draft is answered with its place", async () => {
  const world = await httpWorld();
  const headers = await world.console();
  world.client.onRead("station.tariffs", () => ({ body: desk, v: 9 }));
  world.client.onAsk("station.DraftTariff", () => ({ body: desk, v: 9 }));
  const shown = await world.call("GET", "/v1/ops/tariffs?stationId=stn_0001", { headers });
  expect([shown.status, shown.headers.get("etag")]).toEqual([200, `"3"`]);
  const made = await world.call("POST", "/v1/ops/tariffs", {
    headers: { ...headers, "idempotency-key": world.key() },
    body: { stationId: "stn_0001", tariff: draft },
  });
  expect([made.status, made.headers.get("location")]).toEqual([201, path]);
  expect(world.client.asks.at(-1)).toMatchObject({ body: { tariff: { version: "tv_2" } } });
});

test("publishing and going back pass If-Match on; going back without it is 428", async () => {
  const world = await httpWorld();
  const headers = await world.console();
  world.client.onAsk("station.PublishTariff", () => ({ body: desk, v: 10 }));
  world.client.onAsk("station.RollBackTariff", () => ({
    refused: { code: "station.tariffs-changed", facts: { revision: 4 } },
  }));
  const post = (to: string, more: Record<string, string>, body: unknown = { reason: "monthly" }) =>
    world.call("POST", to, {
      headers: { ...headers, "idempotency-key": world.key(), ...more },
      body,
    });
  expect((await post(`${path}/publish`, { "if-match": `"3"` })).status).toBe(200);
  expect(world.client.asks.at(-1)?.body).toEqual({
    version: "tv_2",
    reason: "monthly",
    ifRevision: 3,
  });
  const back = "/v1/ops/stations/stn_0001/tariffs/rollback";
  const bare = await post(back, {});
  expect([bare.status, (await bare.json()).code]).toEqual([428, "request.match-missing"]);
  expect((await post(back, { "if-match": "x" })).status).toBe(412);
  expect((await post(back, { "if-match": `"3"` })).status).toBe(412);
  expect(world.client.asks.at(-1)?.body).toEqual({ reason: "monthly", ifRevision: 3 });
});

/** 20 kWh from 11:00 to 13:00 in Shanghai, billed at 0.70 + 0.40. */
function charge(orderId: string): PastCharge {
  const noon = Date.parse("2026-03-02T12:00:00+08:00");
  const prices = { energyMilliFenPerKwh: 70_000, serviceMilliFenPerKwh: 40_000 };
  const [fromAt, toAt] = [noon - 3_600_000, noon + 3_600_000];
  return {
    orderId,
    endedAt: toAt,
    segments: [{ fromAt, toAt, kind: "flat", ...prices, wh: 20_000, source: "pile" }],
    startRegisterWh: 1_000,
    registerWh: 21_000,
    bill: {
      totalFen: 2_200,
      energyWh: 20_000,
      energyFen: 1_400,
      serviceFen: 800,
      currency: "CNY",
      tariffVersion: "tv_1",
      rounding: "total-half-up-1",
      startRegisterWh: 1_000,
      stopRegisterWh: 21_000,
      lines: [],
    },
  };
}

test("a simulation cuts past charges at the draft's hours and says who pays more", async () => {
  const asked: unknown[] = [];
  const views = {
    ...noViews,
    pastCharges: (...args: unknown[]) => {
      asked.push(args);
      return Promise.resolve([charge("ord_0001"), charge("ord_0002")]);
    },
  };
  const world = await httpWorld({ views });
  const headers = await world.console();
  world.client.onRead("station.tariffs", () => ({ body: desk, v: 9 }));
  const answer = await world.call("POST", `${path}/simulate`, { headers, body: { charges: 50 } });
  expect(asked).toEqual([["main", "stn_0001", 50]]);
  // 10 kWh at 0.60, 10 kWh at 0.80, 20 kWh at 0.40: as much as before
  expect(await answer.json()).toMatchObject({
    charges: 2,
    before: { totalFen: 4_400, energyFen: 2_800, serviceFen: 1_600 },
    after: { totalFen: 4_400, energyFen: 2_800, serviceFen: 1_600 },
    dearer: 0,
    cheaper: 0,
    same: 2,
    fromAt: "2026-03-02T05:00:00.000Z",
  });
  const other = await world.call("POST", "/v1/ops/tariffs/stn_0001:tv_7/simulate", {
    headers,
    body: {},
  });
  expect(other.status).toBe(404);
});

test("the check is the station's; a viewer may not ask for it", async () => {
  const world = await httpWorld();
  const headers = await world.console();
  const findings = [{ code: "gap", weight: "error", facts: { fromMinute: 0, toMinute: 60 } }];
  const checked = { stationId: "stn_0001", version: "tv_2", revision: 3, findings };
  world.client.onRead("station.check", ({ query }) => {
    expect(query).toEqual({ version: "tv_2" });
    return { body: checked, v: 9 };
  });
  const answer = await world.call("POST", `${path}/validate`, { headers, body: {} });
  expect(await answer.json()).toEqual(checked);
  const viewer = await world.console("viewer");
  const refused = await world.call("POST", `${path}/validate`, { headers: viewer, body: {} });
  expect(refused.status).toBe(403);
});

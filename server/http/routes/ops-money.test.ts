// Money by hand over HTTP: lists come from the views, the auditor is only asked.
import { expect, test } from "vitest";
import { httpWorld, noViews } from "../../../test/kit/http-world.ts";
import type { CampaignView } from "../../../wire/campaign.ts";

const campaign: CampaignView = {
  id: "cmp_0001",
  v: 2,
  name: "Autumn",
  terms: {
    off: { kind: "amount", fen: 500 },
    thresholdFen: 3_000,
    validFrom: 0,
    validUntil: 1,
    currency: "CNY",
  },
  budgetFen: 10_000,
  perUser: 1,
  couponFen: 500,
  grantedFen: 500,
  granted: 1,
  newest: [],
};

test("campaigns are listed for finance and service, page by page", async () => {
  const asked: unknown[] = [];
  const views = {
    ...noViews,
    campaigns: (tenant: string, wanted: unknown) => {
      asked.push([tenant, wanted]);
      return Promise.resolve({ items: [campaign], next: "c1" });
    },
  };
  const world = await httpWorld({ views });
  const list = async (role: string) => {
    const headers = await world.console(role);
    return await world.call("GET", "/v1/ops/campaigns?size=1", { headers });
  };
  expect(await (await list("service")).json()).toMatchObject({ items: [campaign], next: "c1" });
  expect((await list("operator")).status).toBe(403);
  expect(asked).toEqual([["main", { size: 1 }]]);
});

test("the auditor is asked to look by finance or operators, and changes nothing", async () => {
  let looks = 0;
  const world = await httpWorld({ askAudit: () => void looks++ });
  const ask = async (role: string) =>
    (await world.call("POST", "/v1/ops/books/audit", {
      headers: await world.console(role),
      body: {},
    })).status;
  expect([await ask("finance"), await ask("operator"), await ask("viewer")]).toEqual([
    202,
    202,
    403,
  ]);
  expect(looks).toBe(2);
  expect(world.client.asks).toEqual([]);
});

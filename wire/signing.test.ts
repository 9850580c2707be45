import { expect, test } from "vitest";
import { signedBytes } from "./signing.ts";

test("the bytes that are signed are frozen: RFC 8785 JSON with the target, without the signature", () => {
  const bytes = signedBytes({
    id: "ord_0001-start",
    linkEpoch: 3,
    kind: "start",
    connector: 1,
    orderId: "ord_0001",
    args: { limit: { energyWh: 5000 }, holdFen: null },
    issuedAt: 1_790_000_000_000,
    notAfterMs: 10_000,
    sig: "not part of it",
  }, { tenant: "main", pileId: "P1" });
  expect(new TextDecoder().decode(bytes)).toBe(
    '{"args":{"holdFen":null,"limit":{"energyWh":5000}},"connector":1,"id":"ord_0001-start",' +
      '"issuedAt":1790000000000,"kind":"start","linkEpoch":3,"notAfterMs":10000,' +
      '"orderId":"ord_0001","target":"main/P1"}',
  );
});

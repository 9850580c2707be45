import { expect, test } from "vitest";
import { bodyHash, commandId, entityId, shardOf } from "./ids.ts";

const KEY = "01JG0000000123456789ABCDEF";
const scope = {
  tenant: "main",
  principal: { kind: "driver", id: "usr_1" } as const,
  route: "POST /orders",
  key: KEY,
};

test("the shard of an address is frozen: it stands in every stored subject", () => {
  const shards = [
    ["main", "order", "ord_1"],
    ["main", "pile", "P-0001"],
    ["other", "pile", "P-0001"],
    ["main", "user", "usr_01jg000000abcdefghjkmnpq"],
    ["main", "station", "深圳"],
  ].map(([tenant, kind, id]) => shardOf({ tenant: tenant!, kind: kind!, id: id! }));
  expect(shards).toEqual([92, 72, 10, 238, 53]);
});

test("the id of what a key brings about is frozen, and the same on every node", () => {
  expect(entityId("ord", scope)).toBe("ord_01jg000000qketywase3rgfh3w");
  expect(entityId("ord", { ...scope, route: "POST /reservations" })).not.toBe(
    entityId("ord", scope),
  );
  expect(commandId(scope)).toMatch(/^cmd_01jg000000[0-9a-z]{16}$/);
});

test("bodies are told apart by what they say, not by the order of their fields", () => {
  expect(bodyHash("A", { x: 1, y: 2 })).toBe(bodyHash("A", { y: 2, x: 1 }));
  expect(bodyHash("A", { x: 1 })).not.toBe(bodyHash("B", { x: 1 }));
  expect(bodyHash("A", { x: 1, y: undefined })).toBe(bodyHash("A", { x: 1 }));
});

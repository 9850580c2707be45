// Locks over HTTP: what cannot be made known is said, ops move one with a reason and a confirmation.
import { expect, test } from "vitest";
import { httpWorld } from "../../../test/kit/http-world.ts";

const connector = (no: number, more: object = {}) => ({ no, plug: "gb-dc", ...more });
const pile = (lane: string) => ({
  id: "P100",
  stationId: "stn_east1",
  lane,
  connectors: [connector(1), connector(2, { lock: { form: "gate", position: "up", fault: null } })],
});

async function world(lane = "native") {
  const made = await httpWorld();
  made.client.onRead("pile.show", () => ({ body: pile(lane) }))
    .onRead("lock.show", () => ({ body: { id: "P100-2" } }))
    .onAsk("lock.FitLock", ({ to }) => ({ body: { id: to.id } }))
    .onAsk("lock.MoveLock", () => ({ body: null }))
    .onAsk("pile.LowerLock", () => ({ body: null }));
  const operator = await made.console("operator");
  const asOps = async (method: string, path: string, body: unknown) => {
    const headers = { ...operator, "idempotency-key": made.key() };
    const answer = await made.call(method, path, { headers, body });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? null : JSON.parse(text) };
  };
  return { ...made, asOps };
}
const LOCKS = "/v1/ops/piles/P100/locks";
const COMMANDS = "/v1/ops/piles/P100/commands";
const fit = { connector: 1, form: "gate", rests: "up", way: { by: "pile" } };
const byMaker = (partner: string) => ({ ...fit, way: { by: "partner", partner, ref: "L-7" } });

test.each([
  ["ocpp1.6", fit, 422, "lock.not-ours"],
  ["native", byMaker("nobody"), 422, "lock.partner-unknown"],
  ["native", { ...fit, connector: 3 }, 404, "pile.connector-unknown"],
  ["native", { ...fit, rests: "sideways" }, 400, "request.malformed"],
])("on a pile of %s, %o cannot be made known", async (lane, body, status, code) => {
  const at = await world(lane);
  const answer = await at.asOps("POST", LOCKS, body);
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect(at.client.asks.filter(({ to }) => to.kind === "lock")).toEqual([]);
});

test("made known under the name of its bay; only those that are there are listed", async () => {
  const at = await world("ocpp1.6");
  expect(await at.asOps("POST", LOCKS, byMaker("maker")))
    .toEqual({ status: 201, body: { id: "P100-1" } });
  const [asked] = at.client.asks.filter(({ to }) => to.kind === "lock");
  expect(asked).toMatchObject({
    type: "FitLock",
    body: { pileId: "P100", stationId: "stn_east1" },
  });
  const listed = await at.call("GET", LOCKS, { headers: await at.console("viewer") });
  expect(await listed.json()).toEqual({ items: [{ id: "P100-2" }] });
});

test("ops move the lock of a bay, with a reason and a confirmation", async () => {
  const at = await world();
  const wanted = { kind: "lock-down", reason: "车主在现场", confirm: true };
  expect((await at.asOps("POST", COMMANDS, { ...wanted, confirm: false })).status).toBe(400);
  expect((await at.asOps("POST", COMMANDS, { ...wanted, reason: "" })).status).toBe(400);
  expect((await at.asOps("POST", COMMANDS, { ...wanted, connector: 1 })).body.code)
    .toBe("lock.unknown");
  expect((await at.asOps("POST", COMMANDS, wanted)).status).toBe(202);
  expect((await at.asOps("POST", COMMANDS, { ...wanted, kind: "lock-up" })).status).toBe(202);
  const moves = at.client.asks.filter(({ type }) => type === "MoveLock");
  expect(moves.map(({ to, body, principal }) => [to.id, body.to, body.reason, principal.kind]))
    .toEqual([["P100-2", "down", "车主在现场", "ops"], ["P100-2", "up", "车主在现场", "ops"]]);
});

test("a driver asks the pile to open the bay, not the lock itself", async () => {
  const at = await world();
  const { headers } = await at.driver();
  const path = "/v1/piles/P100/lower-lock";
  const keyed = { ...headers, "idempotency-key": at.key() };
  const answer = await at.call("POST", path, { headers: keyed, body: { connector: 1 } });
  expect(answer.status).toBe(202);
  expect(at.client.asks.at(-1)).toMatchObject({
    to: { kind: "pile", id: "P100" },
    type: "LowerLock",
    body: { connector: 1 },
    principal: { kind: "driver" },
  });
});

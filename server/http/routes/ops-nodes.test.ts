import { expect, test } from "vitest";
import { type HttpWorld, httpWorld } from "../../../test/kit/http-world.ts";
import type { NodeSeen } from "../../../wire/report.ts";

const actor = (tenant: string, id: string) => ({ tenant, kind: "order", id });
const item = (id: string, failures: number, tenant = "main") => ({
  from: actor(tenant, id),
  id: `order/${id}#3.0`,
  lane: "pile/P1",
  to: "pile/P1 StopConnector",
  failures,
  ageMs: 60_000,
});
function seen(parked: ReturnType<typeof item>[], node = "node-1"): NodeSeen {
  const appends = { open: 1, count: 9, p50Ms: 1.5, p99Ms: 7 };
  const hottest = [{ actor: actor("main", "ord_1"), perMinute: 7 }, {
    actor: actor("other", "ord_9"),
    perMinute: 3,
  }];
  const lists = { hottest, mailboxes: [], parked, quarantined: [actor("other", "ord_8")] };
  const actors = { kinds: { order: 2 }, shards: 256, appends, overloaded: { order: 1 }, hedged: 0 };
  const head = { node, roles: ["all"], upMs: 1, rssBytes: 1, notReady: [], circuits: {} };
  return { node, heardMs: 120, report: { ...head, actors: { ...actors, ...lists } } };
}
const silent: NodeSeen = { node: "node-2", heardMs: 9_000, report: null };

async function world(looks: () => NodeSeen[]) {
  const made: HttpWorld = await httpWorld({
    nodes: {
      look() {
        made.clock.at += 500; // each look takes its time
        return Promise.resolve(looks());
      },
      stop() {},
    },
  });
  const headers = await made.console("admin");
  const retry = async (body: unknown, key = made.key(), id = "ord_1", kind = "order") => {
    const path = `/v1/ops/parked/${kind}/${id}/retry`;
    const answer = await made.call("POST", path, {
      headers: { ...headers, "idempotency-key": key },
      body,
    });
    return {
      status: answer.status,
      replay: answer.headers.get("idempotent-replay"),
      body: await answer.json(),
    };
  };
  const get = async (path: string) => await (await made.call("GET", path, { headers })).json();
  return { ...made, headers, retry, get };
}

test("nodes are shown with what is of the asker's tenant, parked items apart, silent nodes named", async () => {
  const { get } = await world(
    () => [seen([item("ord_1", 12), item("ord_7", 11, "other")]), silent],
  );
  const { nodes } = await get("/v1/ops/nodes");
  expect(nodes.map(({ node, heardMs }: NodeSeen) => [node, heardMs]))
    .toEqual([["node-1", 120], ["node-2", 9_000]]);
  const { actors } = nodes[0].report;
  expect(actors.hottest).toEqual([{ actor: actor("main", "ord_1"), perMinute: 7 }]);
  expect([actors.kinds, actors.quarantined]).toEqual([{ order: 2 }, []]);
  const parked = await get("/v1/ops/parked");
  expect(parked.items).toEqual([{ nodes: ["node-1"], ...item("ord_1", 12) }]);
  expect([parked.silent, parked.retries]).toEqual([["node-2"], []]);
});

test("a parked item says why: what the call came to, or that its actor is quarantined", async () => {
  const told = { ...item("ord_2", 12), to: "notify", cause: "Fault: push service: 503" };
  const node = seen([item("ord_1", 12), told, {
    ...item("ord_3", 12),
    to: "pile/P2 StopConnector",
  }]);
  node.report!.actors!.quarantined.push({ tenant: "main", kind: "pile", id: "P1" });
  const { get } = await world(() => [node]);
  const { items } = await get("/v1/ops/parked");
  expect(items.map(({ cause }: { cause?: string }) => cause)).toEqual([
    "pile/P1 is quarantined",
    "Fault: push service: 503",
    undefined,
  ]);
});

test("a kind that no actor has is not found, and nothing is kept of it", async () => {
  const { retry, get, client } = await world(() => [seen([])]);
  const answer = await retry({ reason: "r" }, undefined, "x_1", "unheard-of");
  expect([answer.status, answer.body.code]).toEqual([404, "request.not-found"]);
  expect(client.asks).toEqual([]);
  expect((await get("/v1/ops/parked")).retries).toEqual([]);
});

test("one whose rights end at some stations sees counts, no actors, and may retry nothing", async () => {
  const made = await world(() => [seen([item("ord_1", 12)])]);
  const { identity } = made;
  const user = (await identity.opsUsers.byName("admin"))!;
  await identity.opsUsers.put({ ...user, scope: ["stn_0001"] });
  const { nodes } = await made.get("/v1/ops/nodes");
  expect(nodes[0].report.actors).toMatchObject({ kinds: { order: 2 }, hottest: [], parked: [] });
  expect((await made.get("/v1/ops/parked")).items).toEqual([]);
  expect(await made.retry({ reason: "r" })).toMatchObject({
    status: 403,
    body: { code: "auth.forbidden" },
  });
  expect(made.client.asks).toEqual([]);
});

test("a retry wakes the lane, says what it came to, and is kept with who and why", async () => {
  let parked = [item("ord_1", 12)];
  const made = await world(() => [seen(parked)]);
  made.client.onAsk("order.$wake", () => {
    parked = [];
    return { body: null };
  });
  const key = made.key();
  const body = { lane: "pile/P1", reason: "pile is back" };
  const done = { by: "ops_admin", actor: { kind: "order", id: "ord_1" }, ...body };
  const first = await made.retry(body, key);
  expect(first).toMatchObject({
    status: 200,
    replay: null,
    body: { ...done, outcome: "delivered" },
  });
  expect(made.client.asks.at(-1)).toMatchObject({
    to: actor("main", "ord_1"),
    type: "$wake",
    body: { lane: "pile/P1" },
    principal: { kind: "ops", id: "ops_admin" },
  });
  const asks = made.client.asks.length;
  expect(await made.retry(body, key)).toMatchObject({ replay: "true", body: first.body });
  expect(await made.retry({ ...body, reason: "other" }, key)).toMatchObject({ status: 422 });
  expect(made.client.asks).toHaveLength(asks);
  expect((await made.get("/v1/ops/parked")).retries).toEqual([first.body]);
});

test("a lane that failed once more is told from one that went on, and from a node gone silent", async () => {
  let after: NodeSeen[] = [];
  let looks: NodeSeen[] = [];
  const made = await world(() => looks);
  made.client.onAsk("order.$wake", () => {
    looks = after;
    return { body: null };
  });
  const comesTo = async (before: NodeSeen[], then: NodeSeen[]) => {
    looks = before;
    after = then;
    return (await made.retry({ reason: "r" })).body.outcome;
  };
  const one = [seen([item("ord_1", 12)])];
  expect(await comesTo(one, [seen([item("ord_1", 13)])])).toBe("failed-again");
  expect(await comesTo(one, [seen([])])).toBe("delivered");
  expect(await comesTo(one, one)).toBe("trying");
  const both = [...one, seen([item("ord_1", 11)], "node-2")];
  expect(await comesTo(both, [seen([]), seen([item("ord_1", 11)], "node-2")])).toBe("delivered");
  expect(await comesTo(one, [{ ...silent, node: "node-1" }])).toBe("trying");
  expect(await comesTo([seen([])], [seen([])])).toBe("gone");
});

test("a retry that nobody serves says so, and may be asked again under its key", async () => {
  const made = await world(() => [seen([item("ord_1", 12)])]);
  made.client.onAsk("order.$wake", () => ({ fault: "unavailable" }));
  const key = made.key();
  expect(await made.retry({ reason: "r" }, key)).toMatchObject({ status: 503 });
  made.client.onAsk("order.$wake", () => ({ body: null }));
  const again = await made.retry({ reason: "r" }, key);
  expect(again).toMatchObject({ status: 200, replay: null, body: { outcome: "trying" } });
});

import { afterEach, expect, test } from "vitest";
import { memoryJournal } from "../store/memory-journal.ts";
import { memoryNetwork } from "../store/memory-network.ts";
import { everyShard } from "../../test/race/every-shard.ts";
import { tally, type TallyState } from "../../test/race/tally.ts";
import { type ActorNode, createNode, type NodeOptions, systemClock, systemRandom } from "./mod.ts";

const nodes: ActorNode[] = [];
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()));
});

const driver = { kind: "driver", id: "usr_1" } as const;
const at = (id: string) => ({ tenant: "main", kind: "tally", id });

function world() {
  const network = memoryNetwork({ clock: systemClock, random: systemRandom });
  const journal = memoryJournal({ clock: systemClock });
  return {
    journal,
    async node(name: string, more: Partial<NodeOptions> = {}) {
      const node = createNode({
        node: name,
        actors: [tally],
        journal,
        network: network.port(name),
        ...more,
      });
      nodes.push(node);
      await node.start();
      return node;
    },
  };
}

async function stateOf(node: ActorNode, id: string): Promise<TallyState> {
  const reply = await node.read({ to: at(id), name: "state", principal: driver });
  if (!reply.ok) throw new Error(JSON.stringify(reply));
  return reply.body as TallyState;
}

test("a command is stored, answered, and answered the same when it comes again", async () => {
  const node = await world().node("a");
  const add = { id: "k1", to: at("t"), type: "Add", body: { by: 2 }, principal: driver };
  const first = await node.ask(add);
  expect(first).toMatchObject({ ok: true, v: 1, body: { total: 2 } });
  expect(await node.ask(add)).toEqual({ ...first, replay: true });
  expect(await node.ask({ ...add, body: { by: 3 } })).toMatchObject({
    ok: false,
    refusal: { code: "key.reused" },
  });
  expect((await stateOf(node, "t")).total).toBe(2);
});

test("a node that others went on without shows what they stored, not its memory", async () => {
  const { node } = world();
  const limits = { freshMs: -1 }; // any memory is too old
  const frozen = await node("a", { limits, placement: everyShard("a") });
  expect((await stateOf(frozen, "t")).total).toBe(0);
  const other = await node("b", { placement: everyShard("b") });
  const add = { id: "k1", to: at("t"), type: "Add", body: { by: 2 }, principal: driver };
  expect(await other.ask(add)).toMatchObject({ ok: true, v: 1 });
  expect((await stateOf(frozen, "t")).total).toBe(2);
});

test("a told actor acts once and its answer comes back as a command", async () => {
  const node = await world().node("a");
  const body = { to: "other", by: 5, word: "w" };
  await node.ask({ id: "k1", to: at("t"), type: "Send", body, principal: driver });
  await expect.poll(() => stateOf(node, "t")).toMatchObject({ answers: { w: { total: 5 } } });
  expect(await stateOf(node, "other")).toMatchObject({ words: { w: 1 } });
  expect(await node.inspect(at("t"))).toMatchObject({ body: { out: [] } });
});

test("a command left for later is answered by the record that brings the answer", async () => {
  const node = await world().node("a", {
    ports: { shop: (call) => Promise.resolve({ ok: true, body: { got: call.body["word"] } }) },
  });
  const ask = { id: "k1", to: at("t"), type: "AskLater", body: { word: "w" }, principal: driver };
  const both = await Promise.all([node.ask(ask), node.ask(ask)]);
  expect(both[0]).toMatchObject({ ok: true, body: { got: "w" } });
  expect(both[1]).toMatchObject({ ok: true, body: { got: "w" } });
});

test("a timer fires once, at its time", async () => {
  const node = await world().node("a");
  const body = { name: "tea", at: Date.now() + 50 };
  await node.ask({ id: "k1", to: at("t"), type: "Ring", body, principal: driver });
  await expect.poll(() => stateOf(node, "t")).toMatchObject({ rung: ["tea"] });
});

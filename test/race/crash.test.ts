// A node dies right after its record is stored, before anything left it: another node finishes.
import { expect, test } from "vitest";
import { createNode, type Journal, type NodeOptions } from "../../server/runtime/mod.ts";
import { jetstreamJournal, natsNetwork } from "../../server/store/mod.ts";
import { type NatsWorld, onJetStream } from "../contract/journal-world.ts";
import { checkHistories, readAll } from "./history.ts";
import { tally, type TallyState } from "./tally.ts";

const driver = { kind: "driver", id: "usr_1" } as const;
const at = (id: string) => ({ tenant: "main", kind: "tally", id });

async function nodeOn(
  world: NatsWorld,
  name: string,
  more: Partial<NodeOptions> = {},
  decorate: (journal: Journal) => Journal = (journal) => journal,
) {
  const connection = await world.connect(name);
  const node = createNode({
    node: name,
    actors: [tally],
    journal: decorate(await jetstreamJournal(connection)),
    network: natsNetwork(connection),
    ...more,
  });
  await node.start();
  return {
    node,
    /** As kill -9: the connection is gone with everything in memory. */
    async crash() {
      await connection.close();
      node.kill();
    },
  };
}

/** Runs `then` once the first record with open effects is stored; its writer never hears of it. */
const dieAfterRecord = (then: () => void) => (journal: Journal): Journal => ({
  ...journal,
  async append(place, bytes, marks) {
    const done = await journal.append(place, bytes, marks);
    if (marks.pending === 0) return done;
    then();
    return new Promise(() => {});
  },
});

test("what a dead node recorded but did not send is sent by another, once", async () => {
  await using world = await onJetStream();
  let died = 0;
  const doomed = await nodeOn(
    world,
    "doomed",
    {},
    dieAfterRecord(() => {
      died ||= performance.now();
      void doomed.crash();
    }),
  );
  const send = { type: "Send", body: { to: "receiver", by: 3, word: "w" }, principal: driver };
  void doomed.node.ask({ id: "k1", to: at("sender"), ...send });
  await expect.poll(() => died).toBeGreaterThan(0);

  const heir = await nodeOn(world, "heir");
  const stateOf = async (id: string) => {
    const reply = await heir.node.read({ to: at(id), name: "state", principal: driver });
    return reply.ok ? reply.body as TallyState : null;
  };
  // Nobody asks for the sender: only the waker can know of it.
  await expect.poll(async () => (await stateOf("receiver"))?.words, { timeout: 8_000 })
    .toEqual({ w: 1 });
  console.log(`sent ${(performance.now() - died) | 0} ms after the crash`);
  await expect.poll(async () => (await stateOf("sender"))?.answers).toEqual({ w: { total: 3 } });
  const repeat = await heir.node.ask({ id: "k1", to: at("sender"), ...send });
  expect(repeat).toMatchObject({ ok: true, v: 1, replay: true });
  await heir.node.stop();
  expect(checkHistories(await readAll(await world.other()))).toEqual([]);
});

test("a timer of a dead node fires on another, once", async () => {
  await using world = await onJetStream();
  const doomed = await nodeOn(world, "doomed");
  const heir = await nodeOn(world, "heir");
  const ids = Array.from({ length: 8 }, (_, n) => `t${n}`);
  const due = Date.now() + 1_000;
  await Promise.all(ids.map((id) =>
    doomed.node.ask({
      id: "k1",
      to: at(id),
      type: "Ring",
      body: { name: "tea", at: due },
      principal: driver,
    })
  ));
  await doomed.crash();
  const rung = () =>
    Promise.all(ids.map(async (id) => {
      const reply = await heir.node.read({ to: at(id), name: "state", principal: driver });
      return reply.ok ? (reply.body as TallyState).rung.length : -1;
    }));
  await new Promise((done) => setTimeout(done, due - Date.now()));
  await expect.poll(rung, { timeout: 8_000 }).toEqual(ids.map(() => 1));
  console.log(`all timers rang ${Date.now() - due} ms after their time`);
  await heir.node.stop();
  expect(checkHistories(await readAll(await world.other()))).toEqual([]);
});

test("commands go on within seconds when their node dies, at once when it leaves", async () => {
  await using world = await onJetStream();
  const nodes = [];
  for (const name of ["a", "b", "c"]) nodes.push(await nodeOn(world, name));
  const [stays, dies, leaves] = nodes as [typeof nodes[0], typeof nodes[0], typeof nodes[0]];
  let n = 0;
  /** Longest answer over many actors, one command each. */
  const silence = async () => {
    const times = await Promise.all(Array.from({ length: 60 }, async (_, i) => {
      const begun = performance.now();
      const to = at(`s${i}`);
      const reply = await stays.node.ask({
        id: `k${n++}`,
        to,
        type: "Add",
        body: { by: 1 },
        principal: driver,
      });
      expect(reply.ok).toBe(true);
      return performance.now() - begun;
    }));
    return Math.max(...times);
  };
  const calm = await silence();
  await dies.crash();
  const crash = await silence();
  await leaves.node.stop();
  const graceful = await silence();
  console.log(`silence, ms: calm ${calm | 0}, crash ${crash | 0}, graceful ${graceful | 0}`);
  expect(crash).toBeLessThan(2_500);
  expect(graceful).toBeLessThan(1_500);
  await stays.node.stop();
  expect(checkHistories(await readAll(await world.other()))).toEqual([]);
});

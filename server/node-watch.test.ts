import { expect, test } from "vitest";
import { memoryBus } from "./store/memory-bus.ts";
import { memoryNetwork } from "./store/memory-network.ts";
import { answerReports, watchNodes } from "./node-watch.ts";
import { quiet } from "../test/kit/http-world.ts";
import { virtualClock } from "../test/race/virtual-clock.ts";
import { heartbeatSubject } from "../wire/subjects.ts";

const report = (node: string) => ({
  node,
  roles: ["actors"],
  upMs: 1,
  rssBytes: 1,
  notReady: [],
  circuits: {},
});

function world() {
  const clock = virtualClock();
  const network = memoryNetwork({ clock, random: () => 0.5, delayMs: () => 1 });
  const busOf = (name: string) => memoryBus(network.port(name), clock);
  let ids = 0;
  const watch = watchNodes({ bus: busOf("api"), clock, freshId: () => `q${ids++}` });
  const beat = (node: string, leaving = false) =>
    busOf(node).publish(heartbeatSubject(node), { node, ...(leaving ? { leaving } : {}) });
  const answers = (node: string, body: unknown = report(node)) =>
    answerReports({ bus: busOf(node), log: quiet }, () => body as ReturnType<typeof report>);
  const look = async () => {
    let seen: Awaited<ReturnType<typeof watch.look>> | null = null;
    void watch.look().then((found) => seen = found);
    const from = clock.tick();
    await clock.until(() => seen !== null, 5_000);
    return { seen: seen!, tookMs: clock.tick() - from };
  };
  return { clock, beat, answers, look };
}

test("all that answer are seen, a dead node with the age of its last heartbeat, one that left not", async () => {
  const { clock, beat, answers, look } = world();
  answers("a");
  answers("gateway"); // has no heartbeat
  for (const node of ["a", "dead", "left"]) beat(node);
  await clock.advance(10);
  beat("left", true);
  await clock.advance(990);
  beat("a");
  await clock.advance(1);
  const { seen, tookMs } = await look();
  expect(tookMs).toBe(300);
  expect(seen).toEqual([
    { node: "a", heardMs: 300, report: report("a") },
    { node: "dead", heardMs: 1_300, report: null },
    { node: "gateway", heardMs: null, report: report("gateway") },
  ]);
  await clock.advance(10 * 60_000);
  expect((await look()).seen.map(({ node }) => node)).toEqual(["a", "gateway"]);
});

test("where all that are known have answered nobody waits for more; nonsense is no report", async () => {
  const { clock, beat, answers, look } = world();
  const a = answers("a");
  answers("b", { node: "b", secrets: true });
  beat("a");
  await clock.advance(10);
  expect((await look()).seen.map(({ node }) => node)).toEqual(["a"]);
  expect((await look()).tookMs).toBeLessThan(10);
  a.stop();
  const { seen, tookMs } = await look();
  expect([tookMs, seen[0]]).toMatchObject([300, { node: "a", report: null }]);
});

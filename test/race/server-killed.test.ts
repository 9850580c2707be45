// The journal's server is killed again and again under load: nothing answered is lost, nothing acts
// twice, and it goes on within seconds.
import { expect, test } from "vitest";
import { createClient, createNode } from "../../server/runtime/mod.ts";
import { jetstreamJournal, natsNetwork } from "../../server/store/mod.ts";
import { onJetStream } from "../contract/journal-world.ts";
import { checkHistories, readAll } from "./history.ts";
import { load, sleep } from "./load.ts";
import { tally } from "./tally.ts";

const ROUNDS = 4;

test("kill -9 of the journal's server loses nothing that was answered", async () => {
  await using world = await onJetStream();
  const nodes = await Promise.all(["a", "b"].map(async (name) => {
    const connection = await world.connect(name);
    const journal = await jetstreamJournal(connection);
    const network = natsNetwork(connection);
    const node = createNode({ node: name, actors: [tally], journal, network });
    await node.start();
    return node;
  }));
  const client = createClient({ network: natsNetwork(await world.connect("client")) });
  const run = load(client);
  await sleep(500);
  const silences: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    run.silenceMs();
    const down = 200 + 300 * round;
    await world.restart(down, round === ROUNDS - 1);
    await sleep(3_000);
    silences.push(run.silenceMs() - down);
  }
  await run.stop();
  await client.stop();
  await Promise.all(nodes.map((node) => node.stop()));
  const rounded = silences.map((ms) => Math.round(ms));
  console.log(`${run.answers.size} commands; silence beyond the server's, ms: ${rounded.join()}`);
  const all = await readAll(await world.other());
  expect([...checkHistories(all), ...run.wrong(all)]).toEqual([]);
  expect(Math.max(...silences)).toBeLessThan(5_000);
});

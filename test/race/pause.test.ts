// A node is frozen under load and thawed later (SIGSTOP, SIGCONT), another is killed: what the late
// one still wants to write is refused, every answered command is there once.
import { expect, test } from "vitest";
import { createClient, createNode } from "../../server/runtime/mod.ts";
import { jetstreamJournal, natsNetwork } from "../../server/store/mod.ts";
import { type NatsWorld, onJetStream } from "../contract/journal-world.ts";
import { checkHistories, readAll } from "./history.ts";
import { load, sleep } from "./load.ts";
import { tally } from "./tally.ts";

const FROZEN_MS = 5_000;

async function startProcess(world: NatsWorld, name: string): Promise<Deno.ChildProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL("./node-process.ts", import.meta.url).pathname, world.url, name],
    env: { NATS_SEED: world.seed },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  for await (const chunk of child.stdout) {
    if (new TextDecoder().decode(chunk).includes("ready")) break;
  }
  return child;
}

test("a frozen node and a killed one lose nothing and double nothing", async () => {
  await using world = await onJetStream();
  const frozen = await startProcess(world, "frozen");
  const killed = await startProcess(world, "killed");
  try {
    const connection = await world.connect("here");
    const network = natsNetwork(connection);
    const journal = await jetstreamJournal(connection);
    const here = createNode({ node: "here", actors: [tally], journal, network });
    await here.start();
    const client = createClient({ network: natsNetwork(await world.connect("client")) });
    const run = load(client);
    await sleep(1_000);
    frozen.kill("SIGSTOP");
    await sleep(FROZEN_MS);
    const whileFrozen = run.silenceMs();
    frozen.kill("SIGCONT");
    await sleep(1_500);
    run.silenceMs();
    killed.kill("SIGKILL");
    await sleep(2_500);
    const afterKill = run.silenceMs();
    await run.stop();
    await client.stop();
    await here.stop();
    console.log(
      `${run.answers.size} commands; longest silence: ${whileFrozen | 0} ms while one of three ` +
        `nodes was frozen, ${afterKill | 0} ms after a kill`,
    );
    const all = await readAll(await world.other());
    expect([...checkHistories(all), ...run.wrong(all)]).toEqual([]);
    expect(afterKill).toBeLessThan(2_500);
  } finally {
    for (const child of [frozen, killed]) {
      try {
        child.kill("SIGKILL");
      } catch { /* it is gone already */ }
      await child.status;
      await child.stdout.cancel().catch(() => {});
    }
  }
}, 60_000);

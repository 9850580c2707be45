// A node is frozen under load and thawed later (SIGSTOP, SIGCONT), another is killed: what the late
// one still wants to write is refused, every answered command is there once.
import { expect, test } from "vitest";
import type { Reply } from "../../wire/envelope.ts";
import { type Client, createClient, createNode } from "../../server/runtime/mod.ts";
import { jetstreamJournal, natsNetwork } from "../../server/store/mod.ts";
import { type NatsWorld, onJetStream } from "../contract/journal-world.ts";
import { checkHistories, distinctAnswers, readAll } from "./history.ts";
import { tally } from "./tally.ts";

const ACTORS = 40;
const FROZEN_MS = 5_000;
const driver = { kind: "driver", id: "usr_1" } as const;
const sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

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

interface Load {
  answers: Map<string, Reply[]>;
  /** Longest time without an answer, by actor, in the span of the fault. */
  silenceMs: number[];
  stop(): Promise<void>;
}

/** Each actor gets a new command whenever its last one is answered; what is open is repeated. */
function load(client: Client): Load {
  const answers = new Map<string, Reply[]>();
  const silenceMs: number[] = [];
  let running = true;
  const sides = Array.from({ length: ACTORS }, async (_, actor) => {
    let answeredAt = performance.now();
    for (let n = 0; running; n++) {
      const id = `key-${actor}-${n}`;
      const to = { tenant: "main", kind: "tally", id: `t${actor}` };
      const ask = { id, to, type: "Add", body: { by: 1, word: id }, principal: driver };
      let reply: Reply;
      do {
        reply = await client.ask({ ...ask, ttlMs: 2_000 });
        answers.set(id, [...answers.get(id) ?? [], reply]);
      } while ("fault" in reply);
      silenceMs.push(performance.now() - answeredAt);
      answeredAt = performance.now();
      await sleep(5);
    }
  });
  return {
    answers,
    silenceMs,
    async stop() {
      running = false;
      await Promise.all(sides);
    },
  };
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
    const whileFrozen = Math.max(...run.silenceMs.splice(0));
    frozen.kill("SIGCONT");
    await sleep(1_500);
    run.silenceMs.splice(0);
    killed.kill("SIGKILL");
    await sleep(2_500);
    const afterKill = Math.max(...run.silenceMs.splice(0));
    await run.stop();
    await client.stop();
    await here.stop();
    console.log(
      `${run.answers.size} commands; longest silence: ${whileFrozen | 0} ms while one of three ` +
        `nodes was frozen, ${afterKill | 0} ms after a kill`,
    );
    const unequal = [...run.answers.values()].filter((all) => distinctAnswers(all).length !== 1);
    expect(unequal).toEqual([]);
    expect(checkHistories(await readAll(await world.other()))).toEqual([]);
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

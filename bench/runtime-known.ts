// A million actors that the journal knows, a tenth of them in memory: how soon one that is not gives
// its first answer, and how soon a node and the journal's server are back after they ended.
import { jetstreamManager } from "@nats-io/jetstream";
import { connectNats } from "../server/store/mod.ts";
import { streamName, STREAMS } from "../wire/subjects.ts";
import { BenchFault } from "./bench-fault.ts";
import type { Crew } from "./crew.ts";
import { type Figure, type Run, spans } from "./figure.ts";
import { cpuSecondsOf, memoryOf } from "./machine.ts";
import { pause } from "./numbers.ts";
import { perSecond, type Times } from "./rounds.ts";
import type { RuntimeOptions } from "./runtime.ts";
import { openStage, type Stage } from "./runtime-stage.ts";

const KNOWN = 1_000_000;
const RESIDENT_SHARE = 0.1;
const DUE_EACH = 1_000; // a timer that is due: the node must wake them
const LATER_EACH = 10; // a timer for later: the node must keep it in mind
const PAD = 150; // records of 600 B
const COLD = 4_000;
const COLD_CALLERS = 8;
const WAIT_MS = 180_000;
const MIB = 1_048_576;

export async function known({ actors = KNOWN }: RuntimeOptions): Promise<Run> {
  const dataDir = await Deno.makeTempDir({ prefix: "bench-known-" });
  try {
    const seconds = await seeded(dataDir, actors);
    const opened = performance.now();
    await using stage = await openStage({ sync: "always", dataDir });
    const figures = [
      figure("records published a second, to begin with", actors / seconds, "1/s"),
      figure("nats-server opens its streams", (performance.now() - opened) / 1_000, "s"),
      figure("nats-server after it, resident", memoryOf(stage.nats.pid)! / MIB, "MiB"),
    ];
    figures.push(...await lived(stage, actors));
    return {
      figures,
      notes: [
        `known: nats-server ${stage.nats.version} (sync always), ${actors} actors, ` +
        `${actors * RESIDENT_SHARE} of them resident, 1 in ${LATER_EACH} with a timer for later, ` +
        `1 in ${DUE_EACH} with one that is due`,
        "restart: a new process, from its start on; callers in a process of their own",
      ],
    };
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

const figure = (measure: string, value: number, unit: string, aim?: number): Figure => ({
  area: "runtime",
  measure,
  value,
  unit,
  ...(aim === undefined ? {} : { aim }),
});

async function seeded(dataDir: string, actors: number): Promise<number> {
  await using stage = await openStage({ sync: "2m", dataDir });
  const crews = [await stage.crew("seed-1"), await stage.crew("seed-2")];
  const begun = performance.now();
  await Promise.all(crews.map((crew, n) => {
    const [from, to] = [n, n + 1].map((part) => part * actors / crews.length);
    const each = { dueEach: DUE_EACH, laterEach: LATER_EACH };
    return crew.ask("seed", { from, to, round: "known", pad: PAD, ...each });
  }));
  return (performance.now() - begun) / 1_000;
}

async function lived(stage: Stage, actors: number): Promise<Figure[]> {
  const outside = await stage.crew("outside");
  const first = await started(stage, outside, actors, "first start");
  const residents = actors * RESIDENT_SHARE;
  const work = { round: "known", actors: residents, by: "device" };
  const loading = await outside.ask<Times>("ask", {
    ...work,
    callers: 64,
    count: residents,
    reads: true,
  });

  const cold = await outside.ask<Times>("ask", {
    ...work,
    actors: COLD,
    from: residents,
    callers: COLD_CALLERS,
    count: COLD,
  });
  const [p50, p99] = spans("runtime", "cold first answer, 8 callers", cold.ms);
  const node = first.node;
  const figures = [
    ...first.figures,
    figure("actors taken into memory", perSecond(loading), "1/s"),
    p50!,
    { ...p99!, aim: 50 },
    figure("node with them, heap", await node.ask<number>("heap") / MIB, "MiB"),
    figure("node with them, resident", memoryOf(node.pid)! / MIB, "MiB"),
    figure("nats-server by then, resident", memoryOf(stage.nats.pid)! / MIB, "MiB"),
  ];

  await node.ask("leave");
  await node[Symbol.asyncDispose]();
  const again = await started(stage, outside, actors, "restart");
  return [...figures, ...again.figures];
}

/** A node's process from its start to the first answer, and until its waker has seen everything. */
async function started(stage: Stage, outside: Crew, actors: number, what: string) {
  const [begun, at] = [performance.now(), Date.now()];
  const since = () => (performance.now() - begun) / 1_000;
  const natsCpu = cpuSecondsOf(stage.nats.pid)!;
  const answered = outside.ask<Times>("ask", {
    round: "known",
    actors: 64,
    callers: 64,
    count: 64,
    from: actors - 64,
    by: "device",
  }).then(since);
  const node = await stage.node("a", {
    pad: PAD,
    residents: actors,
    flags: ["--v8-flags=--expose-gc"],
  });

  const caught = await caughtUp(stage, at).then(since);

  const cpu = cpuSecondsOf(stage.nats.pid)! - natsCpu;
  const due = actors / DUE_EACH;
  const isFirst = what === "first start";
  while (isFirst && await node.ask<number>("residents") < due) {
    if (since() * 1_000 > WAIT_MS) throw new BenchFault("not everything was woken");
    await pause(50);
  }

  return {
    node,
    figures: [
      figure(`${what}: first answers of 64 actors`, await answered, "s", 5),
      figure(`${what}: waker has seen every actor`, caught, "s", 5),
      ...(isFirst ? [figure(`${what}: ${due} due timers fired`, since(), "s", 5)] : []),
      figure(`${what}: CPU of nats-server until then`, cpu, "s"),
      figure(`${what}: CPU of the node until then`, cpuSecondsOf(node.pid)!, "s"),
    ],
  };
}

/** Until no consumer of the journal's streams has anything left to hand on. */
async function caughtUp({ nats }: Stage, since: number): Promise<void> {
  const seed = new TextEncoder().encode(nats.credentials.platform);
  const connection = await connectNats({ url: nats.url, name: "look", seed });
  const manager = await jetstreamManager(connection, { timeout: 10_000 });
  const until = performance.now() + WAIT_MS;
  for (let k = 0; k < STREAMS && performance.now() < until;) {
    let [pending, consumers] = [0, 0];
    for await (const one of manager.consumers.list(streamName(k))) {
      if (Date.parse(one.created) < since) continue; // of a node that is gone
      pending += one.num_pending;
      consumers++;
    }
    if (consumers > 0 && pending === 0) k++;
    else await pause(20);
  }
  await connection.close();
}

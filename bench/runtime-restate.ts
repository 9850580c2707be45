// The same command on Restate, in turns with ours: a counter of so many bytes adds one and answers,
// asked by as many callers for as many keys; every write of either on disk before its answer.
import type { Figure, Run } from "./figure.ts";
import { spans } from "./figure.ts";
import { loadInWords, watchLoad } from "./machine.ts";
import { startRestate } from "./restate.ts";
import { inTurns, perSecond, type Times } from "./rounds.ts";
import { PAD } from "./runtime-counter.ts";
import type { RuntimeOptions } from "./runtime.ts";
import { openStage } from "./runtime-stage.ts";

const CALLERS = 256;
const ACTORS = 4_000;
const TURNS = 3;
const TURN_MS = 6_000;
const WARM_MS = 3_000;

export async function restate(_options: RuntimeOptions): Promise<Run> {
  const notes: string[] = [];
  await using rival = await startRestate(PAD, (line) => notes.push(line));
  if (rival === null) return { figures: [], notes };
  await using stage = await openStage({ sync: "always" });
  const node = await stage.node("a");
  const outside = await stage.crew("outside");
  const work = (round: string, forMs: number) => ({
    round,
    forMs,
    callers: CALLERS,
    actors: ACTORS,
  });
  const ours = (round: string, ms: number) => outside.ask<Times>("ask", work(round, ms));
  const theirs = (round: string, ms: number, keyed: boolean) =>
    outside.ask<Times>("post", { ...work(round, ms), url: rival.url, keyed });
  await ours("warm", WARM_MS);
  await theirs("warm", WARM_MS, true);
  const load = watchLoad({
    nats: stage.nats.pid,
    node: node.pid,
    callers: outside.pid,
    ...rival.pids,
  });
  const [a, keyed, plain]: [Times[], Times[], Times[]] = [[], [], []];
  for (let turn = 1; turn <= TURNS; turn++) {
    a.push(await ours(`ours${turn}`, TURN_MS));
    keyed.push(await theirs(`keyed${turn}`, TURN_MS, true));
    plain.push(await theirs(`plain${turn}`, TURN_MS, false));
  }
  notes.push(
    `restate: restate-server ${rival.version} with its defaults (${rival.settings}), its service on ` +
      `Node, asked by HTTP; ours: nats-server ${stage.nats.version} (sync always), one node, over the network`,
    `${CALLERS} callers in a process of their own, ${ACTORS} keys, state of ${PAD} B; "with a key": ` +
      "a repeat is answered as the first time, as ours always is",
    loadInWords(load()),
  );
  return { figures: figuresOf(inTurns(a), inTurns(keyed), inTurns(plain)), notes };
}

function figuresOf(ours: Times, keyed: Times, plain: Times): Figure[] {
  const area = "runtime" as const;
  const value = perSecond(ours);
  const beside = (what: string, theirs: Times): Figure => ({
    area,
    measure: `ours, times Restate ${what}`,
    value: value / perSecond(theirs),
    unit: "x",
    aim: 10,
  });
  const rows = { ours, "Restate, with a key": keyed, "Restate, without": plain };
  return [
    ...Object.entries(rows).flatMap(([name, times]): Figure[] => [
      { area, measure: name, value: Math.round(perSecond(times)), unit: "1/s" },
      ...spans(area, name, times.ms),
    ]),
    beside("with a key", keyed),
    beside("without", plain),
  ];
}

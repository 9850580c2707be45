// How much of the journal's speed is left when actors run on it, on one node and on two: commands a
// second and their times, as a share of raw appends of the same size and fence, in turns with them.
import type { Crew } from "./crew.ts";
import { type Figure, type Run, spans } from "./figure.ts";
import { inspect } from "./inspect.ts";
import { cpuSecondsOf, loadInWords, watchLoad } from "./machine.ts";
import { atOnce, inTurns, perSecond, type Times } from "./rounds.ts";
import { openStage, type Stage } from "./runtime-stage.ts";
import type { RuntimeOptions } from "./runtime.ts";
import { freePort } from "../server/engines/mod.ts";

const CALLERS = 256;
const ACTORS = 4_000;
const AIM = 0.7;
const TURNS = 4; // what else the machine does meets all of them

/** One way to bring commands to actors, or the raw appends. */
type Way = (round: string, count: number) => Promise<Times>;

const asking = (crew: Crew, callers = CALLERS): Way => (round, count) =>
  crew.ask<Times>("ask", { round, count, actors: ACTORS, callers });

/** Callers in both nodes' processes: half of what they ask lives in the other one. */
const inBoth = (crews: readonly Crew[]): Way => async (round, count) => {
  const share = { count: count / crews.length, callers: CALLERS / crews.length };
  return atOnce(
    await Promise.all(
      crews.map((crew, n) => asking(crew, share.callers)(`${round}${n}`, share.count)),
    ),
  );
};

export async function ratio(
  { commands = 20_000, syncs = ["always", "2m"], profile }: RuntimeOptions,
): Promise<Run> {
  const figures: Figure[] = [];
  const notes = [
    `ratio: ${CALLERS} callers, ${ACTORS} actors, ${commands} commands each way, in ${TURNS} turns`,
    "each node, the callers of `over the network` and the raw appends: processes of their own",
  ];
  for (const sync of syncs) {
    await using stage = await openStage({ sync });
    const port = freePort();
    const flags = profile === undefined ? [] : [`--inspect=127.0.0.1:${port}`];
    const node = await stage.node("a", { flags });
    const outside = await stage.crew("outside");
    await asking(node)("warm", commands / 4);
    const bytes = await outside.ask<number>("recordBytes", { id: "warm-0" });
    const words = `sync ${sync}, ${bytes} B`;
    const appends: Way = (round, count) =>
      outside.ask<Times>("raw", { round, count, actors: ACTORS, callers: CALLERS, bytes });
    await appends("warmraw", commands / 4);
    if (profile !== undefined) {
      await profiled(port, asking(node), commands, `${profile}.${sync}.cpuprofile`);
      await profiled(port, asking(outside), commands, `${profile}.${sync}.network.cpuprofile`);
    }
    const told = await inTurnsOf(stage, { node, outside, appends }, commands, words);
    figures.push(...told.figures);
    notes.push(`nats-server ${stage.nats.version}, ${words}: ${told.load}`);
  }
  return { figures, notes };
}

interface Sides {
  node: Crew;
  outside: Crew;
  appends: Way;
}

async function inTurnsOf(stage: Stage, sides: Sides, commands: number, words: string) {
  const { node, outside, appends } = sides;
  const load = watchLoad({ nats: stage.nats.pid, node: node.pid, outside: outside.pid });
  const nats = stage.nats.pid;
  const raw = { way: appends, pids: [outside.pid], nats };
  const one = await compare(commands, words, {
    "raw appends": raw,
    "one node, callers in its process": { way: asking(node), pids: [node.pid], nats },
    "one node, over the network": { way: asking(outside), pids: [node.pid], nats },
  });
  const words1 = loadInWords(load());
  const second = await stage.node("b");
  const pids = [node.pid, second.pid];
  const two = await compare(commands, words, {
    "raw appends beside two nodes": raw,
    "two nodes, callers in both processes": { way: inBoth([node, second]), pids, nats },
    "two nodes, over the network": { way: asking(outside), pids, nats },
  });
  return { figures: [...one, ...two], load: words1 };
}

/** A way, and the processes whose CPU it is measured by. */
interface Measured {
  way: Way;
  pids: readonly number[];
  nats: number;
}
interface Sum {
  times: Times[];
  cpuSeconds: number;
  natsSeconds: number;
}

/** The first way is the base of the others' shares. */
async function compare(
  commands: number,
  words: string,
  ways: Readonly<Record<string, Measured>>,
): Promise<Figure[]> {
  const names = Object.keys(ways);
  const sums = new Map<string, Sum>(
    names.map((name) => [name, { times: [], cpuSeconds: 0, natsSeconds: 0 }]),
  );
  for (let turn = 1; turn <= TURNS; turn++) {
    for (const [name, { way, pids, nats }] of Object.entries(ways)) {
      const sum = sums.get(name)!;
      const before = [cpuOf(pids), cpuOf([nats])] as const;
      sum.times.push(await way(`${name.replaceAll(/[ ,]/g, "")}${turn}`, commands / TURNS));
      sum.cpuSeconds += cpuOf(pids) - before[0];
      sum.natsSeconds += cpuOf([nats]) - before[1];
    }
  }
  const base = perSecond(inTurns(sums.get(names[0]!)!.times));
  return names.flatMap((name) => figuresOf(`${name} (${words})`, sums.get(name)!, base));
}

const cpuOf = (pids: readonly number[]) =>
  pids.reduce((sum, pid) => sum + (cpuSecondsOf(pid) ?? NaN), 0);

function figuresOf(
  measure: string,
  { times, cpuSeconds, natsSeconds }: Sum,
  base: number,
): Figure[] {
  const area = "runtime" as const;
  const whole = inTurns(times);
  const value = perSecond(whole);
  const share = value === base ? {} : { baseline: Math.round(base), ratio: value / base, aim: AIM };
  const { count, ms, repeated = 0 } = whole;
  const cpu = (whose: string, seconds: number): Figure[] =>
    Number.isNaN(seconds) ? [] : [{
      area,
      measure: `${measure} CPU ${whose}`,
      value: seconds / count * 1e6,
      unit: "us each",
    }];
  return [
    { area, measure, value: Math.round(value), unit: "1/s", ...share },
    ...spans(area, measure, ms),
    ...cpu("of the process", cpuSeconds),
    ...cpu("of nats-server", natsSeconds),
    ...(repeated > 0
      ? [{ area, measure: `${measure} asked again`, value: repeated, unit: "" }]
      : []),
  ];
}

async function profiled(port: number, way: Way, commands: number, path: string) {
  using inspector = await inspect(port);
  await inspector.profile();
  await way("profiled", commands);
  await inspector.writeProfile(path);
}

// Starts in flight while every node dies between a record and its dispatch, MongoDB stopped; some of
// the rounds stay dark for minutes. What became of each start within seconds of the return?
import { type Driver, newKey, type Random, seeded } from "../../sim/mod.ts";
import { check, type Verdict } from "./check.ts";
import { pause } from "./fault.ts";
import { askOnce } from "./phone.ts";
import { keepLogs } from "./keep-logs.ts";
import { some } from "./report.ts";
import { nodeName, openScene, type Scene } from "./scene.ts";
import { type Charge, inOneWord, isOver, type Seat, tap, untilStatus } from "./traffic.ts";

export interface StartsPlan {
  readonly seed: number;
  readonly nodes: number;
  readonly rounds: number;
  /** Starts in flight in each round. */
  readonly starts: number;
  /** How many of the rounds stay dark, and for how long. */
  readonly darkRounds: number;
  readonly darkMs: number;
  readonly say: (words: string) => void;
}

export interface Round {
  /** Nodes that died between a record and its dispatch; the others were killed where they stood. */
  atTheSeam: number;
  killed: number;
  orders: Record<string, number>;
  /** From the return of all nodes until the last start was settled. */
  settledMs: number;
  startCommands: number;
  /** Holds outstanding of starts that failed, and of those that run. */
  holdsOfFailed: number;
  holdsOfCharging: number;
  /** Settled after more than `SETTLED_MS`. */
  late: string[];
  wrong: string[];
}

export interface StartsResult {
  rounds: Round[];
  verdict: Verdict;
  logs?: string;
}

/** The promise: by then every start is charging or has failed. */
const SETTLED_MS = 10_000;
const SETTLE_MS_MAX = 120_000;
const SEAM_MS_MAX = 10_000;
/** Records with open effects of one start, at one of two nodes. */
const RECORDS_EACH = 2.5;
/** A long darkness proves little where no start was promised yet: it falls late in the starts. */
const LATE_SHARE = 0.6;
const READY_MS_MAX = 60_000;
const RENEW_MS = 240_000; // tokens last 15 minutes, a dark round takes 5
const LOOK_MS = 100;
const SETTLED = new Set(["charging", "start-failed", "declined"]);

export async function runStarts(plan: StartsPlan): Promise<StartsResult> {
  const random = seeded(plan.seed);
  const { seed, nodes, starts: seats } = plan;
  const server = { script: "test/faults/dying-server.ts", flags: ["--allow-run"] };
  await using scene = await openScene({ seed, nodes, seats, server });
  const dark = darkOnes(plan, random);
  const charges: Charge[] = [];
  const rounds: Round[] = [];
  let renewedAt = performance.now();
  await scene.world.mongo.kill();
  for (let n = 0; n < plan.rounds; n++) {
    if (performance.now() - renewedAt > RENEW_MS || dark.has(n)) {
      await Promise.all(scene.seats.map(async ({ driver }) => await driver.api.renew?.()));
      renewedAt = performance.now();
    }
    const darkMs = dark.has(n) ? plan.darkMs : 0;
    const round = await oneRound(scene, random, darkMs, charges);
    rounds.push(round);
    plan.say(roundInWords(n, darkMs, round));
  }
  await scene.world.mongo.restart();
  const result = { rounds, verdict: await check(scene, charges) };
  if (startsPassed(result)) return result;
  return { ...result, logs: await keepLogs(scene, `starts ${seed}`) };
}

function darkOnes({ rounds, darkRounds }: StartsPlan, random: Random): Set<number> {
  const dark = new Set<number>();
  while (dark.size < Math.min(darkRounds, rounds)) dark.add(Math.floor(random.between(0, rounds)));
  return dark;
}

async function oneRound(
  scene: Scene,
  random: Random,
  darkMs: number,
  charges: Charge[],
): Promise<Round> {
  const { nodes, seats, phones } = scene;
  await untilStartable(scene);
  await arm(scene, random, darkMs > 0 ? LATE_SHARE : 0);
  const from = charges.length;
  const taps = Promise.all(seats.map((seat) => tap(phones, seat, charges, random)));
  const died = await untilDead(scene);
  const killed = nodes.length;
  await pause(darkMs);
  await Promise.all(nodes.map((node) => node.restart()));
  const back = performance.now();
  const own = charges.slice(from);
  const settled = await Promise.all(own.map((charge) => settledAfter(scene, charge, back)));
  const settledMs = Math.round(Math.max(...settled));
  const late = own.filter((_, n) => settled[n]! > SETTLED_MS);
  const round: Round = {
    atTheSeam: died,
    killed,
    orders: {},
    settledMs,
    startCommands: 0,
    holdsOfFailed: 0,
    holdsOfCharging: 0,
    late: late.map((charge) => `order ${charge.orderId} was late: ${inOneWord(charge)}`),
    wrong: [],
  };
  for (const charge of own) await judge(scene, charge, back, round);
  await taps;
  await Promise.all(own.map((charge) => endIt(scene, charge)));
  round.wrong.push(...await untilStartable(scene));
  return round;
}

/** Piles are linked and free again: what a phone sees before the tap. Says which never were (O5). */
async function untilStartable({ seats, phones }: Scene): Promise<string[]> {
  const looks = seats.map(async ({ driver, pile }) => {
    const see = (path: string) => phones.ask(driver, { method: "GET", path, withinMs: 5_000 });
    const until = performance.now() + READY_MS_MAX;
    while (performance.now() < until) {
      const seen = await see(`/v1/piles/${pile.id}/quote?connector=1`);
      if (seen?.body["startable"] === true) return [];
      await pause(LOOK_MS);
    }
    const shown = await see(`/v1/piles/${pile.id}`);
    return [`pile ${pile.id} cannot be started: ${shown?.text}`];
  });
  return (await Promise.all(looks)).flat();
}

/** Each node dies at some record of the starts to come: early, late, or in their middle. */
async function arm(
  { nodes, seats, world }: Scene,
  random: Random,
  fromShare: number,
): Promise<void> {
  for (const [n, node] of nodes.entries()) {
    const last = seats.length * RECORDS_EACH;
    const at = Math.floor(random.between(Math.max(1, last * fromShare), last));
    await Deno.writeTextFile(`${world.dir}/${nodeName(n)}/die-at`, String(at));
    node.signal("SIGUSR2");
  }
}

async function untilDead({ nodes }: Scene): Promise<number> {
  let died = 0;
  const limit = performance.now() + SEAM_MS_MAX;
  await Promise.all(nodes.map(async (node) => {
    const over = await Promise.race([
      node.exited.then(() => true),
      pause(limit - performance.now()).then(() => false),
    ]);
    if (over) died++;
    else await node.kill();
  }));
  return died;
}

/** From the return until the start is settled, as its driver may see it. */
async function settledAfter(scene: Scene, charge: Charge, back: number): Promise<number> {
  const seat = seatOf(scene, charge);
  const isSettled = (status: string) => SETTLED.has(status);
  await untilStatus(scene.phones, seat.driver, charge, isSettled, SETTLE_MS_MAX);
  return performance.now() - back;
}

const seatOf = ({ seats }: Scene, { userId }: Charge): Seat =>
  seats.find(({ driver }) => driver.userId === userId)!;

/** What the order says, what its pile heard, what the wallet holds. */
async function judge(scene: Scene, charge: Charge, back: number, round: Round): Promise<void> {
  const { driver, pile } = seatOf(scene, charge);
  const { orderId, status } = charge;
  const what = inOneWord(charge);
  round.orders[what] = (round.orders[what] ?? 0) + 1;
  const heard =
    pile.log("command").filter((did) => did["kind"] === "start" && did["orderId"] === orderId)
      .length;
  round.startCommands += heard;
  const ran = pile.log("charging").filter((did) => did["orderId"] === orderId).length;
  const holds = await holdsAt(scene, driver, status === "charging" ? 0 : back + SETTLED_MS);
  const wrong = (words: string) => round.wrong.push(`order ${orderId} is ${status}: ${words}`);
  if (status === "charging") {
    round.holdsOfCharging += holds;
    if (heard !== 1 || ran !== 1) wrong(`its pile heard ${heard} starts, charged ${ran} times`);
  } else if (SETTLED.has(status)) {
    round.holdsOfFailed += holds;
    if (heard > 1 || ran > 1) wrong(`its pile heard ${heard} starts, charged ${ran} times`);
    if (holds > 0) wrong("its hold is outstanding");
  } else wrong("it is not settled");
}

/** 1 where money is held: at once, or still at that moment, until when it may be released. */
async function holdsAt({ nodes }: Scene, driver: Driver, until: number): Promise<number> {
  for (;;) {
    const wallet = await askOnce(nodes[0]!.url, driver, { method: "GET", path: "/v1/wallet" });
    if (wallet?.status === 200 && Number(wallet.body["heldFen"]) === 0) return 0;
    if (performance.now() >= until) return 1;
    await pause(LOOK_MS);
  }
}

async function endIt(scene: Scene, charge: Charge): Promise<void> {
  const { driver } = seatOf(scene, charge);
  const path = `/v1/orders/${charge.orderId}/stop`;
  const told = await scene.phones.ask(driver, { method: "POST", path, key: newKey(), body: {} });
  charge.stopped = told !== null && told.status < 300;
  await untilStatus(scene.phones, driver, charge, isOver, SETTLE_MS_MAX);
}

function roundInWords(n: number, darkMs: number, round: Round): string {
  const { atTheSeam, killed, settledMs, startCommands, late, wrong } = round;
  const orders = Object.entries(round.orders).map(([status, count]) => `${count} ${status}`);
  return [
    `round ${n + 1}${darkMs > 0 ? `, ${darkMs / 60_000} min dark` : ""}: ${killed} nodes killed, ` +
    `${atTheSeam} between record and dispatch; ${orders.join(", ")}; settled ${settledMs} ms ` +
    `after the return; ${startCommands} start commands; holds outstanding: ` +
    `${round.holdsOfCharging} of those charging, ${round.holdsOfFailed} of those failed`,
    ...some([...late, ...wrong]),
  ].join("\n");
}

/** The whole in words, and whatever else the judge found. */
export function startsInWords({ rounds, verdict, logs }: StartsResult): string {
  const sum = (of: (round: Round) => number) => rounds.reduce((all, round) => all + of(round), 0);
  const bad = [...verdict.lost, ...verdict.doubled, ...verdict.breaches];
  const starts = sum(({ orders }) => Object.values(orders).reduce((all, n) => all + n, 0));
  const latest = Math.max(...rounds.map(({ settledMs }) => settledMs));
  const promised = sum(({ orders }) =>
    Object.entries(orders).reduce(
      (all, [what, n]) => what.startsWith("declined") ? all : all + n,
      0,
    )
  );
  return [
    `starts: ${starts} in flight (${promised} of them promised to their drivers) over ` +
    `${rounds.length} deaths of every node, ` +
    `${sum(({ atTheSeam }) => atTheSeam)} of ${sum(({ killed }) => killed)} between record and ` +
    `dispatch; latest settled ${latest} ms after the return; ${verdict.lost.length} lost, ` +
    `${verdict.doubled.length} doubled, ${verdict.breaches.length} breaches`,
    ...(logs === undefined ? [] : [`  logs in ${logs}`]),
    ...some(bad),
  ].join("\n");
}

export function startsPassed({ rounds, verdict }: StartsResult): boolean {
  const bad = verdict.lost.length + verdict.doubled.length + verdict.breaches.length;
  const isGood = ({ wrong, late, atTheSeam }: Round) =>
    wrong.length + late.length === 0 && atTheSeam > 0;
  return bad === 0 && rounds.every(isGood);
}

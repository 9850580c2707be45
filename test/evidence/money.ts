// Money operations on the real engines while a node dies after each kind of step of the way that money
// goes; then the auditor, the provider and the judge look at the books.
import { seeded } from "../../sim/mod.ts";
import { openDatabase, settledBooks } from "../kit/audit.ts";
import { flatTariff } from "../kit/place.ts";
import { check, type Verdict } from "../faults/check.ts";
import { pause } from "../faults/fault.ts";
import { keepLogs } from "../faults/keep-logs.ts";
import { nodeName, openScene, type Scene } from "../faults/scene.ts";
import type { Seat } from "../faults/traffic.ts";
import { charge, giveBack, hindered, recharge, renewed, type Scope } from "./acts.ts";
import { type BooksLook, lookAtBooks, paidIn } from "./books.ts";
import { SandboxHand } from "./sandbox.ts";
import { type Armed, type Step, STEPS } from "./steps.ts";

export interface MoneyPlan {
  readonly seed: number;
  /** Operations at least, and deaths at each kind of step at least. */
  readonly count: number;
  readonly deaths: number;
  /** At which steps nodes die. */
  readonly steps: readonly Step[];
  readonly seats: number;
  readonly say: (words: string) => void;
}
export interface MoneyRun {
  seed: number;
  operations: Record<string, number>;
  deaths: Record<Step, number>;
  verdict: Verdict;
  books: BooksLook;
  stuck: string[];
  seconds: number;
  logs?: string;
}

const RENEW_MS = 240_000; // tokens last 15 minutes
const ROUNDS_MAX = 400;
const NTH_MAX = 4;
const DARK_MS_MAX = 1_000;
/** Prices near the bounds: a charge of seconds costs something. */
const TARIFF = flatTariff(250_000, 150_000);

export async function runMoney(plan: MoneyPlan): Promise<MoneyRun> {
  const begun = performance.now();
  const { seed, seats } = plan;
  const server = { script: "test/evidence/step-server.ts", flags: ["--allow-run"] };
  await using scene = await openScene({ seed, nodes: 2, seats, server, tariff: TARIFF });
  await using hand = await SandboxHand.open(scene.world.provider!);
  const { phones, place: { ops } } = scene;
  const random = seeded(seed + 1);
  const scope: Scope = { phones, hand, ops, random, charges: [], done: {}, stuck: [] };
  const given = new Map<string, number>();
  const deaths = await underDeaths(plan, scene, scope, given);
  await using opened = await openDatabase(scene.world.mongo.url);
  await settledBooks(opened.db);
  const paid = await paidIn(opened.db, await hand.lines());
  for (const seat of scene.seats) {
    const { userId } = seat.driver;
    seat.paidInFen = (paid.get(userId) ?? 0) + (given.get(userId) ?? 0);
  }
  const verdict = await check(scene, scope.charges);
  const books = await lookAtBooks(scene, opened.db, hand);
  const seconds = Math.round((performance.now() - begun) / 1_000);
  const { done: operations, stuck } = scope;
  const run = { seed, operations, deaths, verdict, books, stuck, seconds };
  return moneyPassed(run, plan) ? run : { ...run, logs: await keepLogs(scene, `money ${seed}`) };
}

const sumOf = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

async function underDeaths(
  plan: MoneyPlan,
  scene: Scene,
  scope: Scope,
  given: Map<string, number>,
): Promise<Record<Step, number>> {
  const deaths = Object.fromEntries(STEPS.map((step) => [step, 0])) as Record<Step, number>;
  let renewedAt = performance.now();
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const lacking = plan.steps.filter((step) => deaths[step] < plan.deaths);
    if (lacking.length === 0 && sumOf(scope.done) >= plan.count) break;
    if (performance.now() - renewedAt > RENEW_MS) {
      await Promise.all(scene.seats.map(renewed));
      renewedAt = performance.now();
    }
    const from = lacking.length > 0 ? lacking : plan.steps;
    const step = from[round % from.length]!;
    if (await oneRound(scene, scope, step, given)) deaths[step]++;
    if (round % 10 === 9) plan.say(`${sumOf(scope.done)} operations, ${JSON.stringify(deaths)}`);
  }
  return deaths;
}

/** Every driver does one thing; one node dies at the step, and comes back. False: it met none. */
async function oneRound(
  scene: Scene,
  scope: Scope,
  step: Step,
  given: Map<string, number>,
): Promise<boolean> {
  const { random } = scope;
  const victim = Math.floor(random.next() * scene.nodes.length);
  const last = Math.min(NTH_MAX, scene.seats.length - 1); // a later one may never come
  await arm(scene, victim, { step, nth: 1 + Math.floor(random.next() * last) });
  const doing = Promise.all(scene.seats.map((seat) => oneThing(scope, seat, given)));
  const node = scene.nodes[victim]!;
  const died = await Promise.race([node.exited.then(() => true), doing.then(() => false)]);
  if (died) {
    await pause(random.between(0, DARK_MS_MAX));
    await node.restart();
  } else await arm(scene, victim, { step: "", nth: 0 });
  await doing;
  return died;
}

async function arm({ world, nodes }: Scene, n: number, armed: Armed): Promise<void> {
  await Deno.writeTextFile(`${world.dir}/${nodeName(n)}/die-at`, JSON.stringify(armed));
  nodes[n]!.signal("SIGUSR2");
}

async function oneThing(scope: Scope, seat: Seat, given: Map<string, number>): Promise<void> {
  const { random, charges, stuck } = scope;
  const { userId } = seat.driver;
  const ms = random.between(1_500, 4_000);
  const by = random.pick(["wallet", "wechat", "alipay"] as const);
  const before = charges.filter((one) => one.userId === userId && one.status === "paid");
  const what = random.weighted([45, 20, 25, before.length > 0 ? 10 : 0]);
  if (what === 0) return await recharge(scope, seat);
  if (what === 3) {
    const fen = await giveBack(scope, seat, random.pick(before).orderId);
    return void given.set(userId, (given.get(userId) ?? 0) + fen);
  }
  const why = await hindered(scope, seat);
  if (why !== null) stuck.push(`pile ${seat.pile.id} cannot be started: ${why}`);
  await charge(scope, seat, { by, autoCapture: what === 1, ms });
}

export function moneyPassed(
  { operations, deaths, verdict, books, stuck }: MoneyRun,
  { count, steps, deaths: wanted }: MoneyPlan,
): boolean {
  const bad = verdict.lost.length + verdict.doubled.length + verdict.breaches.length +
    books.wrong.length + stuck.length;
  const isWhole = sumOf(operations) >= count && steps.every((step) => deaths[step] >= wanted);
  return bad === 0 && isWhole;
}

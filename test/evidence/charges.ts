// Charges on the real engines with random faults of the provider, of piles and of the network between
// all of them; then the books, every hold, every order and every Wh are looked at.
import { seeded } from "../../sim/mod.ts";
import { openDatabase } from "../kit/audit.ts";
import { flatTariff } from "../kit/place.ts";
import { check, type Verdict } from "../faults/check.ts";
import { keepLogs } from "../faults/keep-logs.ts";
import { openScene, type Scene } from "../faults/scene.ts";
import type { Seat } from "../faults/traffic.ts";
import { charge, hindered, inspected, recharge, renewed, type Scope } from "./acts.ts";
import {
  type BooksLook,
  correctionsOf,
  type EnergyLook,
  lookAtBooks,
  lookAtEnergy,
  paidIn,
  untilCorrected,
} from "./books.ts";
import { mended, MISHAPS } from "./mishaps.ts";
import { Network } from "./network.ts";
import { RATES, SandboxHand } from "./sandbox.ts";

export interface ChargesPlan {
  readonly seed: number;
  /** Charges in which energy flowed, at least. */
  readonly count: number;
  readonly seats: number;
  readonly say: (words: string) => void;
}
export interface ChargesRun {
  seed: number;
  charged: number;
  done: Record<string, number>;
  /** What went wrong at piles, between programs, at the provider. */
  mishaps: Record<string, number>;
  network: Record<string, number>;
  provider: Record<string, number>;
  verdict: Verdict;
  books: BooksLook;
  energy: EnergyLook;
  stuck: string[];
  seconds: number;
  logs?: string;
}

/** The rules with shorter times: a lost pile is given up within a minute. */
const SETTINGS = {
  startAskMs: 4_000,
  startMs: 25_000,
  plugInMs: 10_000,
  stopRetryMs: 3_000,
  readingGapMs: 5_000,
  noteMs: 5_000,
  lostMs: 15_000,
  paymentQueryMs: [1_000, 3_000, 10_000, 20_000],
};
const MISHAP_SHARE = 0.5;
const RENEW_MS = 240_000; // tokens last 15 minutes
const TARIFF = flatTariff(250_000, 150_000);

export async function runCharges(plan: ChargesPlan): Promise<ChargesRun> {
  const begun = performance.now();
  const { seed, seats } = plan;
  const server = { env: { CHARGEWARD_SETTINGS: JSON.stringify(SETTINGS) } };
  const proxies = { natsProxy: true, mongoProxy: true };
  await using scene = await openScene({
    seed,
    nodes: 2,
    seats,
    server,
    tariff: TARIFF,
    ...proxies,
  });
  await using hand = await SandboxHand.open(scene.world.provider!);
  const piles = scene.seats.map(({ pile }) => ({ pile, firstWh: pile.register() }));
  const { phones, place: { ops } } = scene;
  const random = seeded(seed + 1);
  const scope: Scope = { phones, hand, ops, random, charges: [], done: {}, stuck: [] };
  await hand.behave({ next: [], rates: RATES, seed });
  const network = new Network(scene, seeded(seed + 2));
  const tally = { charged: 0, mishaps: {} as Record<string, number> };
  await underFaults(plan, scene, scope, tally);
  await network.heal();
  await hand.behave({ next: [] });
  await Promise.all(scene.seats.map(({ pile }) => mended(pile)));
  await Promise.all(scene.seats.map(renewed));
  await using opened = await openDatabase(scene.world.mongo.url);
  await untilCorrected(opened.db);
  const paid = await paidIn(opened.db, await hand.lines());
  const moved = await correctionsOf(opened.db);
  for (const seat of scene.seats) {
    const { userId } = seat.driver;
    seat.paidInFen = (paid.get(userId) ?? 0) - (moved.get(userId) ?? 0);
  }
  const verdict = await check(scene, scope.charges);
  const books = await lookAtBooks(scene, opened.db, hand);
  const energy = await lookAtEnergy(opened.db, piles);
  const run: ChargesRun = {
    seed,
    ...tally,
    done: scope.done,
    network: network.counts,
    provider: { ...await hand.misbehaved(), deaths: hand.deaths },
    verdict,
    books,
    energy,
    stuck: scope.stuck,
    seconds: Math.round((performance.now() - begun) / 1_000),
  };
  return chargesPassed(run, plan)
    ? run
    : { ...run, logs: await keepLogs(scene, `charges ${seed}`) };
}

async function underFaults(
  { count, say }: ChargesPlan,
  { seats }: Scene,
  scope: Scope,
  tally: { charged: number; mishaps: Record<string, number> },
): Promise<void> {
  let toldAt = 0;
  const lives = seats.map(async (seat, n) => {
    const random = seeded(Math.floor(scope.random.next() * 2 ** 32) + n);
    const own = { ...scope, random };
    let renewedAt = performance.now();
    while (tally.charged < count) {
      if (performance.now() - renewedAt > RENEW_MS) {
        await renewed(seat);
        renewedAt = performance.now();
      }
      if (await oneVisit(own, seat, tally.mishaps)) tally.charged++;
      if (tally.charged < toldAt + 20) continue;
      toldAt = tally.charged;
      say(`${tally.charged} charged, ${JSON.stringify(scope.done)}`);
    }
  });
  await Promise.all(lives);
}

/** A driver comes, recharges now and then, charges and pays; true: energy flowed. */
async function oneVisit(
  scope: Scope,
  seat: Seat,
  mishaps: Record<string, number>,
): Promise<boolean> {
  const { random, stuck } = scope;
  const { pile } = seat;
  if (random.next() < 0.3) await recharge(scope, seat);
  await mended(pile);
  const why = await hindered(scope, seat);
  if (why !== null) {
    stuck.push(`${pile.id} is never free: ${why}`);
    return false;
  }
  const mishap = random.next() < MISHAP_SHARE ? random.pick(MISHAPS) : null;
  if (mishap !== null) mishaps[mishap.name] = (mishaps[mishap.name] ?? 0) + 1;
  mishap?.before?.(pile, random);
  const charged = await charge(scope, seat, {
    by: random.pick(["wallet", "wechat", "alipay"]),
    autoCapture: random.next() < 0.5,
    ms: random.between(1_500, 5_000),
    ...(mishap?.during && { mishap: () => mishap.during!(pile, random) }),
  });
  if (mishap?.inspect) {
    await mended(pile);
    await inspected(scope, seat);
  }
  return charged !== null;
}

export function chargesPassed(
  { charged, verdict, books, energy, stuck, network }: ChargesRun,
  { count }: ChargesPlan,
): boolean {
  const bad = verdict.lost.length + verdict.doubled.length + verdict.breaches.length +
    books.wrong.length + energy.wrong.length + stuck.length;
  return bad === 0 && charged >= count && Object.keys(network).length > 0;
}

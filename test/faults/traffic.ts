// Load with a known history: drivers, each at a pile of their own, start, charge, stop and start again;
// everything that they were told is kept.
import { type Driver, newKey, type Pile, type Random, seeded } from "../../sim/mod.ts";
import type { PayBy } from "../../wire/order.ts";
import { orderIdOf } from "../kit/roving.ts";
import type { Answer, Phones } from "./phone.ts";

/** One charge as its driver knows it. */
export interface Charge {
  orderId: string;
  pileId: string;
  userId: string;
  /** Every sure answer to the tap; one key, so all must be the same. */
  taps: Answer[];
  /** The last status that the driver saw. */
  status: string;
  /** Why it failed or was declined, where it was. */
  why: string | null;
  /** A stop was answered. */
  stopped: boolean;
}

/** A driver, the pile and the price on its display. */
export interface Seat {
  driver: Driver;
  pile: Pile;
  tariffVersion: string;
  /** What was paid into the wallet. */
  paidInFen: number;
}

export interface Traffic {
  /** All charges so far, those under way too. */
  readonly charges: readonly Charge[];
  /** No new taps; settles when what is under way has ended, or was given up. */
  stop(): Promise<void>;
}

export const FINAL = new Set(["paid", "start-failed", "declined"]);
/** A person goes on from here. */
const HANDED_OVER = new Set(["bill-review", "overdue"]);
export const isOver = (status: string): boolean => FINAL.has(status) || HANDED_OVER.has(status);

/** Its status, and the reason of a bad one: `start-failed (pile.offline)`. */
export const inOneWord = ({ status, why }: Charge): string =>
  why === null ? status : `${status} (${why})`;

const LOOK_MS = 200;
const START_MS_MAX = 100_000; // the platform gives up a start after 90 s
const END_MS_MAX = 90_000;
const REFUSED_PAUSE_MS = 1_000;
/** Of this share of taps the driver's app repeats the same key after its answer. */
const TAPPED_TWICE = 0.2;

export interface TrafficPlan {
  readonly phones: Phones;
  readonly seats: readonly Seat[];
  readonly random: Random;
  /** Shortest and longest charge. */
  readonly chargeMs: readonly [number, number];
}

export function startTraffic(plan: TrafficPlan): Traffic {
  const charges: Charge[] = [];
  const life = { over: false };
  const lives = plan.seats.map(async (seat) => {
    const random = seeded(Math.floor(plan.random.next() * 2 ** 32));
    await wait(random.between(0, plan.chargeMs[1])); // not all in one breath
    while (!life.over) {
      const charge = await oneCharge({ ...plan, random }, seat, life, charges);
      await wait(charge.taps[0]?.status === 202 ? random.between(0, 500) : REFUSED_PAUSE_MS);
    }
  });
  return {
    charges,
    async stop() {
      life.over = true;
      await Promise.all(lives);
    },
  };
}

async function oneCharge(
  { phones, random, chargeMs }: TrafficPlan,
  seat: Seat,
  life: { over: boolean },
  charges: Charge[],
): Promise<Charge> {
  const charge = await tap(phones, seat, charges, random);
  if (charge.taps[0]?.status !== 202) return charge;
  const { driver } = seat;
  await untilStatus(phones, driver, charge, (status) => status !== "starting", START_MS_MAX);
  if (charge.status === "charging") {
    const until = performance.now() + random.between(...chargeMs);
    while (!life.over && performance.now() < until) await wait(LOOK_MS);
  }
  await stopCharge(phones, driver, charge);
  await untilStatus(phones, driver, charge, isOver, END_MS_MAX);
  return charge;
}

/** The tap on start, again and again until it is answered for sure; sometimes once more after it. */
export async function tap(
  phones: Phones,
  { driver, pile, tariffVersion }: Seat,
  charges: Charge[],
  random: Random,
  pay: { by: PayBy; autoCapture: boolean } = { by: "wallet", autoCapture: true },
): Promise<Charge> {
  const key = newKey();
  const { userId } = driver;
  const orderId = orderIdOf(driver, key);
  const status = "unknown";
  const charge = { orderId, pileId: pile.id, userId, taps: [], status, why: null, stopped: false };
  const kept: Charge = charge;
  charges.push(kept);
  const body = { pileId: pile.id, connector: 1, tariffVersion, pay, ageMs: 0 };
  const question = { method: "POST", path: "/v1/orders", key, body } as const;
  const first = await phones.ask(driver, question);
  if (first !== null) {
    kept.taps.push(first);
    // a repeat is answered as the first was: by now more may be known
    if (kept.status === "unknown") sawOrder(kept, first);
  }
  if (first === null || random.next() >= TAPPED_TWICE) return kept;
  const second = await phones.ask(driver, question);
  if (second !== null) kept.taps.push(second);
  return kept;
}

/** A refused start is an order that was declined. */
function sawOrder(charge: Charge, { body }: Answer): void {
  const { status, why, code } = body as { status?: string; why?: string; code?: string };
  charge.status = status ?? "declined";
  charge.why = why ?? code ?? charge.why;
}

export async function stopCharge(
  phones: Phones,
  driver: Driver,
  charge: Charge,
): Promise<void> {
  const path = `/v1/orders/${charge.orderId}/stop`;
  const told = await phones.ask(driver, { method: "POST", path, key: newKey(), body: {} });
  charge.stopped = told !== null && told.status < 300;
}

/** Looks until the order is as wanted, or the time is over. */
export async function untilStatus(
  phones: Phones,
  driver: Driver,
  charge: Charge,
  wanted: (status: string) => boolean,
  withinMs: number,
): Promise<void> {
  const until = performance.now() + withinMs;
  const path = `/v1/orders/${charge.orderId}`;
  while (performance.now() < until) {
    const seen = await phones.ask(driver, { method: "GET", path, withinMs: 10_000 });
    if (seen?.status === 200) {
      sawOrder(charge, seen);
      if (wanted(charge.status)) return;
    }
    await wait(LOOK_MS);
  }
}

const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

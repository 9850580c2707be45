// Who comes when, to which pile, and what for: the tables of sim/data put into one visit.
import { arrivalFactor, drawConnectionMs, drawEnergyWh } from "../driver/mod.ts";
import type { Pile } from "../pile/mod.ts";
import { type Random, seedOf } from "../random.ts";
import { type CarState, createCar, gbModels, pickModel } from "../vehicle/mod.ts";
import type { Visit } from "./book.ts";

/** Real public piles see about one car a day (a guess of ours; the tables give shares only). */
const ARRIVALS_PER_PILE_DAY = 1;
/** The demo's days are this much busier; power, energy and prices stay real. */
const FREQUENCY = 60;
/** At night too somebody comes: a demo with nothing on it shows nothing. */
const FACTOR_MIN = 0.25;
const DAY_MS = 86_400_000;

/** Mean time to the next arrival anywhere in the city at this moment. */
export function meanGapMs(piles: number, at: number, zone: string): number {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  const minute = local.hour * 60 + local.minute;
  const factor = Math.max(FACTOR_MIN, arrivalFactor(minute, local.dayOfWeek >= 6));
  return DAY_MS / (ARRIVALS_PER_PILE_DAY * piles * FREQUENCY * factor);
}

/** Below this nothing is left to see, and the bill has nothing to say. */
const WANT_WH_MIN = 200;
/** Cars met at a random moment stay longer than cars that just come: so many draws, by weight. */
const LENGTH_BIAS_DRAWS = 12;

/** `running`: a car that is there already when the city wakes, not one that arrives. */
export function drawVisit(
  at: { pileId: string; connector: number },
  random: Random,
  running: boolean,
): Visit {
  const draws = Array.from({ length: running ? LENGTH_BIAS_DRAWS : 1 }, () => ({
    wantWh: drawEnergyWh("public", random),
    stayMs: drawConnectionMs("public", random),
  }));
  const drawn = draws[random.weighted(draws.map(({ wantWh }) => wantWh))]!;
  const left = running ? random.next() : 1; // of a charge that began earlier, this much remains
  const wantWh = Math.max(WANT_WH_MIN, Math.round(drawn.wantWh * left));
  const stayMs = Math.round(drawn.stayMs * left);
  const endBy = (["app", "limit", "pile", "full"] as const)[random.weighted([60, 22, 10, 8])]!;
  const leaveAt = Date.now() + Math.max(60_000, stayMs);
  return { ...at, wantWh, leaveAt, endBy };
}

/** A car that fits the plug and has room for what its driver wants. */
export function drawCar(
  { pile, connector, kind }: { pile: Pile; connector: number; kind: "ac" | "dc" },
  wantWh: number,
  random: Random,
): CarState {
  const model = pickModel(random, kind, gbModels);
  const targetPct = random.pick([80, 90, 100]);
  const room = targetPct - 100 * wantWh / model.batteryWh;
  const socPct = Math.max(5, Math.min(70, random.between(room - 25, room - 3)));
  const seed = seedOf(`${pile.id} ${connector} ${random.next()}`);
  return createCar({ model, kind, socPct, targetPct, seed });
}

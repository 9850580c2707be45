// One car at a plug: what it takes from the grid in a span of time, and what that does to its battery.
// A pure step: the same state, span and offer give the same reading.
import { noiseAt, seeded } from "../random.ts";
import { packMvAt, shareAt, temperatureShare } from "./curve.ts";
import type { CarModel } from "./models.ts";

/** All there is to know of a car, plain data: it survives a restart of the simulator. */
export interface CarState {
  readonly model: CarModel;
  readonly kind: "ac" | "dc";
  readonly seed: number;
  /** Energy in the pack, Wh, fractions kept. */
  readonly storedWh: number;
  /** The car stops by itself here (its own setting, usually 80-100). */
  readonly targetPct: number;
  /** How long power has flowed in this charge. */
  readonly chargedMs: number;
}

export interface CarReading {
  readonly powerW: number;
  readonly mV: number;
  readonly mA: number;
  readonly socPct: number;
  /** Metered energy of this step, fractions kept. */
  readonly wh: number;
  /** The car wants no more. */
  readonly full: boolean;
}

/** Of the metered energy this share reaches the pack. */
const EFFICIENCY = { ac: 0.9, dc: 0.96 } as const;
/** Power climbs to its full value over this long (handshake, contactor, current ramp). */
const RAMP_MS = { ac: 2_000, dc: 8_000 } as const;
/** Longer spans are cut, so that the curve is followed and not jumped over. */
const STEP_MS_MAX = 10_000;
/** Below this share of its largest power a car calls itself full. */
const FULL_SHARE = 0.05;
const PHASE_MV = 220_000; // single-phase mains of a 7 kW GB/T pile

export function createCar(
  { model, kind, socPct, targetPct = 100, seed }: {
    model: CarModel;
    kind: "ac" | "dc";
    socPct: number;
    targetPct?: number;
    seed: number;
  },
): CarState {
  const storedWh = model.batteryWh * Math.min(100, Math.max(0, socPct)) / 100;
  return { model, kind, seed, storedWh, targetPct, chargedMs: 0 };
}

export const socOf = (car: CarState): number => car.storedWh / car.model.batteryWh * 100;

/** What the car would take now if the plug gave all it asks for. */
export function wantedW(car: CarState): number {
  const random = seeded(car.seed);
  const shiftPct = random.between(-5, 5);
  const health = random.between(0.92, 1);
  const celsius = random.between(8, 36);
  const largest = car.kind === "dc" ? car.model.dcMaxW : car.model.acMaxW;
  const warmth = car.kind === "dc" ? temperatureShare(celsius) : 1;
  return largest * shareAt(car.kind, socOf(car), shiftPct) * health * warmth;
}

function isFull(car: CarState): boolean {
  const largest = car.kind === "dc" ? car.model.dcMaxW : car.model.acMaxW;
  return socOf(car) >= car.targetPct - 1e-9 || wantedW(car) < largest * FULL_SHARE;
}

function powerOf(car: CarState, offerW: number): number {
  if (isFull(car)) return 0;
  const ramp = Math.min(1, (car.chargedMs + 1_000) / RAMP_MS[car.kind]);
  const jitter = 1 - 0.01 * noiseAt(car.seed, Math.floor(car.chargedMs / 1_000));
  return Math.max(0, Math.min(wantedW(car), offerW) * ramp * jitter);
}

/** The car after `dtMs` at a plug that offers at most `offerW`. */
export function stepCar(
  car: CarState,
  dtMs: number,
  offerW: number,
): { car: CarState; reading: CarReading } {
  let [now, left, wh, powerW] = [car, Math.max(0, dtMs), 0, powerOf(car, offerW)];
  while (left > 0) {
    const span = Math.min(left, STEP_MS_MAX);
    powerW = powerOf(now, offerW);
    const room = (now.targetPct / 100 * now.model.batteryWh - now.storedWh) / EFFICIENCY[now.kind];
    const taken = Math.min(powerW * span / 3_600_000, Math.max(0, room));
    wh += taken;
    const storedWh = now.storedWh + taken * EFFICIENCY[now.kind];
    now = { ...now, storedWh, chargedMs: now.chargedMs + span };
    left -= span;
  }
  return { car: now, reading: readingOf(now, powerW, wh) };
}

function readingOf(car: CarState, power: number, wh: number): CarReading {
  const soc = socOf(car);
  const powerW = Math.floor(power);
  const mV = car.kind === "ac" ? PHASE_MV : packMvAt(car.model.packMv, soc);
  const mA = Math.round(powerW * 1_000_000 / mV);
  const socPct = Math.min(100, Math.floor(soc + 1e-9));
  return { powerW, mV, mA, socPct, wh, full: isFull(car) };
}

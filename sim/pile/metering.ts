// Counts a connector's energy up to a moment: the car's curve, the register, edges and own limits.
import { type CarReading, stepCar } from "../vehicle/mod.ts";
import {
  type Charge,
  type ConnectorMemory,
  type ConnectorSpec,
  ownerOf,
  type PileEvent,
  type Reading,
  whOf,
} from "./events.ts";

/** Tariffs change at half hours at the finest: a reading is kept at each. */
export const EDGE_MS = 1_800_000;
/** A reading that must not be lost, this often. */
export const METER_MS = 60_000;
/** The curve is followed in steps no longer than this (also over a long absence). */
const STEP_MS_MAX = 10_000;

export interface EndOfCharge {
  readonly at: number;
  readonly code: "full" | "energy" | "time" | "soc";
}
export interface Counted {
  readonly events: PileEvent[];
  readonly last: CarReading | null;
  readonly end?: EndOfCharge;
}

/** State of charge as the pile can know it. */
function socShown(connector: ConnectorMemory, reading: CarReading): { socPct?: number } {
  return connector.car?.kind === "dc" ? { socPct: reading.socPct } : {};
}

/** Moves the connector on to `until`; stops at the first limit that ends the charge. */
export function countTo(
  connector: ConnectorMemory,
  until: number,
  { spec, factor }: { spec: ConnectorSpec; factor: number },
): Counted {
  const events: PileEvent[] = [];
  let last: CarReading | null = null;
  while (connector.charge !== null && connector.car !== null && connector.countedAt < until) {
    const charge = connector.charge;
    const at = nextStop(connector.countedAt, until, charge);
    const dt = (at - connector.countedAt) * factor;
    const step = stepCar(connector.car, dt, spec.ratedPowerW);
    last = { ...step.reading, powerW: step.reading.powerW * factor };
    connector.car = step.car;
    const full = addEnergy(connector, charge, step.reading.wh * 1_000);
    connector.countedAt = at;
    const meter = () => ({
      at,
      connector: connector.no,
      ...ownerOf(charge),
      registerWh: whOf(connector.registerMwh),
      powerW: last?.powerW ?? 0,
      ...(last === null ? {} : socShown(connector, last)),
    });
    if (at % EDGE_MS === 0) events.push({ kind: "tariff-edge", ...meter() });
    else if ((at - charge.startedAt) % METER_MS === 0) events.push({ kind: "meter", ...meter() });
    const code = full ? "energy" : reached(connector, charge, last, at);
    if (code !== null) return { events, last, end: { at, code } };
  }
  connector.countedAt = Math.max(connector.countedAt, until);
  return { events, last };
}

function nextStop(from: number, until: number, charge: Charge): number {
  const edge = (Math.floor(from / EDGE_MS) + 1) * EDGE_MS;
  const charged = from - charge.startedAt;
  const minute = charge.startedAt + (Math.floor(charged / METER_MS) + 1) * METER_MS;
  const limit = charge.limit.timeMs === undefined
    ? Infinity
    : Math.max(from + 1, charge.startedAt + charge.limit.timeMs);
  return Math.min(until, edge, minute, limit, from + STEP_MS_MAX);
}

/** Adds to the register, never past the energy limit; true when the limit is reached. */
function addEnergy(connector: ConnectorMemory, charge: Charge, mwh: number): boolean {
  const wanted = connector.registerMwh + Math.round(mwh);
  const most = charge.limit.energyWh === undefined
    ? Infinity
    : charge.startRegisterMwh + charge.limit.energyWh * 1_000;
  connector.registerMwh = Math.max(connector.registerMwh, Math.min(wanted, most));
  return wanted >= most;
}

function reached(
  connector: ConnectorMemory,
  { limit, startedAt }: Charge,
  reading: CarReading,
  at: number,
): EndOfCharge["code"] | null {
  if (limit.timeMs !== undefined && at >= startedAt + limit.timeMs) return "time";
  const { socPct } = socShown(connector, reading);
  if (limit.socPct !== undefined && socPct !== undefined && socPct >= limit.socPct) return "soc";
  return reading.full ? "full" : null;
}

/** What the pile would show of the running charge now. */
export function readingOf(connector: ConnectorMemory, last: CarReading | null): Reading | null {
  if (connector.charge === null || last === null) return null;
  return {
    at: connector.countedAt,
    connector: connector.no,
    ...ownerOf(connector.charge),
    registerWh: whOf(connector.registerMwh),
    powerW: last.powerW,
    mV: last.mV,
    mA: Math.round(last.mV === 0 ? 0 : last.powerW * 1_000_000 / last.mV),
    ...socShown(connector, last),
  };
}

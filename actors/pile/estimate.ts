// A charge whose end nobody has told: what it came to at least, at most and most likely. The rule is
// stated on the bill, and the true meter corrects it.
import { mergeSegments, splitReading } from "../tariff/mod.ts";
import type { Estimate, Segment } from "../../wire/tariff.ts";
import { CLOCK_SLACK_MS } from "./ledger.ts";
import type { Reading, Session } from "./state.ts";

const WH_MS = 3_600_000;
/** A reading that arrived later than this was queued: the device's clock alone says when it was. */
const QUEUED_MS = 5_000;

/** The earliest moment at which the newest reading can have been taken. */
const takenAfter = ({ at, gotAt }: Reading): number =>
  gotAt - at > QUEUED_MS ? at - CLOCK_SLACK_MS : Math.min(at, gotAt);

export interface Gap {
  session: Session;
  last: Reading;
  ratedPowerW: number;
  /** No energy flows after this. */
  now: number;
}

/** A car is at its full power by then. */
const RAMP_MS = 60_000;
/** A cold or empty battery may still take this much more than it has so far. */
const VEHICLE_PCT = 125;

/** Limit of this vehicle at this pile, once it has charged for a while; else the pile's own. */
function limitW(
  { latest: { topW }, startAt }: Session,
  last: Reading,
  ratedPowerW: number,
): number {
  if (topW === undefined || topW === 0 || last.at - startAt < RAMP_MS) return ratedPowerW;
  return Math.min(ratedPowerW, Math.ceil(topW * VEHICLE_PCT / 100));
}

/** At least the last reading; at most the limit power all the time since, and the pile's own limits. */
export function boundsOf(
  { session, last, ratedPowerW, now }: Gap,
): { lowWh: number; highWh: number } {
  const { timeMs, energyWh } = session.limit;
  const until = timeMs === undefined
    ? now
    : Math.min(now, session.startAt + timeMs + CLOCK_SLACK_MS);
  const spanMs = Math.max(until - takenAfter(last), 0);
  const mostW = limitW(session, last, ratedPowerW);
  const mostWh = last.wh + Math.ceil(mostW * spanMs / WH_MS) + 1; // registers show whole Wh
  const own = session.tag === null && energyWh !== undefined // a native pile keeps this limit itself
    ? session.startRegisterWh + energyWh
    : Infinity;
  return { lowWh: last.wh, highWh: Math.max(last.wh, Math.min(mostWh, own)) };
}

/** Power of this vehicle at this pile: as last told, else its mean so far. */
function powerOf({ latest, startAt, startRegisterWh }: Session, { at, wh }: Reading): number {
  if (latest.powerW !== undefined) return latest.powerW;
  return at > startAt ? Math.round((wh - startRegisterWh) * WH_MS / (at - startAt)) : 0;
}

export interface Estimated {
  estimate: Estimate;
  registerWh: number;
  segments: Segment[];
}

/** The last power went on until the stop was asked for; within the bounds. */
export function estimateOf(gap: Gap, stopAt: number): Estimated {
  const { session, last, ratedPowerW } = gap;
  const { lowWh, highWh } = boundsOf(gap);
  const powerW = Math.min(powerOf(session, last), ratedPowerW);
  const likely = last.wh + Math.round(powerW * Math.max(stopAt - last.at, 0) / WH_MS);
  const registerWh = Math.min(Math.max(likely, lowWh), highWh);
  const until = { at: Math.max(stopAt, last.at), registerWh };
  const added = session.tariff === null
    ? []
    : splitReading(session.tariff, { at: last.at, registerWh: last.wh }, until, "estimated");
  return {
    estimate: { lowWh, highWh, method: "power-until-stop" },
    registerWh,
    segments: mergeSegments(session.segments, added),
  };
}

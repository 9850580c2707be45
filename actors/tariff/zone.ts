// Local time of a station from an instant: pure functions of the zone's rules, over daylight saving.

/** A stretch of time in which a zone keeps one offset from UTC. */
interface Stretch {
  from: number;
  until: number;
  offsetMs: number;
}

const MS_PER_DAY = 86_400_000;
/** Stretches kept per zone: half a year each where there is daylight saving; older ones are dropped. */
const STRETCHES_MAX = 16;
/** Zones kept: a platform has a handful; names come from validated tariffs only. */
const ZONES_MAX = 64;
// Only remembers what the zone's rules say: the same instant has the same answer, cached or not.
const known = new Map<string, Stretch[]>();

export function isZone(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return true;
  } catch {
    return false;
  }
}

function lookUp(zone: string, at: number): Stretch {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  const next = local.getTimeZoneTransition("next")?.epochMilliseconds ?? Infinity;
  const offsetMs = Math.round(local.offsetNanoseconds / 1e6);
  return { from: at, until: next, offsetMs };
}

/** The stretch around an instant; `from` may lie later than its true beginning. */
export function stretchAt(zone: string, at: number): Stretch {
  let stretches = known.get(zone);
  if (!stretches) {
    if (known.size >= ZONES_MAX) known.clear();
    known.set(zone, stretches = []);
  }
  for (const stretch of stretches) {
    if (at >= stretch.from && at < stretch.until) return stretch;
  }
  const found = lookUp(zone, at);
  const same = stretches.find((s) => s.until === found.until && s.offsetMs === found.offsetMs);
  if (same) {
    same.from = at;
    return same;
  }
  stretches.unshift(found);
  if (stretches.length > STRETCHES_MAX) stretches.pop();
  return found;
}

/** Milliseconds since local midnight, by the clock on the wall. */
export function localMsOfDay(zone: string, at: number): number {
  const local = at + stretchAt(zone, at).offsetMs;
  return ((local % MS_PER_DAY) + MS_PER_DAY) % MS_PER_DAY;
}

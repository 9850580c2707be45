// Energy between two register values, cut at the changes of price: integer Wh that add up exactly.
import type { Segment, Tariff } from "../../wire/tariff.ts";
import { nextEdge, periodAt, sameRate } from "./periods.ts";

export interface RegisterAt {
  at: number;
  registerWh: number;
}

/** As many as the wire allows: then equal rates share one segment, so that no Wh is lost. */
const SEGMENTS_MAX = 200;

/** Register at an instant between two readings, linear by time, rounded down. */
function registerAt(from: RegisterAt, to: RegisterAt, at: number): number {
  const part = BigInt(to.registerWh - from.registerWh) * BigInt(at - from.at);
  return from.registerWh + Number(part / BigInt(to.at - from.at));
}

/**
 * Segments of one stretch. Where the clock did not move (or ran backward) all energy lies in the
 * period of `from`: the ledger never drops a Wh for a wrong clock.
 */
export function splitReading(
  tariff: Tariff,
  from: RegisterAt,
  to: RegisterAt,
  source: Segment["source"] = "pile",
): Segment[] {
  const segments: Segment[] = [];
  let position = from;
  for (;;) {
    const edge = to.at > position.at ? nextEdge(tariff, position.at) : null;
    const last = edge === null || edge >= to.at;
    const end = last
      ? { at: Math.max(to.at, position.at), registerWh: to.registerWh }
      : { at: edge, registerWh: registerAt(from, to, edge) };
    const { kind, energyMilliFenPerKwh, serviceMilliFenPerKwh } = periodAt(tariff, position.at);
    const wh = end.registerWh - position.registerWh;
    if (wh > 0) {
      const rate = { kind, energyMilliFenPerKwh, serviceMilliFenPerKwh };
      segments.push({ fromAt: position.at, toAt: end.at, ...rate, wh, source });
    }
    if (last) return segments;
    position = end;
  }
}

const mergeable = (a: Segment, b: Segment): boolean => a.source === b.source && sameRate(a, b);

const joined = (a: Segment, b: Segment): Segment => ({
  ...a,
  fromAt: Math.min(a.fromAt, b.fromAt),
  toAt: Math.max(a.toAt, b.toAt),
  wh: a.wh + b.wh,
});

/** One list from two: neighbours of one rate become one segment, Σ Wh stays. */
export function mergeSegments(list: readonly Segment[], more: readonly Segment[]): Segment[] {
  const merged = [...list];
  for (const segment of more) {
    const last = merged.at(-1);
    if (last && mergeable(last, segment)) {
      merged[merged.length - 1] = joined(last, segment);
      continue;
    }
    const full = merged.length >= SEGMENTS_MAX;
    const same = full ? merged.findIndex((other) => mergeable(other, segment)) : -1;
    const host = merged[same];
    if (host) merged[same] = joined(host, segment);
    else merged.push(segment);
  }
  return merged;
}

export const energyOf = (segments: readonly Segment[]): number =>
  segments.reduce((sum, segment) => sum + segment.wh, 0);

// What a live message does to the copy of a room: pure, so that gaps and repeats are tested as rows.

import type { Fact, Tick, WallUpdate } from "../wire/live.ts";

/** `v` -1: nothing known yet, only a snapshot can begin it. */
export interface RoomCopy {
  v: number;
  view: unknown;
  tick: Tick | null;
  /** Monotonic moment at which the newest tick was taken in. */
  tickAtMs: number;
}

export type Verdict = "applied" | "dropped" | "gap";

export const emptyRoom = (): RoomCopy => ({ v: -1, view: undefined, tick: null, tickAtMs: 0 });

/** After this silence live numbers are shown with their age. */
export const TICK_STALE_MS = 5000;

/** v = mine + 1 is applied, older is dropped, anything else is a gap: watch again. */
export function takeFact(copy: RoomCopy, fact: Fact): Verdict {
  if (copy.v < 0 || fact.v > copy.v + 1) return "gap";
  if (fact.v <= copy.v) return "dropped";
  copy.v = fact.v;
  copy.view = fact.data.view;
  return "applied";
}

/** A snapshot replaces everything unless it is older than what is here. */
export function takeSnapshot(copy: RoomCopy, v: number, view: unknown): Verdict {
  if (v < copy.v) return "dropped";
  copy.v = v;
  copy.view = view;
  return "applied";
}

/** Applied only if (linkEpoch, n) grew; a tick never changes the view. */
export function takeTick(copy: RoomCopy, tick: Tick, nowMs: number): Verdict {
  const mine = copy.tick;
  if (mine !== null) {
    const newer = tick.linkEpoch > mine.linkEpoch ||
      (tick.linkEpoch === mine.linkEpoch && tick.n > mine.n);
    if (!newer) return "dropped";
  }
  copy.tick = tick;
  copy.tickAtMs = nowMs;
  return "applied";
}

/** Rooms of a `head` message whose copy here is behind. */
export function behind(copies: ReadonlyMap<string, RoomCopy>, head: Record<string, number>) {
  return Object.entries(head)
    .filter(([room, v]) => {
      const mine = copies.get(room);
      return mine !== undefined && mine.v < v;
    })
    .map(([room]) => room);
}

/** A full wall begins anew; changes must follow one another. */
export function takeWall(copy: RoomCopy, message: WallUpdate): Verdict {
  if (message.full === undefined) {
    if (copy.v < 0 || message.seq > copy.v + 1) return "gap";
    if (message.seq <= copy.v) return "dropped";
  }
  copy.v = message.seq;
  return "applied";
}

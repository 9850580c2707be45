// How often a room's tick goes to one socket: about once a second over time, and one that comes early
// because the one before was late is not left out.

export interface Pace {
  /** On average no sooner after each other than this. */
  tickMs: number;
  /** So much may one of them come early: what queues and networks add and take back. */
  tickJitterMs: number;
}

/** When the tick counts as sent, or null: too soon. `tickedAt`: the one before, 0 for none. */
export function paced(tickedAt: number, now: number, { tickMs, tickJitterMs }: Pace) {
  const dueAt = tickedAt === 0 ? now : tickedAt + tickMs;
  return now < dueAt - tickJitterMs ? null : Math.max(now, dueAt);
}

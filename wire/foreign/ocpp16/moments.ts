// Moments as piles write them: any text to milliseconds that our shapes take; clocks of 1970 and 2099
// are kept as they are, only the impossible is bent and said so.
const INSTANT_MAX = 9_000_000_000_000; // as `instant` of wire/units.ts
/** Before the first OCPP 1.6 pile was sold, or years ahead: the clock is not set. */
const CLOCK_MIN = Date.UTC(2015, 0, 1);
const CLOCK_MAX = Date.UTC(2090, 0, 1);

export interface Moment {
  at: number;
  plausible: boolean;
}

export function momentOf(text: string): Moment {
  const at = Date.parse(text);
  if (Number.isNaN(at)) return { at: 0, plausible: false };
  const bent = Math.min(Math.max(at, 0), INSTANT_MAX);
  return { at: bent, plausible: bent >= CLOCK_MIN && bent <= CLOCK_MAX };
}

// Which comparisons are due at a moment: the last half hour's by questions, and the days whose file is
// made, the newest each hour and older ones once a day until they are done.
import { chinaDay, chinaHour, DAY_MS } from "./days.ts";

/** WeChat Pay makes the file at 9, Alipay before 9; both say 10. */
const BILL_HOUR = 10;
/** For so long a day that could not be compared is tried again. */
export const DAYS_BACK = 7;

export interface Round {
  /** Of one driver's payments alone. */
  userId?: string;
  everyMs: number;
  /** A turn's name: it is taken once. */
  nowTurn: string;
  /** Newest first; `isLate`: its file should have been there long ago. */
  days: { day: string; turn: string; isLate: boolean }[];
}

/** Everybody's; `userId`: of a driver in a drill, for whom this day is over already. */
export function roundOf(now: number, everyMs: number, userId?: string): Round {
  const nowTurn = String(Math.floor(now / everyMs));
  const today = chinaDay(now);
  if (userId !== undefined) {
    const days = [{ day: today, turn: nowTurn, isLate: false }];
    return { userId, everyMs, nowTurn, days };
  }
  const hour = chinaHour(now);
  const days = Array.from({ length: hour < BILL_HOUR ? 0 : DAYS_BACK }, (_, i) => ({
    day: chinaDay(now - (i + 1) * DAY_MS),
    turn: i === 0 ? String(hour) : today,
    isLate: i > 0,
  }));
  return { everyMs, nowTurn, days };
}

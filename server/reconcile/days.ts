// Days of bills: those of UTC+8, whatever zone a station lies in.
const CHINA_MS = 8 * 3_600_000;
export const DAY_MS = 24 * 3_600_000;

export const chinaDay = (at: number): string => new Date(at + CHINA_MS).toISOString().slice(0, 10);
/** First instant of a day. */
export const chinaDayStart = (day: string): number => Date.parse(`${day}T00:00:00Z`) - CHINA_MS;
export const chinaHour = (at: number): number => new Date(at + CHINA_MS).getUTCHours();

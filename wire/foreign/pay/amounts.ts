// Amounts and moments as payment providers write them: yuan with two decimals, local time of UTC+8.
const CHINA_MS = 8 * 3_600_000;

/** "12.34" from 1234 fen. */
export function yuanOf(fen: number): string {
  const digits = String(Math.abs(fen)).padStart(3, "0");
  return `${fen < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
/** Fen of "12.34", "12.3" or "12"; null: no amount, or parts of a fen. Digits only, no floats. */
export function fenOf(yuan: string): number | null {
  const match = /^(-?)([0-9]{1,10})(?:\.([0-9]{1,2}))?$/.exec(yuan.trim());
  if (!match) return null;
  const [, sign = "", whole = "0", cents = ""] = match;
  const fen = Number(whole) * 100 + Number(cents.padEnd(2, "0"));
  return sign === "-" && fen > 0 ? -fen : fen;
}

/** "2026-03-02 12:00:00" in China for an instant. */
export const chinaTime = (at: number): string =>
  new Date(at + CHINA_MS).toISOString().slice(0, 19).replace("T", " ");
/** Null: not such a text. */
export function chinaInstant(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text)) return null;
  const at = Date.parse(`${text.replace(" ", "T")}Z`);
  return Number.isNaN(at) ? null : at - CHINA_MS;
}
/** The day of a bill in which an instant lies. */
export const chinaDay = (at: number): string => chinaTime(at).slice(0, 10);
/** First instant of a bill's day. */
export const chinaDayStart = (day: string): number => Date.parse(`${day}T00:00:00Z`) - CHINA_MS;

/** Scheme of a link that a browser opens at the platform's own `/sandbox`. */
export const SANDBOX_SCHEME = "sandbox:";

// How numbers read on a screen: fen, Wh, W, spans and moments to short text. Decides nothing else.

export type Locale = "zh-CN" | "en";

const symbols = { CNY: "¥", EUR: "€", USD: "$" } as const;
export type Currency = keyof typeof symbols;

const grouped = (whole: number): string => String(whole).replace(/\B(?=(\d{3})+$)/g, ",");

/** Integer fen as money: 123 -> ¥1.23, -5 -> -¥0.05. */
export function money(fen: number, currency: Currency = "CNY"): string {
  const size = Math.abs(fen);
  const rest = String(size % 100).padStart(2, "0");
  return `${fen < 0 ? "-" : ""}${symbols[currency]}${grouped(Math.floor(size / 100))}.${rest}`;
}

/** Change of a balance, with its sign always shown: +¥1.00. */
export const signedMoney = (fen: number): string => `${fen > 0 ? "+" : ""}${money(fen)}`;

/** Milli-fen per kWh as a price: 123450 -> ¥1.2345; never rounded, at least two decimals. */
export function price(milliFenPerKwh: number, currency: Currency = "CNY"): string {
  const digits = String(milliFenPerKwh).padStart(6, "0");
  const decimals = digits.slice(-5).replace(/0{1,3}$/, "");
  return `${symbols[currency]}${grouped(Number(digits.slice(0, -5)))}.${decimals}`;
}

/** Watt-hours as kWh, cut (never shown higher than measured). */
export function kwh(wh: number, decimals: 2 | 3 = 2): string {
  const unit = 10 ** (3 - decimals);
  const parts = Math.floor(wh / unit);
  const base = 10 ** decimals;
  return `${grouped(Math.floor(parts / base))}.${String(parts % base).padStart(decimals, "0")}`;
}

/** Watts as kW with one decimal; whole kW where that says it all. */
export function kw(watt: number): string {
  const tenths = Math.round(watt / 100);
  return tenths % 10 === 0 ? String(tenths / 10) : (tenths / 10).toFixed(1);
}

/** Span as a running clock: 59000 -> 00:59, 3723000 -> 1:02:03. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** Span in words, its two largest units: 62 min -> 1 小时 2 分 or 1 h 2 min. */
export function span(ms: number, locale: Locale): string {
  const zh = locale === "zh-CN";
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return zh ? `${seconds} 秒` : `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return zh ? `${minutes} 分钟` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  const left = minutes % 60;
  if (zh) return left === 0 ? `${hours} 小时` : `${hours} 小时 ${left} 分`;
  return left === 0 ? `${hours} h` : `${hours} h ${left} min`;
}

/** Metres as a driver reads them. */
export function distance(metres: number): string {
  if (metres < 1000) return `${Math.round(metres / 10) * 10} m`;
  return metres < 100_000 ? `${(metres / 1000).toFixed(1)} km` : `${Math.round(metres / 1000)} km`;
}

/** Minute of the local day: 510 -> 08:30, 1440 -> 24:00. */
export const minuteOfDay = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

export type MomentStyle = "time" | "second" | "day" | "full";

const styles: Record<MomentStyle, Intl.DateTimeFormatOptions> = {
  time: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  second: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  day: { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  full: {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  },
};

/** A UTC moment in the station's zone; without a zone, in the reader's. */
export function moment(iso: string, style: MomentStyle, locale: Locale, zone?: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "—";
  const where = zone === undefined ? {} : { timeZone: zone };
  return new Intl.DateTimeFormat(locale, { ...styles[style], ...where }).format(at);
}

/** Minute of the day that it is now in a zone (0-1439). */
export function minuteIn(zone: string, at: Date): number {
  const parts = new Intl.DateTimeFormat("en", { ...styles.time, timeZone: zone }).formatToParts(at);
  const part = (type: string) => Number(parts.find((p) => p.type === type)?.value ?? 0);
  return part("hour") * 60 + part("minute");
}

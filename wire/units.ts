// Units of every number that crosses a boundary: integers only, the unit is in the name of the field.
import * as z from "zod";

/** Amount of money in fen (0.01 of the currency), integer, may be negative in postings. */
export const fen = z.int().min(-1_000_000_000_000).max(1_000_000_000_000);
/** Amount of money in fen that cannot be negative. */
export const fenPlus = z.int().min(0).max(1_000_000_000_000);
/** Price in milli-fen per kWh (0.00001 yuan): real tariffs have 4 to 5 decimals of a yuan. */
export const milliFenPerKwh = z.int().min(0).max(100_000_000);
/** Energy in watt-hours. */
export const wh = z.int().min(0).max(1_000_000_000_000);
/** Power in watts. */
export const watt = z.int().min(0).max(10_000_000);
/** Span of time in milliseconds. */
export const ms = z.int().min(0).max(4_000_000_000_000);
/** Moment as milliseconds since 1970, UTC; only inside the platform, outside it is ISO text. */
export const instant = z.int().min(0).max(9_000_000_000_000);
/** Moment outside the platform: ISO 8601 in UTC. */
export const iso = z.iso.datetime({ offset: true });
/** State of charge in whole percent. */
export const socPct = z.int().min(0).max(100);
/** Connector number on its pile, from 1. */
export const connectorNo = z.int().min(1).max(64);
/** ISO 4217 code. */
export const currency = z.enum(["CNY", "EUR", "USD"]);

export type Fen = number;
export type Wh = number;
export type Instant = number;

/** Instant to the text used outside. */
export const isoOf = (at: Instant): string => new Date(at).toISOString();

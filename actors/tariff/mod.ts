// Prices by time of day (尖峰平谷) as pure functions: piles, orders, quotes and the auditor share them.
export { dearestPrice, nextEdge, periodAt, priceOf, validateTariff } from "./periods.ts";
export type { TariffFlaw } from "./periods.ts";
export { energyOf, mergeSegments, splitReading } from "./segments.ts";
export type { RegisterAt } from "./segments.ts";
export { billOf, costOf, holdFor } from "./bill.ts";
export type { Car } from "./bill.ts";

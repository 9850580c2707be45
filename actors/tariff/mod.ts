// Prices by time of day (尖峰平谷) as pure functions: piles, orders, quotes and the auditor share them.
export { dearestPrice, nextEdge, periodAt, priceOf, validateTariff } from "./periods.ts";
export { checkTariff, confirmOf } from "./check.ts";
export type { Ground } from "./check.ts";
export { billUnder } from "./simulate.ts";
export { energyOf, mergeSegments, splitReading } from "./segments.ts";
export type { RegisterAt } from "./segments.ts";
export { billOf, costOf, costSoFar } from "./bill.ts";
export type { Charge } from "./bill.ts";
export { reduce } from "./coupon.ts";
export { overstayOf } from "./overstay.ts";
export type { Stay } from "./overstay.ts";
export { holdFor } from "./hold.ts";
export type { Car } from "./hold.ts";
export { cancelFeeOf, rulesOf } from "./reservation.ts";

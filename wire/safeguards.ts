// The named safeguards that a drill may switch off (`--without`), one for each clause of a row.
// A server outside demo refuses to start with any off; each row's issue adds its own.
export const safeguards = [
  "start.hold-before-command", // the order is durable and the money held before the pile hears of it
  "start.one-order-per-connector",
  "start.stop-until-proven", // after a failed start: stop is sent until the pile proves that nothing runs
  "start.late-start-caught",
  "stop.until-proven",
  "bill.plausibility",
] as const;
export type Safeguard = (typeof safeguards)[number];

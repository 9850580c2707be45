// Door of the simulated drivers: the API as an app uses it, and the statistics of their habits.
export { type Answer, Api, newKey, Refused } from "./api.ts";
export { createDriver, Driver, type DriverOptions, type StartPlan } from "./driver.ts";
export { Live, type LiveEar } from "./live.ts";
export { arrivalFactor, drawConnectionMs, drawEnergyWh, type Kind } from "./tables.ts";

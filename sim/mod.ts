// Door of the simulated world for tests, drills and the command line.
export * from "./pile/mod.ts";
export * from "./driver/mod.ts";
export * from "./vehicle/mod.ts";
export {
  cityPlan,
  cityTariff,
  hubTariff,
  Ops,
  type OpsAccount,
  type PileMade,
} from "./city/mod.ts";
export { type Clock, realClock, type VirtualClock, virtualClock } from "./clock.ts";
export { SimFault, wordsOf } from "./fault.ts";
export { type Random, seeded, seedOf } from "./random.ts";

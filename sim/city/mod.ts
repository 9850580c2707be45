// Door of the demo city: its plan, its process, and a console user over the public API.
export { City, type CityOptions } from "./city.ts";
export { Ops, type OpsAccount, type PileMade } from "./ops.ts";
export { type CityPile, type CityPlan, cityPlan } from "./plan.ts";
export { cityTariff, hubTariff } from "./tariffs.ts";
export { runCity } from "./main.ts";
export { readJson, writePrivate } from "./book.ts";
export { opsDoor } from "./demo-file.ts";
export { ocppUrl } from "./piles.ts";

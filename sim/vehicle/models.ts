// Which cars there are: those of the ElaadNL table, and the made-up ones with GB/T inlets.
import specs from "../data/ev_specs.json" with { type: "json" };
import { gbModels } from "./gb-models.ts";
import type { Random } from "../random.ts";

export interface CarModel {
  readonly name: string;
  /** Weight of the model among its list. */
  readonly share: number;
  readonly batteryWh: number;
  readonly acMaxW: number;
  /** 0: cannot take direct current. */
  readonly dcMaxW: number;
  /** Nominal voltage of the pack. */
  readonly packMv: number;
  readonly source: "ev2gym" | "made-up";
}

/** Packs of cars that take this much or more are of the 800 V kind. */
const HIGH_VOLTAGE_FROM_KW = 200;

export const tableModels: readonly CarModel[] = Object.entries(specs).map(([name, spec]) => ({
  name,
  share: spec.number_of_registrations,
  batteryWh: Math.round(spec.battery_capacity * 1000),
  acMaxW: Math.round(spec.max_ac_charge_power * 1000),
  dcMaxW: Math.round(spec.max_dc_charge_power * 1000),
  packMv: spec.max_dc_charge_power >= HIGH_VOLTAGE_FROM_KW ? 730_000 : 370_000,
  source: "ev2gym",
}));

export const allModels: readonly CarModel[] = [...gbModels, ...tableModels];

/** A car that can use the plug, as likely as its share. */
export function pickModel(random: Random, kind: "ac" | "dc", models = gbModels): CarModel {
  const fit = models.filter((model) => kind === "ac" ? model.acMaxW > 0 : model.dcMaxW > 0);
  return fit[random.weighted(fit.map((model) => model.share))]!;
}

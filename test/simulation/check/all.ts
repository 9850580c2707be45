// All that looks at each new record.
import type { Device } from "../device.ts";
import type { Paid } from "../provider.ts";
import { settings } from "../town.ts";
import { Energy } from "./energy.ts";
import type { Checker, Verdicts } from "./kit.ts";
import { Money } from "./money.ts";
import { ordersChecker } from "./orders.ts";
import { Stays } from "./stays.ts";

export interface Checked {
  verdicts: Verdicts;
  payments: ReadonlyMap<string, Paid>;
  deviceOf(pileId: string): Device;
  /** No clock of a node was ever wrong in this run. */
  isClockRight(): boolean;
}

export function checkersOf({ verdicts, payments, deviceOf, isClockRight }: Checked): Checker[] {
  const energy = new Energy(verdicts, (id, no) => deviceOf(id).registerWh(no));
  const outAt = (pileId: string, no: number) => deviceOf(pileId).socket(no).outAt;
  return [
    new Money(verdicts, payments).check,
    energy.check,
    ordersChecker(verdicts, settings.ordersPerUser),
    new Stays(verdicts, { outAt, isClockRight }).check,
  ];
}

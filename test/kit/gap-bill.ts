// A bill over a gap and its true meter, through the real order and wallet: what was moved, what waived,
// and the line that says so.
import { T0 } from "../../actors/pile/rig.ts";
import { chargingSettings } from "../../wire/settings.ts";
import { ChargeTown, USER } from "./charge-town.ts";
import type { GapSeen } from "./gaps.ts";

export interface GapBill {
  billedFen: number;
  trueFen: number;
  /** Moved in the wallet, to the driver's cost; the rest of an upward difference is waived. */
  movedFen: number;
  waivedFen: number;
  /** The newest line of the statement. */
  line: { cause: string; reason?: string };
  /** Of the whole book. */
  sumFen: number;
}

const RICH_FEN = 200_000;

/** Null: the true meter never came, or the end was told at once. `upwardFenMax`: the setting. */
export function gapBill({ told }: GapSeen, upwardFenMax: number): GapBill | null {
  const { end, later } = told;
  if (later === null) return null;
  const settings = chargingSettings.parse({ upwardFenMax });
  const town = new ChargeTown({ at: T0, settings }).person(RICH_FEN);
  town.start();
  town.run();
  const says = ({ type, ...body }: Record<string, unknown>) => {
    town.says(String(type), body);
    town.run();
  };
  const { startRegisterWh: registerWh } = end as { startRegisterWh: number };
  says({ type: "ConnectorStarted", registerWh, deviceAt: T0, segments: [] });
  town.order({ type: "StopCharge" });
  town.run();
  says(end);
  says(later);
  const { bill, correction } = town.view() as {
    bill: { totalFen: number };
    correction?: { trueFen: number; fen: number; waivedFen: number };
  };
  const { lines } = town.state<{ lines: GapBill["line"][] }>("wallet", USER);
  return {
    billedFen: bill.totalFen,
    trueFen: correction?.trueFen ?? bill.totalFen,
    movedFen: correction?.fen ?? 0,
    waivedFen: correction?.waivedFen ?? 0,
    line: lines.at(-1)!,
    sumFen: Object.values(town.book()).reduce((sum, fen) => sum + fen, 0),
  };
}

// GB/T 27930-2015, messages by which vehicle and pile end a charge or say that they hear nothing. A code
// is the message and the name of its bit field; `raw` may carry the bytes as they came.
import type { FaultId } from "./table.ts";

/** BST, PGN 6400: why the vehicle's BMS stops (SPN 3511 causes, 3512 faults, 3513 errors). */
const bst = {
  "BST.target-soc": "target-reached",
  "BST.target-voltage": "target-reached",
  "BST.target-cell-voltage": "target-reached",
  "BST.charger-stops": "stop-local",
  "BST.insulation": "bms-insulation",
  "BST.output-connector-hot": "bms-inlet-hot",
  "BST.component-hot": "bms-part-hot",
  "BST.connector": "bms-inlet",
  "BST.battery-hot": "bms-battery-hot",
  "BST.hv-relay": "bms-relay",
  "BST.point-2-voltage": "bms-pilot-voltage",
  "BST.other": "bms-other",
  "BST.over-current": "bms-over-current",
  "BST.voltage": "bms-voltage",
} as const;

/** CST, PGN 6656: why the pile stops (SPN 3521 causes, 3522 faults, 3523 errors). */
const cst = {
  "CST.condition-reached": "preset-reached",
  "CST.by-hand": "stop-local",
  "CST.fault": "pile-internal",
  "CST.vehicle-stops": "stop-vehicle",
  "CST.charger-hot": "over-temperature",
  "CST.connector": "pile-gun",
  "CST.inside-hot": "over-temperature",
  "CST.power-short": "pile-power-short",
  "CST.emergency-stop": "emergency-stop",
  "CST.other": "pile-internal",
  "CST.current-mismatch": "bms-mismatch",
  "CST.voltage": "pile-output",
} as const;

/** BEM, PGN 7680: what the vehicle has not heard from the pile in time (SPN 3901-3907). */
const bem = {
  "BEM.CRM-00": "pile-silent",
  "BEM.CRM-AA": "pile-silent",
  "BEM.CTS-CML": "pile-silent",
  "BEM.CRO": "pile-silent",
  "BEM.CCS": "pile-silent",
  "BEM.CST": "pile-silent",
  "BEM.CSD": "pile-silent",
  "BEM.other": "pile-silent",
} as const;

/** CEM, PGN 7936: what the pile has not heard from the vehicle in time (SPN 3921-3927). */
const cem = {
  "CEM.BRM": "bms-silent",
  "CEM.BCP": "bms-silent",
  "CEM.BRO": "bms-silent",
  "CEM.BCS": "bms-silent",
  "CEM.BCL": "bms-silent",
  "CEM.BST": "bms-silent",
  "CEM.BSD": "bms-silent",
  "CEM.other": "bms-silent",
} as const;

export const gb27930 = { ...bst, ...cst, ...bem, ...cem } satisfies Record<string, FaultId>;

// The catalogue: every kind of fault or stop that a pile can tell of. Who is at fault, how grave it is,
// what the connector waits for, and which row of the drills it belongs to. Words for drivers lie beside it.

export type FaultSide = "vehicle" | "pile" | "user" | "grid" | "platform" | "unknown";
/** What keeps the connector closed afterwards: nothing, the pile's own recovery, or a look by ops. */
export type FaultUntil = "nothing" | "recovery" | "inspection";
export interface FaultRow {
  readonly by: FaultSide;
  readonly severity: "info" | "warning" | "critical";
  readonly until: FaultUntil;
  /** Row of docs/drills.md. */
  readonly drill: string;
}

/** Ends that somebody wanted. */
const wanted = (by: FaultSide): FaultRow => (
  { by, severity: "info", until: "nothing", drill: "flow-a" }
);
/** A vehicle's fault ends its charge; it is not held against the pile. */
const vehicle: FaultRow = { by: "vehicle", severity: "critical", until: "nothing", drill: "1.9" };
/** The pile closes until it says that it is well again. */
const internal: FaultRow = { by: "pile", severity: "critical", until: "recovery", drill: "2.2" };
const remark: FaultRow = { by: "pile", severity: "warning", until: "recovery", drill: "2.2" };
/** What may burn or shock: a person looks before the next charge, whatever the pile says. */
const electrical = (by: FaultSide = "pile"): FaultRow => (
  { by, severity: "critical", until: "inspection", drill: "2.8" }
);

export const faults = {
  // wanted ends
  "stop-remote": wanted("platform"),
  "stop-local": wanted("user"),
  "stop-vehicle": wanted("vehicle"),
  "target-reached": wanted("vehicle"),
  "preset-reached": wanted("user"),
  "balance-spent": wanted("platform"),
  "deauthorized": wanted("platform"),
  "unlocked": wanted("platform"),
  // the vehicle's
  "bms-insulation": vehicle,
  "bms-inlet-hot": vehicle,
  "bms-part-hot": vehicle,
  "bms-inlet": vehicle,
  "bms-battery-hot": vehicle,
  "bms-relay": vehicle,
  "bms-pilot-voltage": vehicle,
  "bms-over-current": vehicle,
  "bms-voltage": vehicle,
  "bms-cell-voltage": vehicle,
  "bms-battery-state": vehicle,
  "bms-battery-reversed": vehicle,
  "bms-not-ready": vehicle,
  "bms-silent": vehicle,
  "bms-refuses": vehicle,
  "bms-mismatch": vehicle,
  "bms-no-current": vehicle,
  "bms-other": vehicle,
  // the pile's
  "pile-internal": internal,
  "pile-module": internal,
  "pile-meter": internal,
  "pile-lock": internal,
  "pile-switch": internal,
  "pile-breaker": internal,
  "pile-gun": internal,
  "pile-silent": internal,
  "pile-output": internal,
  "pile-power-short": remark,
  "pile-reader": remark,
  "pile-signal": remark,
  "pile-reset": { ...internal, until: "nothing" },
  "power-loss": { by: "grid", severity: "critical", until: "nothing", drill: "2.2" },
  "pile-lost": { by: "pile", severity: "warning", until: "nothing", drill: "2.5" },
  "tamper": { by: "unknown", severity: "critical", until: "inspection", drill: "6.3" },
  "ground-lock": { ...remark, drill: "2.6" },
  "gate": { ...remark, drill: "2.6" },
  // electrical
  "over-current": electrical(),
  "over-voltage": electrical("grid"),
  "under-voltage": electrical("grid"),
  "leakage": electrical(),
  "insulation": electrical(),
  "over-temperature": electrical(),
  "gun-hot": electrical(),
  "surge": electrical("grid"),
  "ac-protection": electrical("grid"),
  "dc-protection": electrical(),
  "emergency-stop": electrical("user"),
  // the user's
  "gun-pulled": { by: "user", severity: "warning", until: "nothing", drill: "2.7" },
  "gun-not-in": { by: "user", severity: "info", until: "nothing", drill: "2.3" },
} as const satisfies Record<string, FaultRow>;

export type FaultId = keyof typeof faults;
/** For the driver: what happened, and what to do next. */
export type FaultWords = Readonly<Record<FaultId, readonly [say: string, next: string]>>;

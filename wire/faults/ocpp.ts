// Error codes and stop reasons of OCPP 1.6 (7.6 ChargePointErrorCode, 7.36 Reason) and of OCPP 2.0.1
// (3.70 ReasonEnumType; its connectors have no error codes, vendors use those of 1.6 or MREC names).
import type { FaultId } from "./table.ts";

export const ocpp16Errors = {
  ConnectorLockFailure: "pile-lock",
  EVCommunicationError: "bms-silent",
  GroundFailure: "leakage",
  HighTemperature: "over-temperature",
  InternalError: "pile-internal",
  OverCurrentFailure: "over-current",
  OverVoltage: "over-voltage",
  PowerMeterFailure: "pile-meter",
  PowerSwitchFailure: "pile-switch",
  ReaderFailure: "pile-reader",
  ResetFailure: "pile-internal",
  UnderVoltage: "under-voltage",
  WeakSignal: "pile-signal",
} as const satisfies Record<string, FaultId>;

/** `Other` says nothing: the fault that was told beside it does. */
export const ocpp16Reasons = {
  DeAuthorized: "deauthorized",
  EmergencyStop: "emergency-stop",
  EVDisconnected: "gun-pulled",
  HardReset: "pile-reset",
  Local: "stop-local",
  PowerLoss: "power-loss",
  Reboot: "pile-reset",
  Remote: "stop-remote",
  SoftReset: "pile-reset",
  UnlockCommand: "unlocked",
} as const satisfies Record<string, FaultId>;

/** Those of 2.0.1 that 1.6 has not. */
export const ocpp201Reasons = {
  EnergyLimitReached: "preset-reached",
  GroundFault: "leakage",
  ImmediateReset: "pile-reset",
  LocalOutOfCredit: "balance-spent",
  MasterPass: "stop-local",
  OvercurrentFault: "over-current",
  PowerQuality: "ac-protection",
  SOCLimitReached: "target-reached",
  StoppedByEV: "stop-vehicle",
  TimeLimitReached: "preset-reached",
  Timeout: "bms-silent",
} as const satisfies Record<string, FaultId>;

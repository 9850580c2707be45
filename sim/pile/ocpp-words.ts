// The pile's state and readings in the words of OCPP 1.6.
import type { EndReason, PileEvent, Reading } from "./events.ts";
import type { Payload } from "./ocpp-socket.ts";

export type OcppStatus =
  | "Available"
  | "Preparing"
  | "Charging"
  | "Finishing"
  | "Reserved"
  | "Unavailable"
  | "Faulted";

export const iso = (at: number): string => new Date(at).toISOString();

/** Reasons of StopTransaction (OCPP 1.6, 7.36); the pile's own limit has no word of its own. */
const REASONS: Record<EndReason, string> = {
  remote: "Remote",
  local: "Local",
  limit: "Other",
  unplugged: "EVDisconnected",
  "emergency-stop": "EmergencyStop",
  "power-loss": "PowerLoss",
  reset: "SoftReset",
  unlock: "UnlockCommand",
  deauthorized: "DeAuthorized",
  fault: "Other",
  other: "Other",
};
export const reasonOf = ({ reason, code }: { reason: EndReason; code?: string }): string =>
  reason === "reset" && code === "hard" ? "HardReset" : REASONS[reason];

/** Codes of StatusNotification (OCPP 1.6, 7.6); any other one travels as OtherError + vendor code. */
const ERROR_CODES = new Set([
  "ConnectorLockFailure",
  "EVCommunicationError",
  "GroundFailure",
  "HighTemperature",
  "InternalError",
  "OverCurrentFailure",
  "OverVoltage",
  "PowerMeterFailure",
  "PowerSwitchFailure",
  "ReaderFailure",
  "ResetFailure",
  "UnderVoltage",
  "WeakSignal",
]);
export function errorOf(code: string | undefined): Payload {
  if (code === undefined) return { errorCode: "NoError" };
  if (ERROR_CODES.has(code)) return { errorCode: code };
  return { errorCode: "OtherError", vendorErrorCode: code.slice(0, 50), vendorId: "Chargeward" };
}

type Metered =
  & Pick<Reading, "at" | "registerWh" | "powerW" | "socPct">
  & Partial<Pick<Reading, "mV" | "mA">>;

/** One MeterValue: the register, and what else the pile measures. */
export function meterValue(reading: Metered, context: "Sample.Periodic" | "Sample.Clock"): Payload {
  const value = (measurand: string, unit: string, number: number) => ({
    value: String(number),
    context,
    measurand,
    unit,
    ...(measurand === "SoC" ? { location: "EV" } : { location: "Outlet" }),
  });
  const { registerWh, powerW, mV, mA, socPct } = reading;
  const sampledValue = [
    value("Energy.Active.Import.Register", "Wh", registerWh),
    value("Power.Active.Import", "W", powerW),
  ];
  if (mV !== undefined) sampledValue.push(value("Voltage", "V", mV / 1_000));
  if (mA !== undefined) sampledValue.push(value("Current.Import", "A", mA / 1_000));
  if (socPct !== undefined) sampledValue.push(value("SoC", "Percent", socPct));
  return { timestamp: iso(reading.at), sampledValue };
}

export const stopPayload = (event: PileEvent & { kind: "ended" }): Payload => ({
  meterStop: event.registerWh,
  timestamp: iso(event.at),
  reason: reasonOf(event),
  ...(event.idTag === undefined ? {} : { idTag: event.idTag }),
});

export const startPayload = (event: PileEvent & { kind: "charging" }): Payload => ({
  connectorId: event.connector,
  idTag: event.idTag ?? "",
  meterStart: event.registerWh,
  timestamp: iso(event.at),
});

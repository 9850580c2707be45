// OCPP 1.6 words into ours and back: states, reasons, error codes, statuses of tags.
import type { OCPP16 } from "typed-ocpp/dist/ocpp16/index.js";
import type { EndReason, RawCause } from "../../wire/pile.ts";

export type OcppStatus = OCPP16.StatusNotificationRequest["status"];
export type OcppFaultCode = OCPP16.StatusNotificationRequest["errorCode"];
export type OcppReason = NonNullable<OCPP16.StopTransactionRequest["reason"]>;
export type TagStatus = OCPP16.AuthorizeResponse["idTagInfo"]["status"];
export type PileStateWord =
  | "available"
  | "preparing"
  | "charging"
  | "suspended"
  | "finishing"
  | "unavailable";
/** What runs at a connector, for the actor's question. */
export type RunWord = "idle" | "plugged" | "charging" | "unknown";

interface StatusRow {
  /** Null: reported as a fault. */
  state: PileStateWord | null;
  /** Null: the status says nothing of the cable. */
  plugged: boolean | null;
  /** OCPP 1.6, 4.9: no energy flows in Faulted or Unavailable. */
  runs: Exclude<RunWord, "unknown">;
}
export const statuses: Record<OcppStatus, StatusRow> = {
  Available: { state: "available", plugged: false, runs: "idle" },
  Preparing: { state: "preparing", plugged: true, runs: "plugged" },
  Charging: { state: "charging", plugged: true, runs: "charging" },
  SuspendedEVSE: { state: "suspended", plugged: true, runs: "charging" },
  SuspendedEV: { state: "suspended", plugged: true, runs: "charging" },
  Finishing: { state: "finishing", plugged: true, runs: "plugged" },
  Reserved: { state: "available", plugged: null, runs: "idle" },
  Unavailable: { state: "unavailable", plugged: null, runs: "idle" },
  Faulted: { state: null, plugged: null, runs: "idle" },
};

interface ReasonRow {
  reason: EndReason;
  by: RawCause["by"];
}
export const reasons: Record<OcppReason, ReasonRow> = {
  DeAuthorized: { reason: "deauthorized", by: "platform" },
  EmergencyStop: { reason: "emergency-stop", by: "user" },
  EVDisconnected: { reason: "unplugged", by: "user" },
  HardReset: { reason: "reset", by: "pile" },
  Local: { reason: "local", by: "user" },
  Other: { reason: "other", by: "unknown" },
  PowerLoss: { reason: "power-loss", by: "grid" },
  Reboot: { reason: "reset", by: "pile" },
  Remote: { reason: "remote", by: "platform" },
  SoftReset: { reason: "reset", by: "pile" },
  UnlockCommand: { reason: "unlock", by: "platform" },
};
/** OCPP 1.6, 6.49: the reason may be left out when it is Local. */
export const DEFAULT_REASON: OcppReason = "Local";

/** Who is behind an error code; what is not listed is the pile itself. */
const faultBy: Partial<Record<OcppFaultCode, RawCause["by"]>> = {
  EVCommunicationError: "vehicle",
  UnderVoltage: "grid",
  OverVoltage: "grid",
  OtherError: "unknown",
  NoError: "unknown",
};
/** What may burn or shock: charging there must end at once. */
const critical: ReadonlySet<OcppFaultCode> = new Set<OcppFaultCode>([
  "GroundFailure",
  "HighTemperature",
  "OverCurrentFailure",
  "PowerSwitchFailure",
]);

const CODE_LENGTH_MAX = 80; // as rawCause
const RAW_LENGTH_MAX = 500;
export function faultOf(
  status: OCPP16.StatusNotificationRequest,
): { cause: RawCause; severity: "warning" | "critical" } {
  const { errorCode, vendorErrorCode, vendorId, info } = status;
  const code = vendorErrorCode && (errorCode === "OtherError" || errorCode === "NoError")
    ? `${errorCode}/${vendorErrorCode}`
    : errorCode;
  const raw = [vendorId, vendorErrorCode, info].filter(Boolean).join(" | ");
  return {
    cause: {
      code: code.slice(0, CODE_LENGTH_MAX),
      by: faultBy[errorCode] ?? "pile",
      ...(raw === "" ? {} : { raw: raw.slice(0, RAW_LENGTH_MAX) }),
    },
    severity: status.status === "Faulted" || critical.has(errorCode) ? "critical" : "warning",
  };
}

/** Why the actor did not take a charge on, as the pile shows it to whoever holds the card. */
const refusedTag: Record<string, TagStatus> = {
  "blocked": "Blocked",
  "invalid": "Invalid",
  "busy": "ConcurrentTx",
};
export const tagStatusOf = (why: string): TagStatus => refusedTag[why] ?? "Invalid";

/** Tags that the platform itself hands out, one for each order. */
export const isOrderTag = (tag: string): boolean => tag.startsWith("CW");

// Are the payloads of OCPP 1.6 as the standard's JSON schemas want them? Known oddities of real piles
// are mended first; what stays wrong gets the error code that names its kind.
import { OCPP16 } from "typed-ocpp/dist/ocpp16/index.js";
import type { OcppErrorCode } from "./errors.ts";
import type { Payload } from "./frames.ts";

/** Questions of a pile that we answer, with the types of their payloads. */
export interface PileCalls {
  Authorize: OCPP16.AuthorizeRequest;
  BootNotification: OCPP16.BootNotificationRequest;
  DataTransfer: OCPP16.DataTransferRequest;
  DiagnosticsStatusNotification: OCPP16.DiagnosticsStatusNotificationRequest;
  FirmwareStatusNotification: OCPP16.FirmwareStatusNotificationRequest;
  Heartbeat: OCPP16.HeartbeatRequest;
  LogStatusNotification: OCPP16.LogStatusNotificationRequest;
  MeterValues: OCPP16.MeterValuesRequest;
  SecurityEventNotification: OCPP16.SecurityEventNotificationRequest;
  SignedFirmwareStatusNotification: OCPP16.SignedFirmwareStatusNotificationRequest;
  StartTransaction: OCPP16.StartTransactionRequest;
  StatusNotification: OCPP16.StatusNotificationRequest;
  StopTransaction: OCPP16.StopTransactionRequest;
}
export type PileAction = keyof PileCalls;
/** What we ask of a pile, with the types of its answers. */
export interface CentralCalls {
  RemoteStartTransaction: OCPP16.RemoteStartTransactionResponse;
  RemoteStopTransaction: OCPP16.RemoteStopTransactionResponse;
  Reset: OCPP16.ResetResponse;
  UnlockConnector: OCPP16.UnlockConnectorResponse;
  TriggerMessage: OCPP16.TriggerMessageResponse;
}
export type CentralAction = keyof CentralCalls;

const served: Record<PileAction, true> = {
  Authorize: true,
  BootNotification: true,
  DataTransfer: true,
  DiagnosticsStatusNotification: true,
  FirmwareStatusNotification: true,
  Heartbeat: true,
  LogStatusNotification: true,
  MeterValues: true,
  SecurityEventNotification: true,
  SignedFirmwareStatusNotification: true,
  StartTransaction: true,
  StatusNotification: true,
  StopTransaction: true,
};
const known = new Set<string>(Object.values(OCPP16.Action));

export type Checked =
  | { [A in PileAction]: { ok: true; action: A; payload: PileCalls[A] } }[PileAction]
  | { ok: false; code: OcppErrorCode; description: string };

export function checkCall(action: string, payload: Payload): Checked {
  if (!Object.hasOwn(served, action)) {
    const code = known.has(action) ? "NotSupported" : "NotImplemented";
    return { ok: false, code, description: `"${action}" is not answered here` };
  }
  const call: unknown = [OCPP16.MessageType.CALL, "", action, payload];
  if (OCPP16.validateCall(call)) return { ok: true, action, payload } as Checked;
  mend(action as PileAction, payload);
  if (OCPP16.validateCall(call)) return { ok: true, action, payload } as Checked;
  return violation(OCPP16.validateCall.errors[0] ?? "");
}

/** Is that the answer of a pile to `action`? */
export function checkResult(action: CentralAction, payload: Payload): boolean {
  const call = [OCPP16.MessageType.CALL, "", action, {}] as unknown as OCPP16.Call;
  return OCPP16.checkCallResult([OCPP16.MessageType.CALLRESULT, "", payload], call);
}

/** Is that something a pile accepts as `action`? */
export function checkQuestion(action: CentralAction, payload: Payload): boolean {
  return OCPP16.validateCall([OCPP16.MessageType.CALL, "", action, payload]);
}

const kinds: readonly [RegExp, OcppErrorCode][] = [
  [/must have required property/, "OccurenceConstraintViolation"],
  [/must NOT have (fewer|more) than \d+ items/, "OccurenceConstraintViolation"],
  [/must be (string|number|integer|boolean|array|object|null)/, "TypeConstraintViolation"],
];
/** The schema's complaint in the words of OCPP-J; wrong values of the right type are what remains. */
function violation(complaint: string): { ok: false; code: OcppErrorCode; description: string } {
  const description = complaint.replace(/^[^:]*:\s*/, "");
  for (const [form, code] of kinds) {
    if (form.test(description)) return { ok: false, code, description };
  }
  return { ok: false, code: "PropertyConstraintViolation", description };
}

/** Actions whose loss would cost a bill or a curve, and their moments. */
const momentFields = ["timestamp"] as const;
const registerFields = ["meterStart", "meterStop"] as const;

/**
 * Moments without a zone are read as UTC, fractions of a watt-hour rounded, readings given as JSON
 * numbers taken as text: seen on piles in the field, and dropping their bills helps nobody.
 */
function mend(action: PileAction, payload: Payload): void {
  for (const field of momentFields) mendMoment(payload, field);
  for (const field of registerFields) {
    const value = payload[field];
    if (typeof value === "number" && Number.isFinite(value)) payload[field] = Math.round(value);
  }
  const list = action === "StopTransaction" ? payload["transactionData"] : payload["meterValue"];
  if (!Array.isArray(list)) return;
  for (const entry of list as unknown[]) if (isObject(entry)) mendReading(entry);
}

function mendReading(entry: Payload): void {
  mendMoment(entry, "timestamp");
  const samples = entry["sampledValue"];
  if (!Array.isArray(samples)) return;
  for (const sample of samples as unknown[]) {
    if (isObject(sample) && typeof sample["value"] === "number") {
      sample["value"] = String(sample["value"]);
    }
  }
}

const zoneless = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?$/;
function mendMoment(holder: Payload, field: string): void {
  const text = holder[field];
  if (typeof text === "string" && zoneless.test(text)) holder[field] = `${text.replace(" ", "T")}Z`;
}
const isObject = (value: unknown): value is Payload =>
  typeof value === "object" && value !== null && !Array.isArray(value);

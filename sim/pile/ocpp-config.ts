// Configuration keys of an OCPP 1.6 pile (chapter 9): defaults, which may be written, and what they are.
import type { OcppMemory } from "./ocpp-queue.ts";
import type { Payload } from "./ocpp-socket.ts";

interface Key {
  readonly value: string;
  readonly readonly?: boolean;
}

const KEYS: Record<string, Key> = {
  AllowOfflineTxForUnknownId: { value: "false" },
  AuthorizeRemoteTxRequests: { value: "false", readonly: true },
  ClockAlignedDataInterval: { value: "1800", readonly: true },
  ConnectionTimeOut: { value: "60" },
  GetConfigurationMaxKeys: { value: "50", readonly: true },
  HeartbeatInterval: { value: "30" },
  LocalAuthorizeOffline: { value: "false", readonly: true },
  LocalPreAuthorize: { value: "false", readonly: true },
  MeterValuesSampledData: {
    value: "Energy.Active.Import.Register,Power.Active.Import,Voltage,Current.Import,SoC",
    readonly: true,
  },
  MeterValueSampleInterval: { value: "10" },
  NumberOfConnectors: { value: "1", readonly: true },
  ResetRetries: { value: "1", readonly: true },
  StopTransactionOnEVSideDisconnect: { value: "true", readonly: true },
  StopTransactionOnInvalidId: { value: "true", readonly: true },
  SupportedFeatureProfiles: { value: "Core,RemoteTrigger", readonly: true },
  TransactionMessageAttempts: { value: "3", readonly: true },
  TransactionMessageRetryInterval: { value: "1", readonly: true },
  UnlockConnectorOnEVSideDisconnect: { value: "true", readonly: true },
  WebSocketPingInterval: { value: "0", readonly: true },
};
const NUMBERS = new Set(["ConnectionTimeOut", "HeartbeatInterval", "MeterValueSampleInterval"]);
const SECONDS_MAX = 86_400;

export function valueOf(memory: OcppMemory, key: string): string {
  return memory.config[key] ?? KEYS[key]?.value ?? "";
}

export const secondsOf = (memory: OcppMemory, key: string): number =>
  Number(valueOf(memory, key)) || 0;

export function getConfiguration(memory: OcppMemory, payload: Payload): Payload {
  const asked = Array.isArray(payload.key) ? payload.key.map(String) : [];
  const names = asked.length === 0 ? Object.keys(KEYS) : asked;
  const known = names.filter((name) => name in KEYS);
  return {
    configurationKey: known.map((key) => ({
      key,
      readonly: KEYS[key]?.readonly ?? false,
      value: valueOf(memory, key),
    })),
    unknownKey: names.filter((name) => !(name in KEYS)),
  };
}

export function changeConfiguration(memory: OcppMemory, payload: Payload): Payload {
  const [key, value] = [String(payload.key), String(payload.value)];
  const known = KEYS[key];
  if (known === undefined) return { status: "NotSupported" };
  const seconds = Number(value);
  const wrong = NUMBERS.has(key) &&
    !(Number.isInteger(seconds) && seconds >= 0 && seconds <= SECONDS_MAX);
  if (known.readonly === true || wrong) return { status: "Rejected" };
  memory.config[key] = value;
  return { status: "Accepted" };
}

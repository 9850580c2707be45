// True calls of OCPP 1.6 piles: for tests of everything that reads them.

const T = "2026-11-20T08:00:00.000Z";
const value = (measurand: string, text: string, more = {}) => ({ measurand, value: text, ...more });

/** Each is a call that the gateway takes. */
export const calls: [action: string, payload: Record<string, unknown>][] = [
  ["Heartbeat", {}],
  ["BootNotification", { chargePointModel: "Wall 7", chargePointVendor: "Acme" }],
  ["StatusNotification", {
    connectorId: 1,
    errorCode: "NoError",
    status: "Charging",
    timestamp: T,
  }],
  ["StatusNotification", {
    connectorId: 0,
    errorCode: "OtherError",
    status: "Faulted",
    info: "door open",
    vendorId: "acme",
    vendorErrorCode: "E42",
  }],
  ["Authorize", { idTag: "CARD1" }],
  ["StartTransaction", { connectorId: 2, idTag: "CARD1", meterStart: 1200, timestamp: T }],
  ["MeterValues", {
    connectorId: 1,
    transactionId: 7,
    meterValue: [{
      timestamp: T,
      sampledValue: [
        value("Energy.Active.Import.Register", "1234.5", {
          unit: "Wh",
          context: "Sample.Periodic",
        }),
        value("Power.Active.Import", "7.2", { unit: "kW" }),
        value("Voltage", "230", { unit: "V", phase: "L1-N" }),
        value("Current.Import", "16", { unit: "A", phase: "L1" }),
        value("SoC", "55", { unit: "Percent", location: "EV" }),
      ],
    }],
  }],
  ["StopTransaction", {
    transactionId: 7,
    meterStop: 5000,
    timestamp: T,
    reason: "EVDisconnected",
    idTag: "CARD1",
    transactionData: [{ timestamp: T, sampledValue: [{ value: "4900" }] }],
  }],
  ["DataTransfer", { vendorId: "acme", messageId: "m", data: "d" }],
  ["FirmwareStatusNotification", { status: "Installed" }],
  ["DiagnosticsStatusNotification", { status: "Idle" }],
];
export const callTexts: string[] = calls.map(([action, payload]) =>
  JSON.stringify([2, "id-1", action, payload])
);

// Which handler answers which question of a pile.
import type { Checked } from "../../wire/foreign/ocpp16/payloads.ts";
import { meterValues } from "./meter-values.ts";
import { type Answer, type Desk, type PileLink, result } from "./ports.ts";
import { bootNotification, statusNotification } from "./status.ts";
import { authorize, startTransaction, stopTransaction } from "./transactions.ts";

type Good = Extract<Checked, { ok: true }>;

export async function handle(desk: Desk, link: PileLink, call: Good): Promise<Answer> {
  switch (call.action) {
    case "MeterValues":
      return await meterValues(desk, link, call.payload);
    case "Heartbeat":
      return result({ currentTime: new Date(desk.clock.now()).toISOString() });
    case "BootNotification":
      return await bootNotification(desk, link, call.payload);
    case "StatusNotification":
      return await statusNotification(desk, link, call.payload);
    case "Authorize":
      return await authorize(desk, link, call.payload);
    case "StartTransaction":
      return await startTransaction(desk, link, call.payload);
    case "StopTransaction":
      return await stopTransaction(desk, link, call.payload);
    case "DataTransfer":
      return result({ status: "UnknownVendorId" });
    case "DiagnosticsStatusNotification":
    case "FirmwareStatusNotification":
    case "LogStatusNotification":
    case "SecurityEventNotification":
    case "SignedFirmwareStatusNotification": {
      const { tenant, pileId } = link;
      desk.log.info({ tenant, pileId, action: call.action, told: call.payload }, "pile tells");
      return result({});
    }
  }
}

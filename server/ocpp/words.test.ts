import { expect, test } from "vitest";
import type { OCPP16 } from "typed-ocpp/dist/ocpp16/index.js";
import { endReason } from "../../wire/pile.ts";
import { faultOf, isOrderTag, type OcppReason, reasons, statuses, tagStatusOf } from "./words.ts";

const ends: [OcppReason, string, string][] = [
  ["Remote", "remote", "platform"],
  ["Local", "local", "user"],
  ["EVDisconnected", "unplugged", "user"],
  ["EmergencyStop", "emergency-stop", "user"],
  ["PowerLoss", "power-loss", "grid"],
  ["HardReset", "reset", "pile"],
  ["SoftReset", "reset", "pile"],
  ["Reboot", "reset", "pile"],
  ["DeAuthorized", "deauthorized", "platform"],
  ["UnlockCommand", "unlock", "platform"],
  ["Other", "other", "unknown"],
];
test.each(ends)("a stop by %s ends as %s, by the %s", (raw, reason, by) => {
  expect(reasons[raw]).toEqual({ reason, by });
  expect(endReason.options).toContain(reason);
});

test("every reason of the standard has its row", () => {
  expect(Object.keys(reasons).sort()).toEqual(ends.map(([raw]) => raw).sort());
});

const shown: [keyof typeof statuses, string | null, boolean | null, string][] = [
  ["Available", "available", false, "idle"],
  ["Preparing", "preparing", true, "plugged"],
  ["Charging", "charging", true, "charging"],
  ["SuspendedEVSE", "suspended", true, "charging"],
  ["SuspendedEV", "suspended", true, "charging"],
  ["Finishing", "finishing", true, "plugged"],
  ["Reserved", "available", null, "idle"],
  ["Unavailable", "unavailable", null, "idle"],
  ["Faulted", null, null, "idle"],
];
test.each(shown)("%s is state %s, plugged %s, and runs: %s", (status, state, plugged, runs) => {
  expect(statuses[status]).toEqual({ state, plugged, runs });
});

const fault = (more: Partial<OCPP16.StatusNotificationRequest>) =>
  faultOf({ connectorId: 1, status: "Faulted", errorCode: "OtherError", ...more });

test("a fault keeps its raw code, names who is behind it, and how bad it is", () => {
  expect(fault({ errorCode: "GroundFailure" })).toEqual({
    cause: { code: "GroundFailure", by: "pile" },
    severity: "critical",
  });
  expect(fault({ errorCode: "EVCommunicationError" }).cause.by).toBe("vehicle");
  expect(fault({ errorCode: "OverVoltage" }).cause.by).toBe("grid");
  expect(fault({ vendorErrorCode: "0x41", vendorId: "acme", info: "fan" }).cause).toEqual({
    code: "OtherError/0x41",
    by: "unknown",
    raw: "acme | 0x41 | fan",
  });
  expect(fault({ status: "Charging", errorCode: "WeakSignal" }).severity).toBe("warning");
  expect(fault({ status: "Charging", errorCode: "HighTemperature" }).severity).toBe("critical");
});

test("an actor's no is shown at the pile", () => {
  expect(["blocked", "invalid", "busy", "pile.disabled"].map(tagStatusOf)).toEqual(
    ["Blocked", "Invalid", "ConcurrentTx", "Invalid"],
  );
});

test("the platform's tags begin with CW", () => {
  expect([isOrderTag("CW0123456789ABCDEF"), isOrderTag("04AABBCC"), isOrderTag("cw1")]).toEqual(
    [true, false, false],
  );
});

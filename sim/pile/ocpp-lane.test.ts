import { expect, test } from "vitest";
import { CentralDouble, fastClock } from "../../test/kit/platform-doubles.ts";
import { memoryStore, type Pile, startOcppPile } from "./mod.ts";

let count = 0;
async function scene(run: (central: CentralDouble, pile: Pile) => Promise<void>) {
  const central = await CentralDouble.start();
  const pile = startOcppPile({
    id: `OCPP-${++count}`,
    secret: "a secret of a pile",
    url: central.url,
    clock: fastClock(20),
    store: memoryStore(),
    sampleSeconds: 2,
  });
  await pile.linked();
  try {
    await run(central, pile);
  } finally {
    await pile.stop();
    await central.close();
  }
}
const remote = { connectorId: 1, idTag: "TAG-1" };

test("it signs in with its password, boots, shows its connectors and beats", () =>
  scene(async (central) => {
    await central.until(() => central.of("Heartbeat").length > 1);
    expect(atob(central.logins[0]!.replace("Basic ", ""))).toMatch(/^OCPP-\d+:a secret of a pile$/);
    expect(central.calls[0]!.action).toBe("BootNotification");
    expect(central.statuses(1)).toEqual(["Available"]);
  }));

test("a remote start runs a transaction with samples until the remote stop", () =>
  scene(async (central, pile) => {
    pile.plug();
    expect(await central.ask("RemoteStartTransaction", remote)).toEqual({ status: "Accepted" });
    await central.until(() => central.of("MeterValues").length >= 3);
    expect(central.of("MeterValues").every(({ transactionId }) => transactionId === 101)).toBe(
      true,
    );
    const stopped = await central.ask("RemoteStopTransaction", { transactionId: 101 });
    expect(stopped).toEqual({ status: "Accepted" });
    await central.until(() => central.of("StopTransaction").length === 1);
    expect(central.of("StopTransaction")[0]).toMatchObject({
      transactionId: 101,
      reason: "Remote",
      meterStop: pile.register(),
    });
    await central.until(() => central.statuses(1).includes("Finishing"));
    expect(central.statuses(1)).toEqual([
      "Available",
      "Preparing",
      "Preparing",
      "Charging",
      "Finishing",
    ]);
  }));

test("a remote start without a car waits for it", () =>
  scene(async (central, pile) => {
    expect(await central.ask("RemoteStartTransaction", remote)).toEqual({ status: "Accepted" });
    pile.plug();
    await central.until(() => central.of("StartTransaction").length === 1);
    expect(central.of("StartTransaction")[0]).toMatchObject({ idTag: "TAG-1", meterStart: 0 });
  }));

test("a charge that began and ended offline is told in order with the platform's number", () =>
  scene(async (central, pile) => {
    pile.plug();
    expect(await pile.card("CARD-1")).toBe(true);
    pile.cutLink(4_000);
    await pile.next("charging");
    pile.unplug();
    await central.until(() => central.of("StopTransaction").length === 1);
    const told = central.calls.map(({ action }) => action)
      .filter((action) => action.endsWith("Transaction"));
    expect(told).toEqual(["StartTransaction", "StopTransaction"]);
    expect(central.of("StopTransaction")[0]).toMatchObject({
      transactionId: 101,
      reason: "EVDisconnected",
    });
  }));

test("sent newest first, the stop has no number yet and carries -1", () =>
  scene(async (central, pile) => {
    pile.misbehave({ reorderQueue: true });
    pile.plug();
    await pile.card("CARD-1");
    pile.cutLink(4_000);
    await pile.next("charging");
    pile.unplug();
    await central.until(() => central.of("StartTransaction").length === 1);
    expect(central.of("StopTransaction")[0]).toMatchObject({ transactionId: -1 });
  }));

test("a transaction that the platform does not want is ended as not authorised", () =>
  scene(async (central, pile) => {
    central.idTagStatus = "Invalid";
    pile.plug();
    await central.ask("RemoteStartTransaction", remote);
    await central.until(() => central.of("StopTransaction").length === 1);
    expect(central.of("StopTransaction")[0]).toMatchObject({ reason: "DeAuthorized" });
  }));

test("a hard reset ends the charge, and the pile boots again", () =>
  scene(async (central, pile) => {
    pile.plug();
    await central.ask("RemoteStartTransaction", remote);
    await central.until(() => central.of("MeterValues").length >= 1);
    expect(await central.ask("Reset", { type: "Hard" })).toEqual({ status: "Accepted" });
    await central.until(() => central.of("StopTransaction").length === 1);
    expect(central.of("StopTransaction")[0]).toMatchObject({ reason: "HardReset" });
    await central.until(() => central.of("BootNotification").length === 2);
  }));

test("it answers what may be asked of it and refuses the rest by its code", () =>
  scene(async (central, pile) => {
    const set = { key: "MeterValueSampleInterval", value: "5" };
    expect(await central.ask("ChangeConfiguration", set)).toEqual({ status: "Accepted" });
    const got = await central.ask("GetConfiguration", {
      key: ["MeterValueSampleInterval", "Nope"],
    });
    expect(got).toEqual({
      configurationKey: [{ key: "MeterValueSampleInterval", readonly: false, value: "5" }],
      unknownKey: ["Nope"],
    });
    pile.fault("GroundFailure");
    await central.until(() => central.statuses(1).includes("Faulted"));
    expect(await central.ask("RemoteStartTransaction", remote)).toEqual({ status: "Rejected" });
    const trigger = { requestedMessage: "StatusNotification", connectorId: 1 };
    expect(await central.ask("TriggerMessage", trigger)).toEqual({ status: "Accepted" });
  }));

// One stored sample of every event and of the state: what has been journaled once can be read for ever.
import { expect, test } from "vitest";
import stored from "../../wire/samples/pile.json" with { type: "json" };
import { pile, type PileEvent, type PileState } from "./mod.ts";
import { pileView } from "../../wire/pile.ts";
import { PILE, T0 } from "./rig.ts";
import { chargingSettings } from "../../wire/settings.ts";

/** A new event without a line here is a type error; without a sample, a failure below. */
const types: Record<PileEvent["type"], true> = {
  PileRegistered: true,
  TariffSet: true,
  PileDisabled: true,
  PileEnabled: true,
  LinkOpened: true,
  LinkLost: true,
  PileBooted: true,
  FactTaken: true,
  PlugSeen: true,
  StateSeen: true,
  FaultSeen: true,
  FaultQuiet: true,
  FaultCleared: true,
  ConnectorKept: true,
  ConnectorLetGo: true,
  SlotReserved: true,
  SlotLocked: true,
  SlotTroubled: true,
  SlotTaken: true,
  SlotOpened: true,
  SlotRestored: true,
  SlotUsed: true,
  SlotFreed: true,
  SlotReleased: true,
  StartRequested: true,
  StartStepped: true,
  StartFailed: true,
  StartUndone: true,
  DeviceCalled: true,
  DeviceReplied: true,
  ChargeStarted: true,
  TransactionNoted: true,
  MeterNoted: true,
  ReadingDoubted: true,
  RegisterReset: true,
  EnergyUnattributed: true,
  CardAccepted: true,
  CardRefused: true,
  CardWaited: true,
  LimitRaised: true,
  GapSeen: true,
  GapClosed: true,
  ChargeEstimated: true,
  LimitReached: true,
  CheckRequested: true,
  CheckAnswered: true,
  StopRequested: true,
  StopStepped: true,
  ChargeLeft: true,
  ChargeEnded: true,
  LockNoted: true,
  LockAsked: true,
  LockDriven: true,
  LockReplied: true,
  LockTold: true,
  BayTaken: true,
  BayLeft: true,
  BayBlocked: true,
  BayOpened: true,
  UnlockAsked: true,
  UnlockAnswered: true,
  IncidentRaised: true,
};
const moment = { at: T0 + 600_000, self: { kind: "pile", id: PILE } };
const ctx = {
  ...moment,
  tenant: "main",
  commandId: "c",
  principal: { kind: "device" as const, id: PILE },
  correlation: "c",
  v: 9,
  settings: chargingSettings.parse({}),
  without: new Set<never>(),
};

test("every event has its sample", () => {
  expect(Object.keys(stored.events).sort()).toEqual(Object.keys(types).sort());
  for (const [type, event] of Object.entries(stored.events)) {
    expect(event).toMatchObject({ type, sv: pile.eventVersions?.[type as PileEvent["type"]] ?? 1 });
  }
});

test("the stored state is shown, and charging goes on from it", () => {
  const state = stored.state as PileState;
  const shown = pile.read("show", state, null, {}, ctx);
  expect(pileView.safeParse("body" in shown ? shown.body : null).error).toBeUndefined();
  const ended = stored.events.ChargeEnded as unknown as PileEvent;
  const after = pile.evolve(state, { ...ended, connector: 1, txId: 1 } as PileEvent, moment);
  expect(after).toMatchObject({ status: "registered" });
});

/** These speak of the pile or of a connector in any use. */
const anywhere: PileEvent["type"][] = [
  "TariffSet",
  "PileDisabled",
  "PileEnabled",
  "LinkOpened",
  "LinkLost",
  "PileBooted",
  "FactTaken",
  "PlugSeen",
  "StateSeen",
  "FaultSeen",
  "FaultQuiet",
  "FaultCleared",
  "ConnectorKept",
  "ConnectorLetGo",
  "DeviceReplied",
  "ChargeStarted",
  "TransactionNoted",
  "MeterNoted",
  "RegisterReset",
  "EnergyUnattributed",
  "CardWaited",
  "LimitReached",
  "IncidentRaised",
  "ChargeEnded",
  "BayTaken",
  "BayLeft",
  "BayBlocked",
  "BayOpened",
  "UnlockAsked",
  "UnlockAnswered",
];
test("stored events fold into the stored state, and are answered", () => {
  for (const type of anywhere) {
    const event = stored.events[type] as unknown as PileEvent;
    const after = pile.evolve(stored.state as PileState, event, moment);
    expect(after.status, type).toBe("registered");
    expect(Array.isArray(pile.react(event, after, ctx)), type).toBe(true);
  }
});

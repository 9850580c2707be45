// One stored sample of every event and of the state of a station.
import { expect, test } from "vitest";
import stored from "../../wire/samples/station.json" with { type: "json" };
import { station, type StationEvent, type StationState } from "./mod.ts";

const types: Record<StationEvent["type"], true> = {
  StationOpened: true,
  PileAdded: true,
  TariffDrafted: true,
  TariffDraftDropped: true,
  TariffPutInForce: true,
  StationPhoneSet: true,
  ReserveRuleSet: true,
  TariffConfirmed: true,
  TariffMissed: true,
  TariffSentAgain: true,
};

test("every event has its sample, and folds into the stored state", () => {
  expect(Object.keys(stored.events).sort()).toEqual(Object.keys(types).sort());
  for (const [type, event] of Object.entries(stored.events)) {
    expect(event).toMatchObject({ type, sv: 1 });
    const moment = { at: 0, self: { kind: "station", id: "stn_east1" } };
    const after = station.evolve(stored.state as StationState, event as StationEvent, moment);
    expect(after.status).toBe("open");
  }
});

// Rules of reservations at a station: who may set them, within which bounds, and that every pile hears.
import { expect, test } from "vitest";
import stored from "../../wire/samples/station.json" with { type: "json" };
import { chargingSettings } from "../../wire/settings.ts";
import type { ReserveRule } from "../../wire/slot.ts";
import { reserveDesk } from "../../wire/user.ts";
import { stepper } from "../kit/stepper.ts";
import { station } from "./mod.ts";

const operator = { kind: "ops" as const, id: "ops_1", roles: ["operator"] };
const finance = { ...operator, id: "ops_2", roles: ["finance"] };
const service = { ...operator, id: "ops_3", roles: ["service"] };
const elsewhere = { ...finance, scope: ["stn_west1"] };
const rule: ReserveRule = {
  depositFen: 3_000,
  cancelFeeFen: 800,
  noShowFeeFen: 2_500,
  freeMs: 300_000,
  minutesMin: 20,
  minutesMax: 45,
  aheadMs: 3_600_000,
};
const set = (more: Partial<ReserveRule> = {}, ifRevision = 0) => ({
  type: "SetReserveRule",
  rule: { ...rule, ...more },
  reason: "few bays",
  ifRevision,
});

function opened() {
  const step = stepper(station, {
    id: "stn_east1",
    at: Date.UTC(2026, 2, 2),
    settings: chargingSettings.parse({}),
    principal: operator,
  });
  const { place, tariff } = stored.events.StationOpened;
  step.send({ ...place, type: "OpenStation", tariff });
  step.send({ type: "AddPile", pileId: "P100", ratedPowerW: 120_000 });
  step.send({ type: "AddPile", pileId: "P200", ratedPowerW: 120_000 });
  step.take();
  return step;
}
const desk = (step: ReturnType<typeof opened>) =>
  reserveDesk.parse((step.read("reserve-rule") as { body: unknown }).body);

test.each<[string, ReturnType<typeof set>, typeof operator, string]>([
  ["by service", set(), service, "auth.forbidden"],
  ["of another scope", set(), elsewhere, "auth.forbidden"],
  ["over somebody's change", set({}, 7), finance, "station.reserve-rule-changed"],
  ["without a deposit", set({ depositFen: 99 }), finance, "station.reserve-rule-bounds"],
  ["a deposit above any hold", set({ depositFen: 30_001 }), finance, "station.reserve-rule-bounds"],
  ["a fee above the deposit", set({ cancelFeeFen: 3_001 }), finance, "station.reserve-rule-bounds"],
  ["a no-show above it", set({ noShowFeeFen: 3_001 }), finance, "station.reserve-rule-bounds"],
  ["a window too short", set({ minutesMin: 14 }), finance, "station.reserve-rule-bounds"],
  ["a window too long", set({ minutesMax: 61 }), finance, "station.reserve-rule-bounds"],
  [
    "the longest under the shortest",
    set({ minutesMax: 19 }),
    finance,
    "station.reserve-rule-bounds",
  ],
  ["never free", set({ freeMs: 1_200_001 }), finance, "station.reserve-rule-bounds"],
  ["two days ahead", set({ aheadMs: 86_400_001 }), finance, "station.reserve-rule-bounds"],
])("is refused: %s", (_name, command, principal, code) => {
  expect(opened().send(command, { principal }).refusal?.code).toBe(code);
});

test("a refusal says what is out of which bounds", () => {
  expect(opened().send(set({ minutesMax: 61 })).refusal?.facts)
    .toEqual({ field: "minutesMax", min: 20, max: 60 });
});

test("every pile hears of it, with who set it and why; none again is the platform's", () => {
  const step = opened();
  expect(desk(step)).toMatchObject({ revision: 0, rule: null, platform: { depositFen: 2_000 } });
  const done = step.send(set(), { principal: finance });
  expect(done.events).toEqual([
    { type: "ReserveRuleSet", rule, by: finance.id, reason: "few bays" },
  ]);
  const told = { type: "SetTariff", body: { reserving: rule } };
  expect(step.take()).toMatchObject([
    { ...told, to: { id: "P100" } },
    { ...told, to: { id: "P200" } },
  ]);
  expect(desk(step)).toMatchObject({
    revision: 1,
    rule,
    set: { by: finance.id, reason: "few bays", at: "2026-03-02T00:00:00.000Z" },
  });
  expect(step.send(set({}, 1)).events).toEqual([]); // the same again changes nothing

  step.send({ type: "SetReserveRule", rule: null, reason: "as elsewhere", ifRevision: 1 });
  expect(step.take().map((effect) => effect.do === "tell" && effect.body))
    .toEqual(Array(2).fill(expect.not.objectContaining({ reserving: expect.anything() })));
  expect(desk(step)).toMatchObject({ revision: 2, rule: null });
});

test("a pile that comes later hears of it too, and new prices do not forget it", () => {
  const step = opened();
  step.send(set());
  step.take();
  step.send({ type: "AddPile", pileId: "P300", ratedPowerW: 60_000 });
  step.send({ type: "SetStationPhone", phone: "021-1" });
  expect(step.take().map((effect) => effect.do === "tell" && effect.body))
    .toEqual(Array(4).fill(expect.objectContaining({ reserving: rule })));
});

// A station: every refusal has a row, and its prices reach every pile.
import { describe, expect, test } from "vitest";
import { stepper } from "../kit/stepper.ts";
import type { Principal } from "../../wire/envelope.ts";
import type { Tariff } from "../../wire/tariff.ts";
import { station } from "./mod.ts";

const T0 = Date.UTC(2026, 2, 2);
const operator: Principal = { kind: "ops", id: "ops_1", roles: ["operator"] };
const finance: Principal = { kind: "ops", id: "ops_2", roles: ["finance"] };
const viewer: Principal = { kind: "ops", id: "ops_3", roles: ["viewer"] };
const elsewhere: Principal = { ...operator, scope: ["stn_west1"] };
const system: Principal = { kind: "system", id: "outbox" };
const driver: Principal = { kind: "driver", id: "usr_anna1" };

const tariffOf = (version: string, energy = 70_000, more: Partial<Tariff> = {}): Tariff => ({
  version,
  currency: "CNY",
  zone: "Asia/Shanghai",
  periods: [{
    fromMinute: 0,
    toMinute: 1440,
    kind: "flat",
    energyMilliFenPerKwh: energy,
    serviceMilliFenPerKwh: 40_000,
  }],
  overstay: { graceMinutes: 15, fenPerMinute: 50, capFen: 5_000 },
  ...more,
});
const place = {
  name: { zh: "东站", en: "East" },
  address: { zh: "一路", en: "First Road" },
  lat: 31.2,
  lon: 121.5,
  zone: "Asia/Shanghai",
  phone: "400 800",
};
const open = (tariff = tariffOf("tv_1"), more = {}) => (
  { type: "OpenStation", ...place, tariff, ...more }
);
const addPile = { type: "AddPile", pileId: "P100", ratedPowerW: 120_000 };
const setPhone = { type: "SetStationPhone", phone: "021-555" };
const put = (tariff: Tariff) => ({ type: "PutTariffInForce", tariff });

const fresh = () =>
  stepper(station, { id: "stn_east1", at: T0, settings: {}, principal: operator });
const opened = () => {
  const step = fresh();
  step.send(open());
  return step;
};
type Step = ReturnType<typeof fresh>;
const gap = { periods: [{ ...tariffOf("tv_2").periods[0]!, fromMinute: 1 }] };
const overlap = { periods: [tariffOf("tv_2").periods[0]!, tariffOf("tv_2").periods[0]!] };

describe("is refused", () => {
  const full = () => {
    const step = opened();
    for (let i = 0; i < 500; i++) step.send({ ...addPile, pileId: `P${1000 + i}` });
    return step;
  };
  const reused = () => {
    const step = opened();
    step.send(put(tariffOf("tv_2", 80_000)));
    return step;
  };
  test.each<[string, () => Step, { type: string } & Record<string, unknown>, Principal, string]>([
    ["a pile at an unknown station", fresh, addPile, operator, "station.unknown"],
    ["prices at an unknown station", fresh, put(tariffOf("tv_2")), operator, "station.unknown"],
    ["a station opened twice", opened, open(), operator, "station.exists"],
    ["a station by a viewer", fresh, open(), viewer, "auth.forbidden"],
    ["a station by a driver", fresh, open(), driver, "auth.forbidden"],
    ["a station of another scope", fresh, open(), elsewhere, "auth.forbidden"],
    ["a pile by finance", opened, addPile, finance, "auth.forbidden"],
    ["prices by a viewer", opened, put(tariffOf("tv_2")), viewer, "auth.forbidden"],
    ["a phone number by a viewer", opened, setPhone, viewer, "auth.forbidden"],
    ["a phone number of another scope", opened, setPhone, elsewhere, "auth.forbidden"],
    ["a phone number of an unknown station", fresh, setPhone, operator, "station.unknown"],
    ["prices of another scope", opened, put(tariffOf("tv_2")), elsewhere, "auth.forbidden"],
    [
      "an answer from outside",
      opened,
      { type: "PileAnswered", ref: {}, answer: { ok: true, body: 0 } },
      operator,
      "auth.forbidden",
    ],
    ["prices with a gap", opened, put(tariffOf("tv_2", 1, gap)), operator, "station.tariff-gap"],
    [
      "prices that overlap",
      opened,
      put(tariffOf("tv_2", 1, overlap)),
      operator,
      "station.tariff-overlap",
    ],
    [
      "a station in a zone that is none",
      fresh,
      open(tariffOf("tv_1", 1, { zone: "Asia/Atlantis" }), { zone: "Asia/Atlantis" }),
      operator,
      "station.zone-unknown",
    ],
    [
      "prices of another zone",
      opened,
      put(tariffOf("tv_2", 1, { zone: "Europe/Berlin" })),
      operator,
      "station.zone-unknown",
    ],
    [
      "an old version for other prices",
      reused,
      put(tariffOf("tv_1", 90_000)),
      operator,
      "station.version-used",
    ],
    ["one pile too many", full, addPile, operator, "station.full"],
  ])("%s", (_name, given, command, principal, code) => {
    expect(given().send(command, { principal }).refusal?.code).toBe(code);
  });
});

describe("prices reach the piles", () => {
  const tells = (step: Step) =>
    step.take().flatMap((effect) =>
      effect.do === "tell"
        ? [[effect.to.id, effect.type, (effect.body as { tariff: Tariff }).tariff.version]]
        : []
    );
  const answer = (step: Step, ok: boolean, version = "tv_1") =>
    step.send({
      type: "PileAnswered",
      ref: { pileId: "P100", version },
      answer: ok ? { ok, body: null } : { ok, refusal: { code: "pile.unknown", facts: {} } },
    }, { principal: system });

  test("when a pile is added, and when they change", () => {
    const step = opened();
    expect(step.send(addPile).ok).toBe(true);
    expect(tells(step)).toEqual([["P100", "SetTariff", "tv_1"]]);
    expect(step.send(addPile).events).toEqual([]);
    answer(step, true);
    step.send({ ...addPile, pileId: "P200" });
    step.take();
    step.send(put(tariffOf("tv_2")), { principal: finance });
    expect(tells(step)).toEqual([["P100", "SetTariff", "tv_2"], ["P200", "SetTariff", "tv_2"]]);
    expect(step.send(put(tariffOf("tv_2"))).events).toEqual([]);
    expect(step.read("show")).toMatchObject({
      body: { id: "stn_east1", piles: ["P100", "P200"], tariff: { version: "tv_2" } },
    });
  });

  test("again every half minute while a pile does not take them, twenty times", () => {
    const step = opened();
    step.send(addPile);
    answer(step, false);
    step.take();
    step.advance(30_000);
    expect(tells(step)).toEqual([["P100", "SetTariff", "tv_1"]]);
    for (let i = 0; i < 30; i++) {
      answer(step, false);
      step.advance(30_000);
    }
    expect(tells(step).length).toBe(18); // the 20th failure is the last word
    answer(step, true);
    expect([...step.timers.keys()]).toEqual([]);
    expect(answer(step, false).events).toEqual([]);
  });

  test("an answer about older prices says nothing of the new ones", () => {
    const step = opened();
    step.send(addPile);
    step.send(put(tariffOf("tv_2")));
    expect(answer(step, false, "tv_1").events).toEqual([]);
    expect(answer(step, true, "tv_2").events).toMatchObject([{ type: "TariffConfirmed" }]);
  });
});

test("reads of what is not there", () => {
  expect(fresh().read("show")).toMatchObject({ refused: { code: "station.unknown" } });
  expect(opened().read("map")).toMatchObject({ refused: { code: "request.not-found" } });
});

test("a new phone number reaches each pile with the prices that it has", () => {
  const step = opened();
  step.send(addPile);
  step.take();
  const set = step.send(setPhone);
  expect(set.events).toEqual([{ type: "StationPhoneSet", phone: "021-555", by: operator.id }]);
  expect(set.effects).toMatchObject([
    { type: "SetTariff", to: { id: "P100" }, body: { stationPhone: "021-555" } },
  ]);
  expect(step.send(setPhone).events).toEqual([]);
});

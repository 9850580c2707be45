// A station: every refusal has a row, and its prices reach every pile.
import { describe, expect, test } from "vitest";
import { stepper } from "../kit/stepper.ts";
import type { Principal } from "../../wire/envelope.ts";
import type { Tariff } from "../../wire/tariff.ts";
import { chargingSettings } from "../../wire/settings.ts";
import type { TariffChecked, TariffDesk } from "../../wire/tariff-desk.ts";
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
const draft = (tariff: Tariff) => ({ type: "DraftTariff", tariff });
const publish = (version: string, more = {}) => (
  { type: "PublishTariff", version, reason: "new prices", ...more }
);
/** Drafted and published, by whom it may be. */
function put(step: Step, tariff: Tariff, by = operator) {
  step.send(draft(tariff), { principal: by });
  return step.send(publish(tariff.version), { principal: by });
}

const fresh = () =>
  stepper(station, {
    id: "stn_east1",
    at: T0,
    settings: chargingSettings.parse({}),
    principal: operator,
  });
const opened = () => {
  const step = fresh();
  step.send(open());
  return step;
};
type Step = ReturnType<typeof fresh>;
const flat = tariffOf("tv_2").periods[0]!;
const dear = { periods: [{ ...flat, energyMilliFenPerKwh: 300_001 }] };
const double = { periods: [{ ...flat, energyMilliFenPerKwh: 180_000 }] };
const drop = (version: string) => ({ type: "DropTariffDraft", version });
const back = (ifRevision: number) => ({ type: "RollBackTariff", reason: "wrong", ifRevision });
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
    put(step, tariffOf("tv_2", 80_000));
    return step;
  };
  const drafted = (more: Partial<Tariff>) => () => {
    const step = opened();
    step.send(draft(tariffOf("tv_2", 70_000, more)));
    return step;
  };
  const fullDesk = () => {
    const step = opened();
    for (let n = 2; n < 7; n++) step.send(draft(tariffOf(`tv_${n}`)));
    return step;
  };
  test.each<[string, () => Step, { type: string } & Record<string, unknown>, Principal, string]>([
    ["a pile at an unknown station", fresh, addPile, operator, "station.unknown"],
    ["prices at an unknown station", fresh, draft(tariffOf("tv_2")), operator, "station.unknown"],
    ["a station opened twice", opened, open(), operator, "station.exists"],
    ["a station by a viewer", fresh, open(), viewer, "auth.forbidden"],
    ["a station by a driver", fresh, open(), driver, "auth.forbidden"],
    ["a station of another scope", fresh, open(), elsewhere, "auth.forbidden"],
    ["a pile by finance", opened, addPile, finance, "auth.forbidden"],
    ["a phone number by a viewer", opened, setPhone, viewer, "auth.forbidden"],
    ["a phone number of another scope", opened, setPhone, elsewhere, "auth.forbidden"],
    ["a phone number of an unknown station", fresh, setPhone, operator, "station.unknown"],
    ["a draft by a viewer", opened, draft(tariffOf("tv_2")), viewer, "auth.forbidden"],
    ["a draft of another scope", opened, draft(tariffOf("tv_2")), elsewhere, "auth.forbidden"],
    ["dropping by a viewer", opened, drop("tv_2"), viewer, "auth.forbidden"],
    ["publishing by a viewer", opened, publish("tv_2"), viewer, "auth.forbidden"],
    ["going back by a viewer", opened, back(0), viewer, "auth.forbidden"],
    [
      "an answer from outside",
      opened,
      { type: "PileAnswered", ref: {}, answer: { ok: true, body: 0 } },
      operator,
      "auth.forbidden",
    ],
    ["prices with a gap", drafted(gap), publish("tv_2"), operator, "station.tariff-gap"],
    ["prices that overlap", drafted(overlap), publish("tv_2"), operator, "station.tariff-overlap"],
    [
      "prices in another currency",
      drafted({ currency: "EUR" }),
      publish("tv_2"),
      operator,
      "station.tariff-currency",
    ],
    ["prices out of bounds", drafted(dear), publish("tv_2"), operator, "station.tariff-bounds"],
    [
      "prices that jump, without a second look",
      drafted(double),
      publish("tv_2"),
      operator,
      "station.tariff-unconfirmed",
    ],
    [
      "a second look at something else",
      drafted(double),
      publish("tv_2", { confirm: "price-jump 40/40/30/tv_1" }),
      operator,
      "station.tariff-unconfirmed",
    ],
    ["what was never drafted", opened, publish("tv_2"), operator, "station.draft-unknown"],
    [
      "publishing over somebody's change",
      drafted({}),
      publish("tv_2", { ifRevision: 0 }),
      operator,
      "station.tariffs-changed",
    ],
    ["one draft too many", fullDesk, draft(tariffOf("tv_9")), operator, "station.drafts-full"],
    ["going back to nothing", opened, back(0), operator, "station.no-earlier-tariff"],
    ["going back over a change", reused, back(0), operator, "station.tariffs-changed"],
    [
      "a station in a zone that is none",
      fresh,
      open(tariffOf("tv_1", 1, { zone: "Asia/Atlantis" }), { zone: "Asia/Atlantis" }),
      operator,
      "station.zone-unknown",
    ],
    [
      "prices of another zone",
      drafted({ zone: "Europe/Berlin" }),
      publish("tv_2"),
      operator,
      "station.zone-unknown",
    ],
    [
      "an old version for other prices",
      reused,
      draft(tariffOf("tv_1", 90_000)),
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
    put(step, tariffOf("tv_2"), finance);
    expect(tells(step)).toEqual([["P100", "SetTariff", "tv_2"], ["P200", "SetTariff", "tv_2"]]);
    expect(put(step, tariffOf("tv_2")).refusal?.code).toBe("station.draft-unknown");
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
    put(step, tariffOf("tv_2"));
    expect(answer(step, false, "tv_1").events).toEqual([]);
    expect(answer(step, true, "tv_2").events).toMatchObject([{ type: "TariffConfirmed" }]);
  });
});

describe("from draft to force and back", () => {
  const desk = (step: Step) => (step.read("tariffs") as { body: TariffDesk }).body;
  const versions = (step: Step) => {
    const { inForce, drafts, past, earlier, revision } = desk(step);
    const names = (list: { tariff: Tariff }[]) => list.map(({ tariff }) => tariff.version).join();
    return [inForce.tariff.version, names(drafts), names(past), earlier, revision];
  };

  test("a draft is kept with its faults, replaced, dropped", () => {
    const step = opened();
    step.send(draft(tariffOf("tv_2", 70_000, gap)));
    expect(versions(step)).toEqual(["tv_1", "tv_2", "", null, 1]);
    expect(step.send(draft(tariffOf("tv_2", 70_000, gap))).events).toEqual([]);
    step.send(draft(tariffOf("tv_2", 75_000)));
    expect(desk(step).drafts[0]?.tariff.periods[0]?.energyMilliFenPerKwh).toBe(75_000);
    step.send(drop("tv_2"));
    expect(versions(step)).toEqual(["tv_1", "", "", null, 3]);
    expect(step.send(drop("tv_2")).events).toEqual([]);
  });

  test("what the check asks to confirm is what lets it through", () => {
    const step = opened();
    step.send(draft(tariffOf("tv_2", 180_000)));
    const { body } = step.read("check", { version: "tv_2" }) as { body: TariffChecked };
    expect(body.findings).toEqual([{
      code: "price-jump",
      weight: "confirm",
      facts: { medianPct: 100, maxPct: 100, sharePct: 30, than: "tv_1" },
    }]);
    const more = { confirm: body.confirm, ifRevision: body.revision };
    expect(step.send(publish("tv_2", more)).ok).toBe(true);
    expect(versions(step)).toEqual(["tv_2", "", "tv_1", "tv_1", 2]);
  });

  test("going back once more goes one step further back, never to the mistake", () => {
    const step = opened();
    put(step, tariffOf("tv_2", 72_000));
    put(step, tariffOf("tv_3", 74_000));
    const at = () => desk(step).revision;
    expect(step.send(back(at())).ok).toBe(true);
    expect(versions(step).slice(0, 4)).toEqual(["tv_2", "", "tv_3,tv_1", "tv_1"]);
    expect(desk(step).past[0]?.undone).toBe(true);
    step.send(back(at()));
    expect(versions(step).slice(0, 4)).toEqual(["tv_1", "", "tv_2,tv_3", null]);
    expect(step.send(draft(tariffOf("tv_3", 99_000))).refusal?.code).toBe("station.version-used");
  });

  test("small steps do not add up unseen within a month", () => {
    const step = opened();
    put(step, tariffOf("tv_2", 90_000)); // 110 -> 130: 18 %
    step.advance(86_400_000);
    step.send(draft(tariffOf("tv_3", 115_000))); // 130 -> 155: 19 %, but 40 % since last month
    expect(step.send(publish("tv_3")).refusal?.code).toBe("station.tariff-unconfirmed");
    step.advance(31 * 86_400_000);
    expect(step.send(publish("tv_3")).ok).toBe(true);
  });
});

test("reads of what is not there", () => {
  expect(fresh().read("show")).toMatchObject({ refused: { code: "station.unknown" } });
  expect(opened().read("check", { version: "tv_7" }))
    .toMatchObject({ refused: { code: "station.draft-unknown" } });
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

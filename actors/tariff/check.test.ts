// What the checks find in a tariff before it is published: a row for each finding.
import { expect, test } from "vitest";
import { chargingSettings } from "../../wire/settings.ts";
import type { Tariff } from "../../wire/tariff.ts";
import { billUnder, checkTariff, confirmOf, type Ground } from "./mod.ts";

const limits = chargingSettings.parse({});
type Row = [from: number, to: number, energy: number, service?: number];
const tariffOf = (rows: readonly Row[], more: Partial<Tariff> = {}): Tariff => ({
  version: "tv_new",
  currency: "CNY",
  zone: "Asia/Shanghai",
  periods: rows.map(([fromMinute, toMinute, energy, service = 40_000]) => ({
    fromMinute,
    toMinute,
    kind: "flat",
    energyMilliFenPerKwh: energy,
    serviceMilliFenPerKwh: service,
  })),
  overstay: { graceMinutes: 15, fenPerMinute: 50, capFen: 5_000 },
  ...more,
});
const day: Row[] = [[0, 720, 60_000], [720, 1440, 80_000]];
const last = tariffOf(day, { version: "tv_old" });
const ground: Ground = {
  zone: "Asia/Shanghai",
  currency: "CNY",
  used: ["tv_old"],
  lastMonth: last,
};
const overstay = (fenPerMinute: number, capFen: number) => (
  { overstay: { graceMinutes: 15, fenPerMinute, capFen } }
);

test.each<[string, Tariff, string]>([
  ["sound", tariffOf(day), ""],
  ["two gaps", tariffOf([[60, 720, 60_000], [800, 1440, 80_000]]), "gap 0/60, gap 720/800"],
  ["an overlap", tariffOf([[0, 730, 60_000], [720, 1440, 80_000]]), "overlap 720/730"],
  [
    "a period inside another, and a gap behind it",
    tariffOf([[0, 700, 60_000], [100, 200, 60_000], [720, 1440, 60_000]]),
    "overlap 100/200, gap 700/720",
  ],
  [
    "a zone that is none",
    tariffOf(day, { zone: "Asia/Atlantis" }),
    "zone-unknown Asia/Atlantis, zone-other Asia/Atlantis/Asia/Shanghai",
  ],
  [
    "another zone",
    tariffOf(day, { zone: "Europe/Berlin" }),
    "zone-other Europe/Berlin/Asia/Shanghai",
  ],
  ["another currency", tariffOf(day, { currency: "EUR" }), "currency-other EUR/CNY"],
  ["a used version", tariffOf(day, { version: "tv_old" }), "version-used tv_old"],
  ["the dearest energy", tariffOf([[0, 720, 60_000], [720, 1440, 80_000]]), ""],
  [
    "a price with a digit too many",
    tariffOf([[0, 720, 600_000], [720, 1440, 80_000]]),
    "energy-price-high 0/720/600000/300000, price-jump 540/540/30/tv_old",
  ],
  [
    "a service price too high",
    tariffOf([[0, 720, 60_000], [720, 1440, 80_000, 200_001]]),
    "service-price-high 720/1440/200001/200000, price-jump 133/133/30/tv_old",
  ],
  [
    "fees too high",
    tariffOf(day, { fees: { sessionFen: 2_001, minimumFen: 2_000 }, ...overstay(201, 5_000) }),
    "fee-high session/2001/2000, fee-high overstay/2010/2000",
  ],
  ["an overstay cap below a minute", tariffOf(day, overstay(50, 49)), "overstay-odd 49/50"],
  ["free hours", tariffOf([[0, 60, 0, 0], [60, 720, 60_000], [720, 1440, 80_000]]), "free 60"],
  ["30 % dearer", tariffOf([[0, 720, 90_000], [720, 1440, 116_000]]), ""],
  [
    "31 % dearer",
    tariffOf([[0, 720, 91_000], [720, 1440, 117_300]]),
    "price-jump 31/31/30/tv_old",
  ],
  [
    "a third cheaper",
    tariffOf([[0, 720, 20_000], [720, 1440, 40_000]]),
    "price-jump 40/40/30/tv_old",
  ],
  [
    "dearer for less than half a day",
    tariffOf([[0, 719, 120_000], [719, 720, 60_000], day[1]!]),
    "",
  ],
])("%s", (_name, tariff, expected) => {
  const found = checkTariff(tariff, ground, limits);
  expect(found.map(({ code, facts }) => `${code} ${Object.values(facts).join("/")}`).join(", "))
    .toBe(expected);
});

test("a second look names what it looked at; where nothing asks for one there is none", () => {
  const wrong = checkTariff(tariffOf(day, overstay(50, 49)), ground, limits);
  expect(confirmOf(wrong)).toBeNull();
  const jump = checkTariff(tariffOf([[0, 720, 91_000], [720, 1440, 117_300]]), ground, limits);
  expect(confirmOf(jump)).toBe("price-jump 31/31/30/tv_old");
});

test("a past charge is cut anew at the hours of another tariff", () => {
  const noon = Date.parse("2026-03-02T12:00:00+08:00");
  const charge = {
    segments: [{
      fromAt: noon - 3_600_000,
      toAt: noon + 3_600_000,
      kind: "valley" as const,
      energyMilliFenPerKwh: 1,
      serviceMilliFenPerKwh: 1,
      wh: 20_000,
      source: "pile" as const,
    }],
    startRegisterWh: 0,
    stopRegisterWh: 20_000,
    startAt: noon - 3_600_000,
    stopAt: noon + 3_600_000,
  };
  // 10 kWh at 0.60, 10 kWh at 0.80, 20 kWh at 0.40
  expect(billUnder(charge, last)).toMatchObject({ totalFen: 2_200, energyFen: 1_400 });
});
